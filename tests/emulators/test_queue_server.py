"""The task queues over HTTP: the bounds to what waits; the rest is tried with the admin SDK on a running suite."""

import asyncio
import base64
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from emulators import web_server
from emulators.functions.manifest import Endpoint
from emulators.listening import address_of, listen
from emulators.tasks import server
from tests.emulators.database_server import OWNER
from tests.emulators.manual_time import ManualTime

WORK = Endpoint("work", "us-central1", "queue", {}, 60)
LATER = {"httpRequest": {"body": base64.b64encode(b"hi").decode()}, "scheduleTime": "2026-11-22T12:04:00Z"}


async def done(_endpoint: Endpoint, _headers: dict[str, str], _body: bytes, _s: float) -> tuple[int, Mapping[str, str]]:
    """The function: it does every task at once."""
    return 200, {}


@pytest.mark.parametrize(("limit", "most"), [("MAX_TASKS", 2), ("MAX_BYTES", 4)], ids=["in number", "in bytes"])
def test_ours_the_tasks_that_wait_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(server, limit, most)

    async def work() -> None:
        time = ManualTime()
        queues = server.TaskQueues("p", tmp_path / "tasks.jsonl", done, time)
        listener = listen("127.0.0.1", 0, "no option")
        url = f"{address_of(listener).origin}/projects/p/locations/us-central1/queues/work/tasks"
        runner = await web_server.serve(listener, queues.handle)
        await queues.set([WORK])
        async with aiohttp.ClientSession(headers=OWNER) as client:

            async def create() -> int:
                async with client.post(url, json={"task": LATER}) as answer:
                    return answer.status

            assert [await create() for _ in range(3)] == [200, 200, 429]
            await time.pass_s(60)
            assert await create() == 200
        await queues.stop()
        await runner.cleanup()

    asyncio.run(work())
