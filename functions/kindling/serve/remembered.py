"""Answers kept in this instance, so that the same question about the same version costs no work. Bounded in bytes.

Most questions are asked once. What is cheap to answer is kept only when it is asked again: otherwise it would push out
what comes again, and be given new memory each time. Knows nothing of what a version is: the key says it.
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
ASKED_MAX = 4_096  # questions of which only that they were asked is remembered, 100 bytes each


class Remembered:
    """The answers of one process, the least recently used dropped first. Safe to share between threads."""

    def __init__(self, limit_bytes: int = MAX_BYTES) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._asked: OrderedDict[int, None] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Answer | None:
        """The answer kept under `key`, None where there is none."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: Hashable, answer: Answer, *, cheap: bool = False) -> Answer:
        """Keeps `answer` under `key`, unless it is too big, or `cheap` and asked for the first time; returns it."""
        if len(answer.body) > ONE_MAX_BYTES or (cheap and self._first(hash(key))):
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

    def _first(self, question: int) -> bool:
        """Whether a question was not asked before, as far as is remembered; another one with its hash will do."""
        with self._lock:
            if question in self._asked:
                return False
            self._asked[question] = None
            if len(self._asked) > ASKED_MAX:
                self._asked.popitem(last=False)
            return True
