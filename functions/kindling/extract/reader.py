"""What every format offers to the step that builds records: `Reader`, and the plan of a field that it is asked with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Protocol

from msgspec import Struct

from ..sources import Field, Source
from .faults import Bad, Missing, NoMatch
from .values import CHANGEABLE, READERS, RELATIVE, Setting, fold

RECORDS_MAX = 100_000  # of one page: the most a run may take
VALUES_MAX = 10_000  # of one list: a document holds it, and a reader of the API can use it
SHORT_CHARS = 100  # of a text whose match is remembered
CHARS_MAX = 1_000_000  # of one value: the database takes 10 MB a string, and an index or a CSV cell far less


class Plan(Struct, frozen=True):
    """A field made ready for one page: its expression as the reader prepared it, and how a found value is read.

    `read` gives the value of what was found, which is not None; it raises Missing for an empty text, Bad with the
    reason. `column` finds in each of several records the value of a field that has one of its own, as nearly all do,
    None where there is none; its `next` raises Bad where the expression does not fit a record, and then goes on.
    """

    name: str
    path: str
    field: Field
    expression: Any
    read: Callable[[Any], Any]
    column: Callable[[Sequence[Any]], Iterator[Any]] | None
    inner: tuple[Plan, ...] = ()


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

    def column(self, expression: Any) -> Callable[[Sequence[Any]], Iterator[Any]]:
        """`Plan.column`: from records to the first value that `values` finds in each."""

        def first(record: Any) -> Any:
            return next(iter(self.values(record, expression, False)), None)

        return partial(map, first)

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
            base=reader.base if field.type in RELATIVE else "",
            locale=field.locale or source.locale,
            timezone=field.timezone or source.timezone,
            currency=field.currency,
            typed=reader.typed,
        )
        path = f"{prefix}{name}"
        inner = plans(reader, source, field.fields, f"{path}.") if field.fields else ()
        expression = reader.prepare(field, name)
        single = not (inner or field.many or field.type == "exists")
        column = reader.column(expression) if single else None
        made.append(Plan(name, path, field, expression, reading(field, setting), column, inner))
    return tuple(made)


def reading(field: Field, setting: Setting) -> Callable[[Any], Any]:
    """How a found value of a field is read, as `Plan.read`: by `match`, then by `map` or its type."""
    read = _typed(field.type, setting) if field.mapping is None else _mapped(_Itself(field.mapping))
    return read if field.match is None else _matched(field.match, read, field.type not in CHANGEABLE)


@lru_cache(maxsize=1_024)  # the same function for every page of a source, so that what it gave can be remembered
def _typed(type_: str, setting: Setting) -> Callable[[Any], Any]:
    reader = READERS[type_]

    def read(raw: Any) -> Any:
        if isinstance(raw, str):
            if len(raw) > CHARS_MAX:
                raise Bad(f"longer than {CHARS_MAX:,} characters")
            if not raw or raw.isspace():
                raise Missing
        return reader(raw, setting)

    return read


class _Itself:
    """A mapping as the key of a cache: the same for every page of a source, as it can be no key by what it holds."""

    __slots__ = ("mapping",)

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        self.mapping = mapping

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.mapping is other.mapping

    def __hash__(self) -> int:
        return id(self.mapping)


@lru_cache(maxsize=1_024)
def _mapped(key: _Itself) -> Callable[[Any], Any]:
    mapping = key.mapping

    def read(raw: Any) -> Any:
        text = _text(raw)
        if text not in mapping:
            raise Bad("not in map")
        return mapping[text]

    return read


@lru_cache(maxsize=1_024)
def _matched(pattern: str, read: Callable[[Any], Any], remember: bool) -> Callable[[Any], Any]:
    def matched(text: str) -> Any:
        found = _match_short(pattern, text) if len(text) <= SHORT_CHARS else _match(pattern, text)
        if found is _NOTHING:
            raise NoMatch("no match")
        if found is None:
            raise Missing
        return read(found)

    def remembered(raw: Any) -> Any:
        text = raw if isinstance(raw, str) else _text(raw)
        return _read_short(matched, text) if remember and len(text) <= SHORT_CHARS else matched(text)

    return remembered


@lru_cache(maxsize=4_096)  # ratings, stock and the like: few texts, again and again
def _read_short(read: Callable[[str], Any], text: str) -> Any:
    return read(text)


_NO_SETTING = Setting()  # a text depends on nothing else


def _text(raw: Any) -> str:
    """The text of a value, white space folded. Raises Missing for an empty one, Bad for what has none."""
    text: str = READERS["text"](raw, _NO_SETTING)
    return text


@lru_cache(maxsize=1_024)
def _regex(pattern: str) -> Any:
    import re2

    return re2.compile(pattern)


_NOTHING = object()


def _match(pattern: str, text: str) -> Any:
    """The first group of the match in the folded text, or all of it without groups; _NOTHING without a match."""
    found = _regex(pattern).search(fold(text))
    if found is None:
        return _NOTHING
    return found[1] if found.re.groups else found[0]


_match_short = lru_cache(maxsize=4_096)(_match)
