"""What one query may read of the database, and the reader that counts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import TooBig

if TYPE_CHECKING:
    from ..store import Record, Store
    from ..store.records import Records
    from .ranges import Stretch

READ_MAX = 3_000  # documents one pass may read: three of the biggest pages, 3 MB of documents of 1 KB
READ_MAX_BYTES = 8 * 2**20  # of JSON, as it comes; as Python objects five to eight times as much, of 256 MB
CHUNK_MAX = 500  # documents one read brings, so that big documents are noticed before they fill the memory
CHUNK_MIN = 3  # the cursor's own, one more, and one that tells that others follow
CHUNK_STEP = 8  # so many times fewer are asked for where an answer was too big to be taken


class TooMuch(Exception):
    """Reading on would pass the bound of documents or bytes."""


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
    last: tuple[int, int] = (0, 0)  # what the last read added to `read` and to `size`

    def slot(self, slot: str, stretch: Stretch, *, descending: bool = False) -> Sequence[Record]:
        """The next records of `stretch`, at most `chunk`."""
        start, end = stretch.start, stretch.end
        return self._read(
            lambda chunk: self.store.by_slot(
                self.collection, slot, start=start, end=end, limit=chunk, descending=descending
            )
        )

    def ids(self, after: str | None, *, descending: bool = False) -> Sequence[Record]:
        """The next records behind the id `after`, at most `chunk`."""
        return self._read(
            lambda chunk: self.store.records(self.collection, after=after, limit=chunk, descending=descending)
        )

    def take_back(self) -> None:
        """The last read was in vain: its records will be read again, in the other direction, and count then."""
        self.read -= self.last[0]
        self.size -= self.last[1]

    def _read(self, ask: Callable[[int], Records]) -> Sequence[Record]:
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

    def _counted(self, records: Records) -> Sequence[Record]:
        """As many of `records` as this pass may still read, the one that passes its bounds included; at least two, so
        that it comes forward."""
        each = max(1, records.size // max(1, len(records)))
        most = max(2, min(READ_MAX - self.read, (READ_MAX_BYTES - self.size) // each) + 1)
        self.more |= len(records) >= most
        taken = records[:most]
        self.last = len(taken), len(taken) * each
        self.read += self.last[0]
        self.size += self.last[1]
        fit = self.read * (READ_MAX_BYTES - self.size) // max(1, self.size) + 1  # as many as these were big
        self.chunk = max(CHUNK_MIN, min(max(self.chunk, CHUNK_MAX), 2 * self.chunk, fit))
        return taken


def by_id(reader: Reader, after: str | None = None, *, descending: bool = False) -> Iterator[Record]:
    """The records behind the id `after`, in the order of their ids, gone ones included."""
    while True:
        batch = reader.ids(after, descending=descending)
        more = reader.more
        yield from batch
        if not more:
            return
        after = batch[-1].id
