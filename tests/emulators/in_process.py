"""A database served in the test's own process, so that its limits can be made small and its clock be held."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from emulators.database.namespaces import Namespaces
from emulators.database.server import Server
from tests.emulators.database_server import OWNER, TIMEOUT_S


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[tuple[aiohttp.ClientSession, str, Namespaces]]:
    """The owner's session with a new server, the server's URL, and its databases; the default one is `test`."""
    namespaces = Namespaces(None, send=lambda trigger, event: None, warn=print)
    runner = web.AppRunner(Server(namespaces, "test", **options).app(), handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with aiohttp.ClientSession(headers=OWNER) as session:
            yield session, f"http://{host}:{port}", namespaces
    finally:
        await runner.cleanup()
        namespaces.close()


def within(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it, and fail if it hangs."""
    asyncio.run(asyncio.wait_for(work(), TIMEOUT_S))
