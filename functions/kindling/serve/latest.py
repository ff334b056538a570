"""One read of the database for all who wait for the same thing at the same time, and never an older one.

A request may use what was read for another only if that read began after the request came. Whoever comes while no read
is under way begins one, and may work until it needs the answer; whoever comes during a read works first, and by then
somebody else has mostly begun the next one, whose answer will do. So under load a read serves many requests, and none
sees data older than itself.

Knows nothing of what is read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
NAMES_MAX = 64  # remembered reads, each with what it read; a name is anything that a stranger asks for


class _Read(Generic[T]):
    """One read: whoever first needs its answer waits for it, and has it for all."""

    __slots__ = ("_ask", "_error", "_lock", "_value", "_wait", "done")

    def __init__(self, ask: Callable[[], Callable[[], T]]) -> None:
        self.done = False
        self._ask = ask
        self._wait: Callable[[], T] | None = None
        self._value: T | None = None
        self._error: BaseException | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Asks, unless somebody did."""
        with self._lock:
            self._begin()

    def _begin(self) -> None:
        if self._wait is None and not self.done:
            try:
                self._wait = self._ask()
            except BaseException as error:  # noqa: BLE001 - raised in every thread that needs the answer
                self.done, self._error = True, error

    def answer(self) -> T:
        """What was read; raises what reading raised."""
        self.settle()
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # a read that is done without an error has its value

    def settle(self) -> None:
        """Returns when it is done."""
        with self._lock:
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
            begins = last is None or last.done
            if begins:
                mine = self._new(name, ask)
        if begins:
            mine.begin()
            return mine.answer
        return lambda: self._after(last, name, ask).answer()

    def _after(self, last: _Read[T] | None, name: str, ask: Callable[[], Callable[[], T]]) -> _Read[T]:
        """A read that began after `last` did."""
        if last is not None:
            last.settle()
        with self._lock:
            now = self._last.get(name)
            return self._new(name, ask) if now is None or now is last else now

    def _new(self, name: str, ask: Callable[[], Callable[[], T]]) -> _Read[T]:
        if len(self._last) >= NAMES_MAX:
            self._last.clear()
        made = self._last[name] = _Read(ask)
        return made
