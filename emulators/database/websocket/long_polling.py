"""The refusal of the JavaScript client's other transport.

Facts: a browser starts with long polling where a socket failed before: it loads the script `/.lp?start=t&cb=N`, which
may call `pLPCommandN` and `pRTLPCBN` of the window around it. A plain error would leave the client silently trying
for ever. A script that starts the transport and sends the control message `s` makes it warn its user and stop.

Pure; knows no socket.
"""

from __future__ import annotations

import json
import re

REASON = (
    "This database emulator does not serve long polling. Call forceWebSockets() of firebase/database before the"
    " database is used; to try again reload the page."
)


def refusal_script(callback: str) -> str:
    """The script that stops the client whose callback identifier this is."""
    number = callback if re.fullmatch(r"[0-9]{0,20}", callback) else ""
    shutdown = json.dumps([{"t": "c", "d": {"t": "s", "d": REASON}}])
    return (
        "(function (page) {"
        f"page.pLPCommand{number}('start', 'refused', 'refused');"
        f"page.pRTLPCB{number}(0, {shutdown});"
        "})(window.parent);\n"
    )
