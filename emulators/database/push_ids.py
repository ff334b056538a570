"""Push ids: keys that sort by the time they were made. Pure: the clock and the dice come in as arguments.

Facts: eight characters of millisecond timestamp, then twelve random ones; within the same millisecond the random part
counts up, so that ids keep the order in which they were made.
"""

from __future__ import annotations

from collections.abc import Callable

ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
TIME_CHARACTERS = 8
RANDOM_CHARACTERS = 12
_BITS = 6  # of one character of the alphabet
_RANDOM_RANGE = 1 << _BITS * RANDOM_CHARACTERS


class PushIds:
    """Makes push ids, each greater than the one before."""

    def __init__(self, random_below: Callable[[int], int]) -> None:
        self._random_below = random_below
        self._last_ms = -1
        self._suffix = 0

    def make(self, now_ms: int) -> str:
        """The next id at this time; a clock that went back is held at the last time used."""
        if now_ms > self._last_ms:
            self._last_ms = now_ms
            self._suffix = self._random_below(_RANDOM_RANGE)
        else:
            self._suffix += 1
            if self._suffix == _RANDOM_RANGE:
                self._last_ms += 1
                self._suffix = 0
        return _encode(self._last_ms, TIME_CHARACTERS) + _encode(self._suffix, RANDOM_CHARACTERS)


def _encode(number: int, width: int) -> str:
    return "".join(ALPHABET[number >> _BITS * place & 63] for place in reversed(range(width)))
