"""What one query may read of the database, and the reader that counts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values import dumps

if TYPE_CHECKING:
    from ..store import Record, Store
    from .ranges import Stretch

READ_MAX = 3_000  # documents one pass may read: three of the biggest pages, 3 MB of documents of 1 KB
READ_MAX_BYTES = 8 * 2**20  # as JSON; as Python objects five to eight times as much, of 256 MB
CHUNK_MAX = 500  # documents one read brings, so that big documents are noticed before they fill the memory


class TooMuch(Exception):
    """Reading on would pass the bound of documents or bytes."""


def weight(record: Record) -> int:
    """The bytes of a record's document as JSON."""
    return len(dumps(record.document))


@dataclass(slots=True)
class Reader:
    """The reads of one pass over a collection: the first brings `chunk` records, later ones up to twice as many.

    Raises TooMuch where there is more than one pass may read.
    """

    store: Store
    collection: str
    chunk: int = CHUNK_MAX
    read: int = 0
    size: int = 0

    def slot(self, slot: str, stretch: Stretch, *, descending: bool = False) -> list[Record]:
        """The next records of `stretch`, at most `chunk`."""
        return self._count(
            self.store.by_slot(
                self.collection, slot, start=stretch.start, end=stretch.end, limit=self.chunk, descending=descending
            )
        )

    def ids(self, after: str | None, *, descending: bool = False) -> list[Record]:
        """The next records behind the id `after`, at most `chunk`."""
        return self._count(self.store.records(self.collection, after=after, limit=self.chunk, descending=descending))

    def _count(self, records: list[Record]) -> list[Record]:
        self.read += len(records)
        self.size += sum(map(weight, records))
        if self.read > READ_MAX or self.size > READ_MAX_BYTES:
            raise TooMuch
        self.chunk = min(max(self.chunk, CHUNK_MAX), 2 * self.chunk)
        return records


def by_id(reader: Reader, after: str | None = None, *, descending: bool = False) -> Iterator[Record]:
    """The records behind the id `after`, in the order of their ids, gone ones included."""
    while True:
        wanted = reader.chunk
        batch = reader.ids(after, descending=descending)
        yield from batch
        if len(batch) < wanted:
            return
        after = batch[-1].id
