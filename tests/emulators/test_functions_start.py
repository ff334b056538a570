"""What is answered while the functions start, and what is said of a process that ended by itself."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from emulators import project, web_server
from emulators.children import how_it_ended
from emulators.functions.front import Front
from emulators.functions.pool import Pool
from emulators.hosting.server import HostingServer
from emulators.hosting.site import Site
from emulators.listening import address_of, listen
from tests.emulators.in_process import within
from tests.running_suite import FIXTURE


async def asked(handler: web_server.Handler, path: str) -> tuple[int, str | None, str]:
    """Status, Retry-After and text of the answer of a server with that handler."""
    listener = listen("127.0.0.1", 0, "no option")
    runner = await web_server.serve(listener, handler)
    try:
        url = f"{address_of(listener).origin}{path}"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status, answer.headers.get("Retry-After"), await answer.text()
    finally:
        await runner.cleanup()


def test_ours_a_function_that_is_asked_before_the_functions_are_there_is_503_at_both_ports() -> None:
    async def work() -> None:
        config = project.load(FIXTURE)
        assert config.hosting is not None
        front = Front("demo-fixture", Pool(Path("nowhere"), dict, 1))
        pages = HostingServer(Site(FIXTURE, config.hosting), front, "127.0.0.1:1", "demo-fixture")
        ports = ((pages.handle, "/echo"), (front.handle, "/demo-fixture/us-central1/echo"), (front.handle, "/backends"))
        told = [await asked(handler, path) for handler, path in ports]
        assert told == [(503, "1", "the functions are still starting: ask again in a moment\n")] * 3

    within(work)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(-9, "was killed (signal 9): start serve again, the data is kept", id="by a signal"),
        pytest.param(3, "ended with exit code 3: see its message above", id="by itself"),
        pytest.param(0, "ended with exit code 0: see its message above", id="as if it were done"),
    ],
)
def test_ours_how_a_process_ended_is_told_with_what_helps(code: int, said: str) -> None:
    assert how_it_ended(code) == said
