"""One queue at work: sends what is due, as fast and as often as the function's options allow.

Decides nothing about storage: it is told of tasks and tells what became of them. The time comes from outside.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec

from emulators import retry
from emulators.clock.time_source import Time
from emulators.functions.manifest import Endpoint
from emulators.tasks.task import Task, attempt_headers, retry_after_s
from emulators.terminal import say

# What Firebase gives a queue without a word on rates (read in its CLI).
MAX_CONCURRENT = 1000
MAX_PER_SECOND = 500.0
BUSY = frozenset({429, 503})  # answers whose Retry-After counts

Post = Callable[[Endpoint, dict[str, str], bytes, float], Awaitable[tuple[int, Mapping[str, str]]]]


@dataclass(frozen=True)
class Outcomes:
    """Who is told of a task's fate."""

    again: Callable[[Task], None]  # it failed; as it is kept from now on
    gone: Callable[[Task], None]  # it succeeded, or was given up


class Dispatcher:
    """Sends the tasks of one queue to its function."""

    def __init__(self, endpoint: Endpoint, post: Post, time: Time, outcomes: Outcomes) -> None:
        rates: Mapping[str, Any] = endpoint.trigger.get("rateLimits") or {}
        self._endpoint = endpoint
        self._policy = retry.of_queue(endpoint.trigger.get("retryConfig"))
        self._slots = asyncio.Semaphore(int(rates.get("maxConcurrentDispatches") or MAX_CONCURRENT))
        self._spacing_s = 1.0 / float(rates.get("maxDispatchesPerSecond") or MAX_PER_SECOND)
        self._post = post
        self._time = time
        self._outcomes = outcomes
        self._waiting: dict[str, Task] = {}
        self._by_due: list[tuple[float, str]] = []
        self._changed = asyncio.Event()
        self._not_before = 0.0
        self._attempts: set[asyncio.Task[None]] = set()
        self._loop = asyncio.create_task(self._run())

    def add(self, task: Task) -> None:
        """Sends the task when it is due."""
        self._waiting[task.id] = task
        heapq.heappush(self._by_due, (task.due, task.id))
        self._changed.set()

    def discard(self, task_id: str) -> None:
        """Sends the task no more."""
        self._waiting.pop(task_id, None)

    async def stop(self) -> None:
        """Sends nothing more; attempts under way are dropped, and made again when the task is next added."""
        running = [self._loop, *self._attempts]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    @property
    def running(self) -> int:
        """How many attempts are under way."""
        return len(self._attempts)

    async def _run(self) -> None:
        while True:
            await self._slots.acquire()
            task = await self._next_due()
            await self._time.until(datetime.fromtimestamp(self._not_before, UTC))
            self._not_before = self._now() + self._spacing_s
            attempt = asyncio.create_task(self._attempt(task))
            self._attempts.add(attempt)
            attempt.add_done_callback(self._ended)

    def _ended(self, attempt: asyncio.Task[None]) -> None:
        self._attempts.discard(attempt)
        self._slots.release()
        if not attempt.cancelled() and (failure := attempt.exception()):
            say(f"the queue {self._endpoint.name} lost an attempt: {failure!r}")

    async def _next_due(self) -> Task:
        """Waits for the next task that is due, and takes it."""
        while True:
            while self._by_due and not self._is_current(*self._by_due[0]):
                heapq.heappop(self._by_due)
            if self._by_due and self._by_due[0][0] <= self._now():
                return self._waiting.pop(heapq.heappop(self._by_due)[1])
            self._changed.clear()
            await self._change_or(self._by_due[0][0] if self._by_due else None)

    def _is_current(self, due: float, task_id: str) -> bool:
        task = self._waiting.get(task_id)
        return task is not None and task.due == due

    async def _change_or(self, due: float | None) -> None:
        waits: list[asyncio.Task[object]] = [asyncio.create_task(self._changed.wait())]
        if due is not None:
            waits.append(asyncio.create_task(self._time.until(datetime.fromtimestamp(due, UTC))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _attempt(self, task: Task) -> None:
        started = self._now()
        status, wait_s = await self._send(task)
        if status is not None and 200 <= status < 300:
            self._outcomes.gone(task)
            return
        first = started if task.first is None else task.first
        failures = task.failures + 1
        if self._policy.is_over(failures, self._now() - first):
            say(f"the task {task.id} of {self._endpoint.name} failed {failures} times and is given up")
            self._outcomes.gone(task)
            return
        self._outcomes.again(
            msgspec.structs.replace(
                task,
                due=self._now() + max(self._policy.backoff_s(failures), wait_s),
                failures=failures,
                responses=task.responses + (status is not None),
                first=first,
                previous=status,
            )
        )

    async def _send(self, task: Task) -> tuple[int | None, float]:
        """The status of an attempt, None without an answer; and how long the function asks to wait."""
        timeout_s = min(task.deadline_s, self._endpoint.timeout_s)
        try:
            status, headers = await self._post(self._endpoint, attempt_headers(task), task.body, timeout_s)
        except (TimeoutError, aiohttp.ClientError):
            return None, 0.0
        return status, retry_after_s(headers) if status in BUSY else 0.0

    def _now(self) -> float:
        return self._time.now().timestamp()
