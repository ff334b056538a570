"""A Realtime Database emulator: REST, streams, rules, triggers and the clients' WebSocket, in one process.

Pure modules (`keys tree overlay json_form ordering query indexes push_ids server_values journal events triggers`) know
no file, socket or clock. `database` joins them into one namespace; `storage` keeps it on disk; `server` and its
neighbours speak HTTP.
"""
