"""How much data is somewhere, counted only as far as the question needs. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from emulators.database.tree import Branch, Leaf, Raw, View

_SCALAR_BYTES = 8  # a number or boolean


def is_larger(views: Iterable[View], limit_bytes: int) -> bool:
    """Whether keys and values together are more than so many bytes; a character counts as one."""
    total = 0
    pending: list[Raw] = [view.raw for view in views]
    while pending and total <= limit_bytes:
        raw = pending.pop()
        if isinstance(raw, Branch):
            total += sum(map(len, raw))
            pending.extend(raw.values())
        elif raw is not None:
            value = raw.value if isinstance(raw, Leaf) else raw
            total += len(value) if isinstance(value, str) else _SCALAR_BYTES
    return total > limit_bytes
