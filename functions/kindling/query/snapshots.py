"""Small collections read whole and kept in this instance, by version: a commit raises the version, so none is stale.

What is kept is bounded in bytes, because an instance of 256 MB answers up to 80 requests at once.

Knows nothing of what is asked of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .reading import CHUNK_MAX, READ_MAX, Reader, TooMuch, by_id
from .table import Table

if TYPE_CHECKING:
    from ..store import Collection, Store

CACHE_MAX_BYTES = 12 * 2**20  # of all snapshots together, as JSON; one may pass it alone
FIRST_CHUNK_MAX = 1_000  # a collection of that many documents of usual size is one read


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All records of a collection at one version, gone ones included, in the order of their ids.

    `stamp` is the version and its time: an import may bring a version number back, but hardly both.
    """

    stamp: tuple[int, int]
    table: Table
    size: int


def fits(collection: Collection) -> bool:
    """Whether a collection has few enough records to be kept whole."""
    return collection.kept <= READ_MAX


class Snapshots:
    """The snapshots of one process. Safe to share between threads; two that miss at once may both read."""

    def __init__(self, limit_bytes: int = CACHE_MAX_BYTES) -> None:
        self._limit = limit_bytes
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, store: Store, collection: Collection) -> Snapshot | None:
        """All records of `collection`; None where they are more than one query may read."""
        if not fits(collection):
            return None
        stamp = (collection.version, collection.updated_ms)
        with self._lock:
            kept = self._kept.get(collection.name)
            if kept and kept.stamp == stamp:
                self._kept.move_to_end(collection.name)
                return kept
        reader = Reader(store, collection.name, min(max(collection.kept + 1, CHUNK_MAX), FIRST_CHUNK_MAX))
        try:
            snapshot = Snapshot(stamp, Table(tuple(by_id(reader))), reader.size)
        except TooMuch:
            return None
        self._keep(collection.name, snapshot)
        return snapshot

    def _keep(self, name: str, snapshot: Snapshot) -> None:
        with self._lock:
            self._kept[name] = snapshot
            self._kept.move_to_end(name)
            while len(self._kept) > 1 and sum(one.size for one in self._kept.values()) > self._limit:
                self._kept.popitem(last=False)
