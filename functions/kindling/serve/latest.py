"""One read of the database for all who wait for the same thing at the same time, and never an older one.

A request may use what was read for another only if that read began after the request came. Whoever comes while no read
is under way begins one, and may work until it needs the answer. All who come during a read share the next, which the
first of them who needs it begins when the other is done. So under load a read serves many requests, each of which
waits once, and none sees data older than itself.

Knows nothing of what is read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
NAMES_MAX = 64  # remembered reads, each with what it read; a name is anything that a stranger asks for


class _Read(Generic[T]):
    """One read, which begins when the one before it is done: whoever first needs its answer waits for it, for all."""

    __slots__ = ("_ask", "_before", "_error", "_lock", "_value", "_wait", "begun", "done")

    def __init__(self, ask: Callable[[], Callable[[], T]], before: _Read[T] | None) -> None:
        self.begun = False
        self.done = False
        self._ask = ask
        self._before = before
        self._wait: Callable[[], T] | None = None
        self._value: T | None = None
        self._error: BaseException | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Asks, unless somebody did."""
        with self._lock:
            self._begin()

    def _begin(self) -> None:
        if not self.begun:
            self.begun = True  # before it asks: whoever comes from now on may not use it
            try:
                self._wait = self._ask()
            except BaseException as error:  # noqa: BLE001 - raised in every thread that needs the answer
                self.done, self._error = True, error

    def answer(self) -> T:
        """What was read; raises what reading raised."""
        self._settle()
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # a read that is done without an error has its value

    def _settle(self) -> None:
        with self._lock:
            if self._before is not None:
                self._before._settle()
                self._before = None
            self._begin()
            if not self.done:
                try:
                    self._value = self._wait()  # type: ignore[misc]  # asked, as it is not done
                except BaseException as error:  # noqa: BLE001 - as above
                    self._error = error
                self.done = True


class Latest(Generic[T]):
    """Shared reads by name. Safe to share between threads."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._last: dict[str, _Read[T]] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, ask: Callable[[], Callable[[], T]]) -> Callable[[], T]:
        """What is to be called for the answer of a read that begins from now on; raises what reading raises.

        `ask` begins a read, and what it gives is called for the answer.
        """
        with self._lock:
            last = self._last.get(name)
            if last is not None and not last.begun:
                return last.answer
            if len(self._last) >= NAMES_MAX:
                self._last.clear()
            under_way = last is not None and not last.done
            mine = self._last[name] = _Read(ask, last if under_way else None)
        if not under_way:
            mine.begin()
        return mine.answer
