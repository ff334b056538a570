"""The task queues under a time turned by hand: what is sent when, how often, how fast, and what survives."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from emulators import web_server
from emulators.functions.manifest import Endpoint
from emulators.listening import address_of, listen
from emulators.tasks import journal, task
from emulators.tasks.dispatch import Dispatcher, Outcomes
from emulators.tasks.server import TaskQueues
from emulators.tasks.task import Refused, Task
from tests.emulators.manual_time import START, ManualTime, settle

NOW = START.timestamp()


def a_task(task_id: str = "t", due_s: float = 0, **more: Any) -> Task:
    return Task("us-central1/work", task_id, b"body", {"Content-Type": "application/json"}, NOW + due_s, 600, **more)


class Queue:
    """A dispatcher with the function and the store played by the test."""

    def __init__(self, time: ManualTime, answers: Mapping[str, list[Any]], **trigger: Any) -> None:
        self.sent: list[tuple[str, float]] = []
        self.headers: list[dict[str, str]] = []
        self.gone: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._time = time
        self._answers = answers
        endpoint = Endpoint("work", "us-central1", "queue", trigger, 60)
        self.dispatcher = Dispatcher(endpoint, self._post, time, Outcomes(again=self._again, gone=self._gone))

    async def _post(
        self, _endpoint: Endpoint, headers: dict[str, str], _body: bytes, _timeout_s: float
    ) -> tuple[int, Mapping[str, str]]:
        name = headers["X-CloudTasks-TaskName"]
        self.sent.append((name, round(self._time.now().timestamp() - NOW, 3)))
        self.headers.append(headers)
        await self.gate.wait()
        answers = self._answers.get(name) or [200]
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, tuple) else (answer, {})

    def _again(self, again: Task) -> None:
        self.dispatcher.add(again)

    def _gone(self, gone: Task) -> None:
        self.gone.append(gone.id)


def with_queue(
    test: Callable[[Queue, ManualTime], Awaitable[None]], answers: Mapping[str, list[Any]], **trigger: Any
) -> None:
    async def run() -> None:
        time = ManualTime()
        queue = Queue(time, answers, **trigger)
        try:
            await test(queue, time)
        finally:
            await queue.dispatcher.stop()

    asyncio.run(run())


def test_spec_a_task_is_sent_when_it_is_due() -> None:
    async def test(queue: Queue, time: ManualTime) -> None:
        for each in (a_task("late", 60), a_task("soon", 5), a_task("now")):
            queue.dispatcher.add(each)
        await time.pass_s(100)
        assert (queue.sent, queue.gone) == ([("now", 0), ("soon", 5), ("late", 60)], ["now", "soon", "late"])

    with_queue(test, {})


def test_spec_a_failed_task_is_tried_again_as_configured_and_given_up() -> None:
    async def test(queue: Queue, time: ManualTime) -> None:
        queue.dispatcher.add(a_task())
        await time.pass_s(1000)
        assert (queue.sent, queue.gone) == ([("t", 0), ("t", 10), ("t", 30)], ["t"])

    with_queue(test, {"t": [500, TimeoutError(), 500]}, retryConfig={"maxAttempts": 3, "minBackoffSeconds": 10})


def test_spec_an_attempt_is_told_of_those_before_it() -> None:
    async def test(queue: Queue, time: ManualTime) -> None:
        queue.dispatcher.add(a_task())
        await time.pass_s(1000)
        assert queue.headers[0] == {
            "Content-Type": "application/json",
            "User-Agent": "Google-Cloud-Tasks",
            "X-CloudTasks-QueueName": "work",
            "X-CloudTasks-TaskName": "t",
            "X-CloudTasks-TaskRetryCount": "0",
            "X-CloudTasks-TaskExecutionCount": "0",
            "X-CloudTasks-TaskETA": f"{NOW:.6f}",
        }
        counts = [
            (
                h["X-CloudTasks-TaskRetryCount"],
                h["X-CloudTasks-TaskExecutionCount"],
                h.get("X-CloudTasks-TaskPreviousResponse"),
            )
            for h in queue.headers
        ]
        assert counts == [("0", "0", None), ("1", "1", "500"), ("2", "1", None)]

    with_queue(test, {"t": [500, TimeoutError(), 200]}, retryConfig={"maxAttempts": 3})


def test_spec_a_busy_function_may_ask_for_a_longer_wait() -> None:
    async def test(queue: Queue, time: ManualTime) -> None:
        queue.dispatcher.add(a_task())
        await time.pass_s(100)
        assert queue.sent == [("t", 0), ("t", 30)]

    with_queue(test, {"t": [(503, {"Retry-After": "30"}), 200]}, retryConfig={"maxAttempts": 3, "minBackoffSeconds": 1})


def test_spec_no_more_run_at_once_than_allowed() -> None:
    async def test(queue: Queue, time: ManualTime) -> None:
        queue.gate.clear()
        for name in "abc":
            queue.dispatcher.add(a_task(name))
        await time.pass_s(1)
        before = [name for name, _ in queue.sent]
        queue.gate.set()
        await time.pass_s(1)
        assert (before, [name for name, _ in queue.sent]) == (["a", "b"], ["a", "b", "c"])

    with_queue(test, {}, rateLimits={"maxConcurrentDispatches": 2})


def test_spec_no_more_start_a_second_than_allowed() -> None:
    async def test(queue: Queue, time: ManualTime) -> None:
        for name in "abc":
            queue.dispatcher.add(a_task(name))
        await time.pass_s(10)
        assert queue.sent == [("a", 0), ("b", 0.5), ("c", 1.0)]

    with_queue(test, {}, rateLimits={"maxDispatchesPerSecond": 2})


def test_spec_a_discarded_task_is_not_sent() -> None:
    async def test(queue: Queue, time: ManualTime) -> None:
        queue.dispatcher.add(a_task("x", 10))
        queue.dispatcher.add(a_task("y", 20))
        await settle()
        queue.dispatcher.discard("x")
        await time.pass_s(100)
        assert queue.sent == [("y", 20)]

    with_queue(test, {})


def request(**fields: Any) -> bytes:
    http = {
        "url": "",
        "body": base64.b64encode(b"hi").decode(),
        "headers": {"A": "1", "Host": "x", "X-CloudTasks-Y": "z"},
    }
    return json.dumps({"task": {"httpRequest": {**http, **fields.pop("http", {})}, **fields}}).encode()


def test_spec_a_task_is_read_as_the_admin_sdk_sends_it() -> None:
    body = request(
        name="projects/p/locations/us-central1/queues/work/tasks/id-1",
        scheduleTime="2026-11-22T12:04:00.500000Z",
        dispatchDeadline="30s",
        http={"oidcToken": {"serviceAccountEmail": "a@b"}},
    )
    assert task.read(body, "us-central1/work", NOW, "made-up") == Task(
        "us-central1/work", "id-1", b"hi", {"A": "1"}, NOW + 60.5, 30
    )


REFUSED = {
    "no JSON": (b"{", "cannot be read"),
    "no task": (b"{}", "missing required field `task`"),
    "an unknown field": (request(appEngineHttpRequest={}), "unknown field `appEngineHttpRequest`"),
    "a body that is not base64": (request(http={"body": "%%"}), "cannot be read"),
    "a URL of its own": (request(http={"url": "http://169.254.169.254/"}), "url of its own"),
    "another method": (request(http={"httpMethod": "GET"}), "is a POST"),
    "a name that is none": (request(name="x"), "a task's name is projects/"),
    "a time too far ahead": (request(scheduleTime="2027-11-22T12:00:00Z"), "30 days ahead"),
    "a deadline too short": (request(dispatchDeadline="1s"), "15s to 1800s"),
    "a task too large": (request(http={"body": base64.b64encode(bytes(task.TASK_BYTES + 1)).decode()}), "larger than"),
}


@pytest.mark.parametrize(("body", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_ours_what_is_not_done_is_refused(body: bytes, complaint: str) -> None:
    with pytest.raises(Refused, match=complaint) as refused:
        task.read(body, "us-central1/work", NOW, "id")
    assert refused.value.status == "INVALID_ARGUMENT"


def test_ours_a_task_that_comes_while_its_queue_is_renewed_is_kept_and_sent(tmp_path: Path) -> None:
    async def test() -> None:
        time, may_end, sent = ManualTime(), asyncio.Event(), []

        async def post(
            endpoint: Endpoint, headers: dict[str, str], _body: bytes, _timeout_s: float
        ) -> tuple[int, Mapping[str, str]]:
            sent.append((endpoint.timeout_s, headers["X-CloudTasks-TaskName"]))
            if len(sent) == 1:
                try:
                    await asyncio.Event().wait()
                finally:
                    await may_end.wait()
            return 200, {}

        queues = TaskQueues("p", tmp_path / "tasks.jsonl", post, time)
        listener = listen("127.0.0.1", 0, "no option")
        place = "projects/p/locations/us-central1/queues/work/tasks"
        url = f"{address_of(listener).origin}/{place}"
        runner = await web_server.serve(listener, queues.handle)
        async with aiohttp.ClientSession(headers={"Authorization": "Bearer owner"}) as client:

            async def create(name: str) -> int:
                async with client.post(url, data=request(name=f"{place}/{name}")) as answer:
                    return answer.status

            await queues.set([Endpoint("work", "us-central1", "queue", {}, 60)])
            statuses = [await create("before")]
            await settle()
            renewal = asyncio.create_task(queues.set([Endpoint("work", "us-central1", "queue", {}, 90)]))
            await settle()
            statuses.append(await create("meanwhile"))
            may_end.set()
            await renewal
            await time.pass_s(1)
        await queues.stop()
        await runner.cleanup()
        assert (statuses, sent) == ([200, 200], [(60, "before"), (90, "before"), (90, "meanwhile")])

    asyncio.run(test())


def test_spec_the_journal_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    first = journal.Journal(file, NOW)
    for name in "abc":
        first.keep(a_task(name))
    first.remove(("us-central1/work", "b"), NOW)
    first.keep(a_task("c", failures=1, previous=500))
    second = journal.Journal(file, NOW)  # the first was never closed: as after a kill
    assert list(second.tasks.values()) == [a_task("a"), a_task("c", failures=1, previous=500)]
    first.close()
    second.close()


def test_spec_a_name_stays_taken_for_an_hour_and_no_longer(tmp_path: Path) -> None:
    kept = journal.Journal(tmp_path / "tasks.jsonl", NOW)
    kept.keep(a_task())
    kept.remove(a_task().key, NOW)
    kept.close()
    again = journal.Journal(tmp_path / "tasks.jsonl", NOW + 10)
    assert (again.is_taken(a_task().key, NOW + 3599), again.is_taken(a_task().key, NOW + 3601)) == (True, False)
    again.close()


def test_ours_a_record_that_was_cut_off_is_dropped_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tasks.jsonl"
    kept = journal.Journal(file, NOW)
    kept.keep(a_task("a"))
    kept.keep(a_task("b"))
    kept.close()
    file.write_bytes(file.read_bytes()[:-10])
    again = journal.Journal(file, NOW)
    again.keep(a_task("c"))
    again.close()
    last = journal.Journal(file, NOW)
    assert [key for _, key in last.tasks] == ["a", "c"]
    last.close()
    assert "was cut off and never acknowledged" in capsys.readouterr().err


def test_ours_the_file_is_written_anew_before_it_grows_without_end(tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    kept = journal.Journal(file, NOW)
    for number in range(journal.COMPACT_AFTER + 10):
        kept.keep(a_task(failures=number))
    kept.remove(a_task().key, NOW)
    kept.close()
    assert len(file.read_bytes().splitlines()) == 2


def test_ours_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text('{"type":"header","format":99}\n')
    with pytest.raises(ValueError, match="written by a newer version"):
        journal.Journal(file, NOW)
