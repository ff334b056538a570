"""Posts CloudEvents to the functions host: in order for each trigger, bounded, every failure on stderr.

Writers never wait for it. As in production, Realtime Database triggers of Python are not retried.
Knows nothing of what sets an event off.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec

from emulators.database.triggers import Trigger

MAX_WAITING = 1_000  # events of one trigger; a function that is this far behind will not catch up
MAX_EVENT_BYTES = 512 * 1024  # the limit of the service that carries events to second generation functions
TIMEOUT_S = 540  # the longest an event function may run
CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"


class Delivery:
    """The way to the functions host; without one there is nothing to register triggers for."""

    def __init__(self, functions: str, warn: Callable[[str], None]) -> None:
        self._origin = f"http://{functions}"
        self._warn = warn
        self._queues: dict[tuple[str, str, str], asyncio.Queue[tuple[Trigger, bytes]]] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    def send(self, trigger: Trigger, event: dict[str, Any]) -> None:
        """Queue one event. Returns at once."""
        body = msgspec.json.encode(event)
        if len(body) > MAX_EVENT_BYTES:
            self._warn(f"event for {trigger.key} dropped: {len(body)} bytes, and the service carries {MAX_EVENT_BYTES}")
            return
        queue = self._queues.get(trigger.identity)
        if queue is None:
            queue = self._queues[trigger.identity] = asyncio.Queue(MAX_WAITING)
            self._workers.append(asyncio.create_task(self._work(queue)))
        try:
            queue.put_nowait((trigger, body))
        except asyncio.QueueFull:
            self._warn(f"event for {trigger.key} dropped: {MAX_WAITING} are waiting for it already")

    async def drained(self) -> None:
        """Return when all queued events have been answered."""
        for queue in list(self._queues.values()):
            await queue.join()

    async def close(self) -> None:
        """Stop at once; what is queued is lost, as when the machine is switched off."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def _work(self, queue: asyncio.Queue[tuple[Trigger, bytes]]) -> None:
        while True:
            trigger, body = await queue.get()
            try:
                await self._post(trigger, body)
            except (aiohttp.ClientError, TimeoutError) as error:
                self._warn(f"event for {trigger.key} not delivered to {self._origin}: {error or type(error).__name__}")
            finally:
                queue.task_done()

    async def _post(self, trigger: Trigger, body: bytes) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT_S), trust_env=False)
        url = f"{self._origin}/functions/projects/{trigger.project}/triggers/{trigger.key}"
        async with self._session.post(url, data=body, headers={"Content-Type": CONTENT_TYPE}) as response:
            if response.status >= 300:
                self._warn(f"event for {trigger.key}: the function answered {response.status}")
