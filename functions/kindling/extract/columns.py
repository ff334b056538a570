"""Names of columns as fields, for pages that name their own: tables, CSV, JSON. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

COLUMNS_MAX = 200  # of one page; further columns are not taken
NAME_MAX = 63  # characters, as of a declared field
_OTHER = re.compile(r"[^\w]+|_+")


def too_many(count: int) -> tuple[str, ...]:
    """The warning that a page has more columns than are taken, if it has."""
    return (f"{count} columns; the first {COLUMNS_MAX} are taken",) if count > COLUMNS_MAX else ()


def slug(text: str) -> str:
    """A column's name as a field's: `Elevation (m)` is `elevation_m`. Empty where nothing of it can be a name."""
    return _OTHER.sub("_", text.strip().lower()).strip("_")[:NAME_MAX].rstrip("_")


def distinct(names: Iterable[str]) -> list[str]:
    """The names, one that stands a second time with `_2` and so on; an empty one is `column_` and its number."""
    taken: set[str] = set()
    found = []
    for number, name in enumerate(names, 1):
        base = name or f"column_{number}"
        candidate, n = base, 2
        while candidate in taken:
            candidate, n = f"{base}_{n}", n + 1
        taken.add(candidate)
        found.append(candidate)
    return found


def pick(wanted: str, columns: dict[str, str]) -> str | None:
    """The column that an expression names: by its text, or by its field name. `columns` maps field name to text."""
    for name, text in columns.items():
        if text == wanted:
            return name
    folded = wanted.casefold()
    for name, text in columns.items():
        if text.casefold() == folded or name == folded:
            return name
    return None
