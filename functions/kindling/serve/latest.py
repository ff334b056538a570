"""One read of the database for all who wait for the same thing at the same time, and never an older one.

A request may use what was read by another only if that read began after the request came. So whoever finds a read going
on waits for the next, which the first of the waiting makes for all of them: under load a read serves many requests, and
none sees data older than itself. Each thread is woken once: a waking costs more than anything else here.

Knows nothing of what is read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


def _closed() -> threading.Lock:
    """A door that its opener releases and its waiter acquires."""
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True)
class _Read(Generic[T]):
    """One read. The first of `waiting` makes it when it may begin; its value or its error is for all of them."""

    waiting: list[threading.Lock] = field(default_factory=list)
    value: T | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Queue(Generic[T]):
    """The read going on, and the one after it where somebody waits for one."""

    next: _Read[T] | None = None


@dataclass(slots=True)
class Latest(Generic[T]):
    """Shared reads by name. Safe to share between threads; keeps nothing when nobody waits."""

    _queues: dict[str, _Queue[T]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, name: str, read: Callable[[], T]) -> T:
        """What `read` gives, made by this thread or by another one from now on; raises what it raises."""
        door = None
        with self._lock:
            queue = self._queues.get(name)
            if queue is None:  # nobody reads: this thread does, at once
                queue = self._queues[name] = _Queue()
                mine, leads = _Read[T](), True
            else:
                mine, leads = (queue.next, False) if queue.next else (_Read[T](), True)
                queue.next = mine
                door = _closed()
                mine.waiting.append(door)
        if door is not None:
            door.acquire()
        if leads:
            self._make(mine, name, queue, read)
        if mine.error is not None:
            raise mine.error
        return mine.value  # type: ignore[return-value]  # a read that is done without an error has its value

    def _make(self, mine: _Read[T], name: str, queue: _Queue[T], read: Callable[[], T]) -> None:
        try:
            mine.value = read()
        except BaseException as error:  # noqa: BLE001 - it is raised in every thread that waits, this one too
            mine.error = error
        finally:
            with self._lock:
                following, queue.next = queue.next, None
                if following is None:
                    del self._queues[name]
            if following is not None:
                following.waiting.pop(0).release()  # it leads the next read
            for door in mine.waiting:
                door.release()
