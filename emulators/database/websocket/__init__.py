"""The WebSocket protocol of the client SDKs, version 5.

frames, hashes, wire_query, farewell   the protocol's parts, each pure
session       one client: what it asks and what it is told
connection    its socket; all clients of the server
long_polling  the refusal of the browsers' other transport
"""

from emulators.database.websocket.connection import Clients
from emulators.database.websocket.long_polling import refusal_script

__all__ = ["Clients", "refusal_script"]
