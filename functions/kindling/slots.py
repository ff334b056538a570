"""Index slots: values as texts that sort as the values do, made unique by the record's id. Pure.

The order law is here and in no second place: what memory sorts and what the database sorts by a slot is the same order.
"""

from __future__ import annotations

import math
import struct
from typing import Any

SLOT_TEXT_BYTES = 256  # what a slot holds of a text: longer ones order by their first 256 bytes, then by id
SLOT_GONE = "9"  # the slots of records gone from their page sort behind all others


def slot_prefix(value: Any, *, missing: bool = False) -> str:
    """The order-preserving part of an index slot: null < false < true < number < text < other < missing.

    ASCII letters and digits only, so that it may stand in a query; a number keeps the precision of a double, a text its
    first SLOT_TEXT_BYTES bytes.
    """
    if missing:
        return "7"
    if value is None or isinstance(value, bool):
        return {None: "1", False: "2", True: "3"}[value]
    if isinstance(value, int | float):
        return "4" + _ordered_double(value)
    if isinstance(value, str):
        return "5" + value.encode("utf-8", "surrogatepass")[:SLOT_TEXT_BYTES].hex()
    return "6"


def slot(value: Any, key: str, *, missing: bool = False, gone: bool = False) -> str:
    """An index slot: the ordered value made unique by the record's id; `-` sorts before every digit."""
    return (SLOT_GONE if gone else "") + slot_prefix(value, missing=missing) + "-" + key


def _ordered_double(number: float) -> str:
    try:
        double = float(number) + 0.0  # folds -0.0 into 0.0
    except OverflowError:
        double = math.inf if number > 0 else -math.inf
    bits = int.from_bytes(struct.pack(">d", double))
    return f"{bits ^ (2**64 - 1) if bits >> 63 else bits | 1 << 63:016x}"
