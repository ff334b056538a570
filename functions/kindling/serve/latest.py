"""One read of the database for all who wait for the same thing at the same time, and never an older one.

A request may use what was read by another only if that read began after the request came. So whoever finds a read going
on waits for the next, which one of the waiting makes for all of them: under load a read serves many requests, and none
sees data older than itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Read(Generic[T]):
    """One read: who makes it is decided when it may begin; its value or its error is for all who wait."""

    begun: bool = False
    done: bool = False
    value: T | None = None
    error: Exception | None = None


@dataclass(slots=True)
class _Queue(Generic[T]):
    """The read going on and the one after it."""

    running: _Read[T] | None = None
    next: _Read[T] | None = None
    waiting: int = 0


@dataclass(slots=True)
class Latest(Generic[T]):
    """Shared reads by name. Safe to share between threads; keeps nothing when nobody waits."""

    _queues: dict[str, _Queue[T]] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def get(self, name: str, read: Callable[[], T]) -> T:
        """What `read` gives, made by this thread or by another one from now on; raises what it raises."""
        with self._changed:
            queue = self._queues.setdefault(name, _Queue())
            queue.waiting += 1
            mine = queue.next = queue.next or _Read()
            while not mine.begun and queue.running is not None:
                self._changed.wait()
            leads = not mine.begun
            if leads:
                mine.begun, queue.running, queue.next = True, mine, None
        if leads:
            self._make(mine, queue, read)
        with self._changed:
            while not mine.done:
                self._changed.wait()
            queue.waiting -= 1
            if not queue.waiting:
                self._queues.pop(name, None)
        if mine.error is not None:
            raise mine.error
        return mine.value  # type: ignore[return-value]  # a read that is done without an error has its value

    def _make(self, mine: _Read[T], queue: _Queue[T], read: Callable[[], T]) -> None:
        try:
            mine.value = read()
        except Exception as error:  # noqa: BLE001 - it is raised in every thread that waits
            mine.error = error
        with self._changed:
            mine.done, queue.running = True, None
            self._changed.notify_all()
