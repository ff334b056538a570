"""Values that this process wrote a moment ago, with their ETags: what a conditional write may begin with unread.

A run takes its lease and its hosts, and gives them back: nearly always nobody else wrote them in between, and the
database itself refuses the write where somebody did. Knows nothing of the database.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

KEPT_S = 120.0  # as long as a lease and a hold last; a later run may be on another instance, and then asks in vain
KEPT_MAX = 256  # values: a lease and a few hosts for each of the few runs of a process; what is lost is read again


@dataclass(frozen=True, slots=True)
class Seen:
    """A value as it was read or written, and the ETag that tells whether it still is so."""

    value: Any
    etag: str


class Recent:
    """The values by path. Safe to share between threads."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[float, Seen]] = OrderedDict()

    def take(self, path: str) -> Seen | None:
        """What was written at `path` a moment ago, once; None if nothing was."""
        with self._lock:
            until_s, seen = self._kept.pop(path, (0.0, None))
        return seen if self._now_s() < until_s else None

    def keep(self, path: str, seen: Seen) -> None:
        """Remembers what was written."""
        with self._lock:
            self._kept[path] = (self._now_s() + KEPT_S, seen)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
