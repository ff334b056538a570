"""What one query may read of the database, and the reader that counts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import TooBig
from ..values import packed

if TYPE_CHECKING:
    from ..store import Record, Store
    from .ranges import Stretch

READ_MAX = 3_000  # documents one pass may read: three of the biggest pages, 3 MB of documents of 1 KB
READ_MAX_BYTES = 8 * 2**20  # as JSON; as Python objects five to eight times as much, of 256 MB
CHUNK_MAX = 500  # documents one read brings, so that big documents are noticed before they fill the memory
CHUNK_MIN = 3  # the cursor's own, one more, and one that tells that others follow
CHUNK_STEP = 8  # so many times fewer are asked for where an answer was too big to be taken


class TooMuch(Exception):
    """Reading on would pass the bound of documents or bytes."""


def weight(records: Sequence[Record]) -> int:
    """The bytes of the records' documents as JSON; of many at once it costs a third of one by one."""
    return len(packed([record.document for record in records]))


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
    more: bool = True  # whether there may be records behind those of the last read

    def slot(self, slot: str, stretch: Stretch, *, descending: bool = False) -> list[Record]:
        """The next records of `stretch`, at most `chunk`."""
        start, end = stretch.start, stretch.end
        return self._read(
            lambda chunk: self.store.by_slot(
                self.collection, slot, start=start, end=end, limit=chunk, descending=descending
            )
        )

    def ids(self, after: str | None, *, descending: bool = False) -> list[Record]:
        """The next records behind the id `after`, at most `chunk`."""
        return self._read(
            lambda chunk: self.store.records(self.collection, after=after, limit=chunk, descending=descending)
        )

    def take_back(self, records: Sequence[Record]) -> None:
        """These were read in vain: they will be read again, in the other direction, and count then."""
        self.read -= len(records)
        self.size -= weight(records)

    def _read(self, ask: Callable[[int], list[Record]]) -> list[Record]:
        if self.read >= READ_MAX or self.size >= READ_MAX_BYTES:
            raise TooMuch
        while True:
            try:
                records = ask(self.chunk)
            except TooBig:
                if self.chunk == CHUNK_MIN:
                    raise TooMuch from None
                self.chunk = max(CHUNK_MIN, self.chunk // CHUNK_STEP)
            else:
                self.more = len(records) >= self.chunk
                return self._counted(records)

    def _counted(self, records: list[Record]) -> list[Record]:
        """As many of `records` as this pass may still read; at least two, so that it comes forward."""
        size = weight(records)
        if self.read + len(records) <= READ_MAX and self.size + size <= READ_MAX_BYTES:
            self.read += len(records)
            self.size += size
        else:
            for place, record in enumerate(records):
                self.read += 1
                self.size += weight([record])
                if place and (self.read > READ_MAX or self.size > READ_MAX_BYTES):
                    self.more = True
                    return records[: place + 1]
        fit = self.read * (READ_MAX_BYTES - self.size) // max(1, self.size) + 1  # as many as these were big
        self.chunk = max(CHUNK_MIN, min(max(self.chunk, CHUNK_MAX), 2 * self.chunk, fit))
        return records


def by_id(reader: Reader, after: str | None = None, *, descending: bool = False) -> Iterator[Record]:
    """The records behind the id `after`, in the order of their ids, gone ones included."""
    while True:
        batch = reader.ids(after, descending=descending)
        more = reader.more
        yield from batch
        if not more:
            return
        after = batch[-1].id
