"""The types a field can be declared as, and what a value of each is kept as. One table; how each is read is extract's.

An empty set says that the value can be of any kind. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FIELD_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "text": frozenset({"text"}),
    "number": frozenset({"number"}),
    "integer": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "exists": frozenset({"boolean"}),
    "date": frozenset({"text"}),
    "datetime": frozenset({"text"}),
    "url": frozenset({"text"}),
    "price": frozenset({"object"}),
    "html": frozenset({"text"}),
    "json": frozenset(),
}
DATED: Final = frozenset({"date", "datetime"})  # texts whose beginning is a question too: 2013-01
