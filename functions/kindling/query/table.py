"""Records that are asked again and again, with what was worked out of them once: orders, and items as they are written.

Both are bounded by the records themselves: ORDERS_MAX orders of pointers, and each item once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import order

if TYPE_CHECKING:
    from ..store.records import Record
    from .order import SortKey

ORDERS_MAX = 8  # as many as a collection has indexes; of 3,000 records 24 KB each


class Table:
    """All `records` that a question may be about, in the order of their ids. Safe to share between threads.

    `written` keeps items as JSON by id, for whoever writes them whole.
    """

    __slots__ = ("_orders", "records", "written")

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.written: dict[str, bytes] = {}
        self._orders: dict[tuple[SortKey, ...], Sequence[Record]] = {}

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
