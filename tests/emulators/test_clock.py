"""The clock under a time turned by hand: what fires when, how often, with what headers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from emulators.clock.clock import Clock
from emulators.functions.manifest import Endpoint
from tests.emulators.manual_time import ManualTime


def scheduled(schedule: str, name: str = "tick", **retry: int) -> Endpoint:
    return Endpoint(name, "us-central1", "schedule", {"schedule": schedule, "retryConfig": retry}, 60)


class Function:
    """Stands at the seam where the clock posts to functions."""

    def __init__(self, time: ManualTime, answers: list[int | Exception] | None = None) -> None:
        self._time = time
        self._answers = answers or []
        self.calls: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}
        self.gate = asyncio.Event()
        self.gate.set()

    async def post(self, endpoint: Endpoint, headers: dict[str, str]) -> tuple[int, object]:
        self.calls.append((endpoint.name, self._time.now().strftime("%H:%M:%S")))
        self.headers = headers
        await self.gate.wait()
        answer = self._answers.pop(0) if self._answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer, None

    @property
    def times(self) -> list[str]:
        return [at for _, at in self.calls]


def with_clock(test: Callable[[Clock, Function, ManualTime], Awaitable[None]], *answers: Any) -> None:
    async def run() -> None:
        time = ManualTime()
        function = Function(time, list(answers))
        clock = Clock(function.post, time)
        try:
            await test(clock, function, time)
        finally:
            await clock.stop()

    asyncio.run(run())


def test_spec_a_schedule_of_five_minutes_fires_every_five_minutes() -> None:
    async def test(clock: Clock, function: Function, time: ManualTime) -> None:
        clock.set([scheduled("every 5 minutes")])
        await time.pass_s(20 * 60)
        assert function.times == ["12:05:00", "12:10:00", "12:15:00", "12:20:00"]

    with_clock(test)


def test_spec_the_function_is_told_the_job_and_the_time_it_was_due() -> None:
    async def test(clock: Clock, function: Function, time: ManualTime) -> None:
        clock.set([scheduled("every 5 minutes")])
        await time.pass_s(120)
        assert function.headers == {
            "User-Agent": "Google-Cloud-Scheduler",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": "firebase-schedule-tick-us-central1",
            "X-CloudScheduler-ScheduleTime": "2026-11-22T12:05:00Z",
        }

    with_clock(test)


def test_spec_a_failure_is_not_repeated_unless_it_is_asked_for() -> None:
    async def test(clock: Clock, function: Function, time: ManualTime) -> None:
        clock.set([scheduled("every 5 minutes")])
        await time.pass_s(10 * 60)
        assert function.times == ["12:05:00", "12:10:00"]

    with_clock(test, 500, 500)


def test_spec_a_failure_is_repeated_as_configured() -> None:
    async def test(clock: Clock, function: Function, time: ManualTime) -> None:
        clock.set([scheduled("every 1 hours", retryCount=3, minBackoffSeconds=10, maxDoublings=1)])
        await time.pass_s(3600)
        assert function.times == ["13:00:00", "13:00:10", "13:00:30", "13:01:10"]

    with_clock(test, 500, TimeoutError(), aiohttp.ClientConnectionError(), 500)


def test_spec_a_run_that_outlasts_its_next_time_is_not_doubled() -> None:
    async def test(clock: Clock, function: Function, time: ManualTime) -> None:
        function.gate.clear()
        clock.set([scheduled("every 5 minutes")])
        await time.pass_s(11 * 60)
        function.gate.set()
        await time.pass_s(60)
        assert function.times == ["12:05:00", "12:15:00"]

    with_clock(test)


def test_ours_a_change_of_the_functions_keeps_the_schedules_that_stay() -> None:
    async def test(clock: Clock, function: Function, time: ManualTime) -> None:
        clock.set([scheduled("every 10 minutes", "stays"), scheduled("every 10 minutes", "goes")])
        await time.pass_s(60)
        clock.set([scheduled("every 10 minutes", "stays"), scheduled("every 5 minutes", "comes")])
        await time.pass_s(6 * 60)
        assert sorted(function.calls) == [("comes", "12:05:00"), ("comes", "12:10:00"), ("stays", "12:10:00")]

    with_clock(test)


def test_ours_a_schedule_that_breaks_is_told_and_fires_again_when_the_functions_are_set_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def test(clock: Clock, function: Function, time: ManualTime) -> None:
        clock.set([scheduled("every 5 minutes")])
        await time.pass_s(10 * 60)
        assert function.times == ["12:05:00"]
        clock.set([scheduled("every 5 minutes")])
        await time.pass_s(5 * 60)
        assert function.times == ["12:05:00", "12:15:00"]

    with_clock(test, ZeroDivisionError("a mistake"))
    told = "suite: the schedule tick fires no more until the functions change: ZeroDivisionError('a mistake')\n"
    assert capsys.readouterr().err == told


def test_ours_a_schedule_that_cannot_be_read_is_told_and_the_others_fire(capsys: pytest.CaptureFixture[str]) -> None:
    async def test(clock: Clock, function: Function, time: ManualTime) -> None:
        clock.set([scheduled("whenever", "lost"), scheduled("every 5 minutes")])
        await time.pass_s(120)
        assert function.calls == [("tick", "12:05:00")]

    with_clock(test)
    assert "suite: the function lost will not fire: schedule 'whenever' cannot be read" in capsys.readouterr().err
