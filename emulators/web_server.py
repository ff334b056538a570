"""An aiohttp server on a socket that is already open, with one handler for every path.

Knows nothing of what is answered.
"""

import socket
from collections.abc import Awaitable, Callable

from aiohttp import web

from emulators.proxy import HEADER_BYTES

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CLOSE_S = 0.3  # how long open connections may finish at the stop of the suite, which has 2 s in all


async def serve(listener: socket.socket, handler: Handler) -> web.AppRunner:
    """Serves until the runner's `cleanup`."""
    app = web.Application()
    app.router.add_route("*", r"/{path:[\s\S]*}", handler)
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=CLOSE_S,
        max_line_size=HEADER_BYTES,
        max_field_size=HEADER_BYTES,
        auto_decompress=False,
    )
    await runner.setup()
    await web.SockSite(runner, listener).start()
    return runner
