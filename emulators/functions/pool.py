"""The workers that serve the functions now, and their renewal without a lost request.

Several workers take requests in turn. A renewal starts the new ones first; the old ones finish what they have and are
then ended. Knows nothing of routes.
"""

import asyncio
import contextlib
import itertools
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from emulators import proxy
from emulators.children import Child, how_it_ended
from emulators.errors import MachineError, ManifestError
from emulators.functions import manifest
from emulators.listening import Address, address_of, listen
from emulators.terminal import say

LOAD_S = 60  # main.py that has not loaded by then hangs; Firebase's own discovery gives it 10 s
DRAIN_S = 70  # a renewed worker's requests may finish: a little over Hosting's 60 s
STOP_S = 0.8  # at the end of the suite, which must stop within 2 s


class Worker:
    """One running process of the functions."""

    def __init__(self, child: Child, address: Address, document: Mapping[str, Any]) -> None:
        self.child = child
        self.address = address
        self.manifest = manifest.read(document)
        self.client = proxy.session()
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._relay = asyncio.create_task(child.relay())

    @classmethod
    async def start(cls, folder: Path, env: Mapping[str, str]) -> "Worker":
        """Starts a worker and waits until it serves; ManifestError when main.py does not load."""
        listener = listen("127.0.0.1", 0, "no option")
        reading, writing = os.pipe()
        with open(reading, encoding="utf-8") as report:
            try:
                child = await Child.start(
                    "functions worker",
                    "emulators.functions.worker",
                    [f"--functions={folder}", f"--listener={listener.fileno()}", f"--report={writing}"],
                    env=env,
                    pass_fds=(listener.fileno(), writing),
                )
            finally:
                os.close(writing)
                address = address_of(listener)
                listener.close()
            try:
                text = await asyncio.wait_for(asyncio.to_thread(report.read), LOAD_S)
                if not text:
                    raise ManifestError(f"{folder / 'main.py'} did not load: mend the error above")
                return cls(child, address, json.loads(text))
            except BaseException as failure:
                await child.stop(0)
                if isinstance(failure, TimeoutError):
                    raise ManifestError(f"{folder / 'main.py'} was still loading after {LOAD_S} s") from failure
                raise

    @contextlib.asynccontextmanager
    async def request(self) -> AsyncIterator["Worker"]:
        """Counts one request in flight."""
        self._in_flight += 1
        self._idle.clear()
        try:
            yield self
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def retire(self) -> None:
        """Ends the worker when it has nothing in flight, or after `DRAIN_S`."""
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), DRAIN_S)
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Ends the worker now; requests in flight have `STOP_S`."""
        await self.client.close()
        await self.child.stop(STOP_S)
        await self._relay


class Pool:
    """`size` workers of one functions folder; each request goes to the next."""

    def __init__(self, folder: Path, environment: Callable[[], Mapping[str, str]], size: int) -> None:
        self._folder = folder
        self._environment = environment
        self._size = size
        self._workers: tuple[Worker, ...] = ()
        self._turn = itertools.count()
        self._retiring: set[asyncio.Task[None]] = set()
        self._renewed = asyncio.Event()

    @property
    def manifest(self) -> manifest.Manifest:
        """What the workers serve now."""
        return self._workers[0].manifest if self._workers else manifest.Manifest({})

    @property
    def starting(self) -> bool:
        """Whether the first workers are not there yet."""
        return not self._workers

    async def renew(self) -> None:
        """Puts new workers in place of those there are; when the new do not start, the old stay and it raises."""
        env = self._environment()
        started = await asyncio.gather(
            *(Worker.start(self._folder, env) for _ in range(self._size)), return_exceptions=True
        )
        workers = tuple(worker for worker in started if isinstance(worker, Worker))
        failures = [failure for failure in started if isinstance(failure, BaseException)]
        if failures:
            await asyncio.gather(*(worker.stop() for worker in workers))
            raise failures[0]
        old, self._workers = self._workers, workers
        self._renewed.set()
        for worker in old:
            retiring = asyncio.create_task(worker.retire())
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)

    def next(self) -> Worker | None:
        """The worker whose turn it is; None before there is any."""
        if not self._workers:
            return None
        return self._workers[next(self._turn) % len(self._workers)]

    async def guard(self) -> None:
        """Waits for ever; MachineError when a worker that serves ends by itself."""
        while True:
            guarded = {asyncio.create_task(worker.child.process.wait()): worker for worker in self._workers}
            renewed = asyncio.create_task(self._renewed.wait())
            try:
                await asyncio.wait([renewed, *guarded], return_when=asyncio.FIRST_COMPLETED)
                for task, worker in guarded.items():
                    if task.done() and worker in self._workers:
                        raise MachineError(f"a functions worker {how_it_ended(task.result())}")
                self._renewed.clear()
            finally:
                for task in (renewed, *guarded):
                    task.cancel()

    async def stop(self) -> None:
        """Ends every worker."""
        workers, self._workers = self._workers, ()
        for retiring in tuple(self._retiring):
            retiring.cancel()
        results = await asyncio.gather(*(worker.stop() for worker in workers), *self._retiring, return_exceptions=True)
        for failure in results:
            if isinstance(failure, Exception):
                say(f"a functions worker did not stop: {failure}")
