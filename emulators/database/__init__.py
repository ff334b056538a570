"""A Realtime Database emulator: REST, streams, rules, triggers and the clients' WebSocket, in one process.

    keys, tree, overlay, sizes    the data, and how it would be after some writes
    json_form, server_values, push_ids, journal   what is written: as JSON, filled in by the server, as bytes
    query, indexes, listeners, triggers   who is answered and who is told
    rules, tokens                 who may
    database                      joins all these into one namespace
    storage, compaction           the namespace on disk
    namespaces, wall_clock        all databases of one server, and its time
    params, rest, settings        a request read and answered
    server, streams, websocket, delivery   what goes over the wire

All above `storage` know no file, socket or clock.
"""
