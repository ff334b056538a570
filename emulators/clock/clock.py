"""The clock: posts to each scheduled function when its time comes, and again as its retries say.

Knows nothing of where functions are: it is given `post`. Facts relied on: Cloud Scheduler names the job and the time it
was due in headers; it starts no second attempt of a job that still runs.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp

from emulators import retry
from emulators.clock import schedules
from emulators.clock.time_source import Time
from emulators.functions.manifest import Endpoint
from emulators.terminal import say

USER_AGENT = "Google-Cloud-Scheduler"


Post = Callable[[Endpoint, dict[str, str]], Awaitable[tuple[int, object]]]  # the status, and what goes with it


@dataclass(frozen=True)
class Job:
    """A scheduled function."""

    endpoint: Endpoint
    schedule: schedules.Schedule


class Clock:
    """Fires the jobs it was last given."""

    def __init__(self, post: Post, time: Time) -> None:
        self._post = post
        self._time = time
        self._loops: dict[str, asyncio.Task[None]] = {}
        self._jobs: dict[str, Job] = {}

    def set(self, endpoints: Iterable[Endpoint]) -> None:
        """Makes these the scheduled functions; one that is as it was keeps its time and its running attempt."""
        jobs = {job.endpoint.name: job for endpoint in endpoints if (job := _job(endpoint)) is not None}
        for name, loop in list(self._loops.items()):
            if name not in jobs or jobs[name].endpoint != self._jobs[name].endpoint:
                loop.cancel()
                del self._loops[name]
        self._jobs = jobs
        for name in jobs.keys() - self._loops.keys():
            loop = self._loops[name] = asyncio.create_task(self._keep(jobs[name]))
            loop.add_done_callback(functools.partial(self._ended, name))

    async def stop(self) -> None:
        """Fires no more."""
        loops = list(self._loops.values())
        self._loops.clear()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)

    async def fire(self, endpoint: Endpoint, due: datetime) -> None:
        """Runs one due job to its end, with retries; a failure is said."""
        policy = retry.of_schedule(endpoint.trigger.get("retryConfig"))
        first = self._time.now()
        failures = 0
        while True:
            if await self._attempt(endpoint, due):
                return
            failures += 1
            if policy.is_over(failures, (self._time.now() - first).total_seconds()):
                say(f"the schedule {endpoint.name} failed {failures} times and is given up until its next time")
                return
            await self._time.until(self._time.now() + timedelta(seconds=policy.backoff_s(failures)))

    async def _keep(self, job: Job) -> None:
        after = self._time.now()
        while True:
            due = job.schedule.next_fire(after)
            await self._time.until(due)
            await self.fire(job.endpoint, due)
            # Times that passed while it ran are skipped, as Cloud Scheduler does.
            after = max(due, self._time.now())

    def _ended(self, name: str, loop: asyncio.Task[None]) -> None:
        if not loop.cancelled() and (failure := loop.exception()):
            say(f"the schedule {name} fires no more until the functions change: {failure!r}")
            if self._loops.get(name) is loop:
                del self._loops[name]

    async def _attempt(self, endpoint: Endpoint, due: datetime) -> bool:
        headers = {
            "User-Agent": USER_AGENT,
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": f"firebase-schedule-{endpoint.name}-{endpoint.region}",
            "X-CloudScheduler-ScheduleTime": due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        try:
            status, _ = await self._post(endpoint, headers)
        except (TimeoutError, aiohttp.ClientError) as failure:
            say(f"the schedule {endpoint.name} gave no answer ({type(failure).__name__})")
            return False
        if not 200 <= status < 300:
            say(f"the schedule {endpoint.name} answered {status}")
            return False
        return True


def _job(endpoint: Endpoint) -> Job | None:
    try:
        schedule = schedules.parse(str(endpoint.trigger.get("schedule")), endpoint.trigger.get("timeZone"))
    except schedules.ScheduleError as error:
        say(f"the function {endpoint.name} will not fire: {error}")
        return None
    return Job(endpoint, schedule)
