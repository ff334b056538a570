"""What every format offers to the step that builds records: `Reader`, and the plan of a field that it is asked with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from ..sources import Field, Source
from .faults import Bad, Missing, NoMatch
from .values import READERS, Setting, fold

RECORDS_MAX = 100_000  # of one page: the most a run may take
VALUES_MAX = 10_000  # of one list: a document holds it, and a reader of the API can use it
SHORT_CHARS = 100  # of a text whose match is remembered
CHARS_MAX = 1_000_000  # of one value: the database takes 10 MB a string, and an index or a CSV cell far less


@dataclass(frozen=True, slots=True)
class Plan:
    """A field made ready for one page: its expression as the reader prepared it, and how a found value is read."""

    name: str
    path: str
    field: Field
    expression: Any
    setting: Setting
    inner: tuple[Plan, ...] = ()
    plain: bool = False
    """Whether the field has one value of its own."""

    def read(self, raw: Any) -> Any:
        """The value of what was found. Raises Missing for nothing or an empty text, Bad with the reason."""
        field = self.field
        if raw is None or (raw := _matched(raw, field.match)) is None:
            raise Missing
        if field.mapping is not None:
            return _mapped(raw, field.mapping)
        if isinstance(raw, str):
            if len(raw) > CHARS_MAX:
                raise Bad(f"longer than {CHARS_MAX:,} characters")
            if not raw or raw.isspace():
                raise Missing
        return READERS[field.type](raw, self.setting)


class Reader(Protocol):
    """One page, opened in one format."""

    base: str
    typed: bool
    """Whether it gives JSON values rather than texts."""
    notes: tuple[str, ...]
    """What a person should look at."""
    single: bool
    """Whether the page is one record."""

    def fields(self) -> Mapping[str, Field]:
        """The fields that the page itself names, for a source that declares none; raises Unreadable."""

    def prepare(self, field: Field, name: str) -> Any:
        """The field's expression made ready, once for a page; raises Unreadable."""

    def records(self) -> Iterable[Any]:
        """The records in page order, each in the format's own form."""

    def values(self, record: Any, expression: Any, many: bool) -> list[Any]:
        """What the expression finds in the record: texts or JSON values; at most one unless `many`."""

    def parts(self, record: Any, expression: Any, many: bool) -> list[Any]:
        """Records inside the record, for nested fields."""

    def identity(self, record: Any) -> str | None:
        """What the format itself identifies a record by, where it does."""

    def link(self, expression: str) -> str | None:
        """The address that an expression finds in the whole page, as written there."""


def plans(reader: Reader, source: Source, fields: Mapping[str, Field], prefix: str = "") -> tuple[Plan, ...]:
    """A plan for each field, in order."""
    made = []
    for name, field in fields.items():
        setting = Setting(
            base=reader.base,
            locale=field.locale or source.locale,
            timezone=field.timezone or source.timezone,
            currency=field.currency,
            typed=reader.typed,
        )
        path = f"{prefix}{name}"
        inner = plans(reader, source, field.fields, f"{path}.") if field.fields else ()
        plain = not (inner or field.many or field.type == "exists")
        made.append(Plan(name, path, field, reader.prepare(field, name), setting, inner, plain))
    return tuple(made)


@lru_cache(maxsize=1_024)
def _regex(pattern: str) -> Any:
    import re2

    return re2.compile(pattern)


def _matched(raw: Any, pattern: str | None) -> Any:
    if pattern is None:
        return raw
    text = fold(raw) if isinstance(raw, str) else READERS["text"](raw, Setting())
    found = _match_short(pattern, text) if len(text) <= SHORT_CHARS else _match(pattern, text)
    if found is _NOTHING:
        raise NoMatch("no match")
    return found


_NOTHING = object()


def _match(pattern: str, text: str) -> Any:
    """The first group of the match, or all of it without groups; _NOTHING where there is no match."""
    found = _regex(pattern).search(text)
    if found is None:
        return _NOTHING
    return found[1] if found.re.groups else found[0]


_match_short = lru_cache(maxsize=4_096)(_match)  # ratings, stock and the like: few texts, again and again


def _mapped(raw: Any, mapping: Mapping[str, Any]) -> Any:
    text = READERS["text"](raw, Setting())
    if text not in mapping:
        raise Bad("not in map")
    return mapping[text]
