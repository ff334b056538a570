"""The types a field can be declared as: their names to people, and what a value of each is kept as. One table, in the
order in which they are told; how each is read is extract's. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FieldType:
    """One type. `words` are its name to people; `kinds` are those that a value is kept as, none where it may be any."""

    words: str
    kinds: frozenset[str]
    dated: bool = False
    """Whether it is a text whose beginning is a question too: 2013-01."""

    @property
    def filtered_as(self) -> str:
        """As what a value is filtered: as a date, else as the kinds that it is kept as, `|` between; "" as anything."""
        return "date" if self.dated else "|".join(sorted(self.kinds))


FIELD_TYPES: Final[Mapping[str, FieldType]] = {
    "text": FieldType("text", frozenset({"text"})),
    "number": FieldType("number", frozenset({"number"})),
    "integer": FieldType("whole number", frozenset({"number"})),
    "price": FieldType("price", frozenset({"object"})),
    "date": FieldType("date", frozenset({"text"}), dated=True),
    "datetime": FieldType("date and time", frozenset({"text"}), dated=True),
    "url": FieldType("link", frozenset({"text"})),
    "boolean": FieldType("yes or no", frozenset({"boolean"})),
    "exists": FieldType("is it there?", frozenset({"boolean"})),
    "html": FieldType("HTML", frozenset({"text"})),
    "json": FieldType("JSON", frozenset()),
}


def declared_as(name: str | None) -> FieldType:
    """The type of that name; json, which says nothing of a value, for None and for a type that is no longer here."""
    return FIELD_TYPES.get(name or "json", FIELD_TYPES["json"])
