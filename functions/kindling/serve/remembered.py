"""Answers kept in this instance, so that the same question about the same version costs no work. Bounded in bytes.

Knows nothing of what a version is: the key says it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from msgspec.structs import replace

from .answer import Answer
from .made import Made

MAX_BYTES = 8 * 2**20  # of all answers together, uncompressed; what is made of them adds a fifth
ONE_MAX_BYTES = 2**20  # a bigger one would push too many others out


class Remembered:
    """The answers of one process, the least recently used dropped first. Safe to share between threads."""

    def __init__(self, limit_bytes: int = MAX_BYTES) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Answer | None:
        """The answer kept under `key`, None where there is none."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: Hashable, answer: Answer) -> Answer:
        """Keeps `answer` under `key`, unless it is too big; returns it as it is kept."""
        if len(answer.body) > ONE_MAX_BYTES:
            return answer
        answer = replace(answer, made=Made(answer.body))
        with self._lock:
            before = self._kept.pop(key, None)
            self._size += len(answer.body) - (len(before.body) if before else 0)
            self._kept[key] = answer
            while self._size > self._limit:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped.body)
        return answer
