"""Records that are asked again and again, with what was worked out of them once: orders, groups, items as written.

All are bounded by the records themselves: ORDERS_MAX orders of pointers, GROUPINGS_MAX groupings, and each item once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import order

if TYPE_CHECKING:
    from ..store.records import Record
    from .order import SortKey

ORDERS_MAX = 8  # as many as a collection has indexes; of 3,000 records 24 KB each
GROUPINGS_MAX = 4  # of 3,000 records up to 300 KB each, where every record is a group


class Table:
    """All `records` that a question may be about, in the order of their ids. Safe to share between threads.

    `written` keeps items as JSON by id, for whoever writes them whole.
    """

    __slots__ = ("_groupings", "_orders", "records", "written")

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.written: dict[str, bytes] = {}
        self._orders: dict[tuple[SortKey, ...], Sequence[Record]] = {}
        self._groupings: dict[tuple[tuple[SortKey, ...], str], dict[str, list[Record]]] = {}

    def arranged(self, sort: tuple[SortKey, ...]) -> Sequence[Record]:
        """The records in the order of `sort`."""
        if not sort:
            return self.records
        found = self._orders.get(sort)
        if found is None:
            if len(self._orders) >= ORDERS_MAX:
                self._orders.clear()
            found = self._orders[sort] = order.arrange(self.records, sort)
        return found

    def holding(self, sort: tuple[SortKey, ...], name: str, text: str) -> Sequence[Record]:
        """Those of `arranged(sort)` whose field `name`, at the top of the document, is `text`."""
        found = self._groupings.get((sort, name))
        if found is None:
            if len(self._groupings) >= GROUPINGS_MAX:
                self._groupings.clear()
            found = self._groupings[sort, name] = self._grouped(sort, name)
        return found.get(text, ())

    def _grouped(self, sort: tuple[SortKey, ...], name: str) -> dict[str, list[Record]]:
        groups: dict[str, list[Record]] = {}
        for record in self.arranged(sort):
            value = record.document.get(name)
            if isinstance(value, str):
                groups.setdefault(value, []).append(record)
        return groups
