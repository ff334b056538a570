"""Parameters in, a typed plan out: what a query asks of a collection, every mistake found and told at once. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from ..errors import ApiError
from ..times import instant
from . import cursors
from .fields import Field, listing, meant, unknown_field
from .fields import field as field_of
from .operators import OPERATORS, Condition, condition, flag, split_commas
from .order import STAMPS, Position, SortKey, position

if TYPE_CHECKING:
    from ..store.records import Collection, Record

LIMIT_DEFAULT = 100
LIMIT_MAX = 1_000  # a page is built in memory, by up to 80 requests at once
FILTERS_MAX = 20  # each is a test of every document read
WORDS_MAX = 20  # each is looked for in all texts of every document read
SORT_MAX = 8  # as many as a collection has indexes

Parameters = Sequence[tuple[str, str]]


class Plan(Struct, frozen=True):
    """What is asked of one collection. `select` and `omit` are paths as names, None where nothing was said."""

    collection: str
    conditions: tuple[Condition, ...] = ()
    words: tuple[str, ...] = ()
    sort: tuple[SortKey, ...] = ()
    limit: int = LIMIT_DEFAULT
    after: Position | None = None
    select: tuple[tuple[str, ...], ...] | None = None
    omit: tuple[tuple[str, ...], ...] = ()
    distinct: Field | None = None
    count: bool = False
    array: bool = False
    meta: bool = False
    gone: bool = False
    as_of_ms: int | None = None
    digest: str = ""

    def cursor(self, last: Record) -> str:
        """The token of the place right behind the record `last`."""
        place = position(last, self.sort)
        return cursors.write(self.digest, (*place.ranks, place.id))


@dataclass(frozen=True, slots=True)
class Control:
    """One control parameter: what it does, an example value, and how its text becomes part of a plan."""

    help: str
    example: str
    read: Callable[[Collection, str], dict[str, Any]]
    one_document: bool = False  # whether it also means something for a single document
    values: tuple[str, ...] = ()  # where there are few
    narrows: bool = True  # whether another value makes it another query, so that cursors do not fit


class _Wrong(ValueError):
    """A parameter's value is wrong; the message says how it should be."""


def _paths(collection: Collection, text: str) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for part in split_commas(text):
        if part == "_id":
            found.append(("_id",))
            continue
        one = field_of(collection, part)
        if one is None:
            raise _Wrong(unknown_field(collection, part))
        found.append(one.names)
    return tuple(found)


def _sort(collection: Collection, text: str) -> dict[str, Any]:
    keys = [_sort_key(collection, part) for part in split_commas(text)]
    if len(keys) > SORT_MAX:
        raise _Wrong(f"{len(keys)} keys; at most {SORT_MAX}")
    return {"sort": tuple(keys)}


def _sort_key(collection: Collection, text: str) -> SortKey:
    descending = text.startswith("-")
    name = text.removeprefix("-")
    if name in STAMPS:
        return SortKey(name, descending=descending)
    one = field_of(collection, name)
    if one is None:
        raise _Wrong(unknown_field(collection, name))
    return SortKey(one.path, one.names, descending)


def read_limit(text: str, most: int = LIMIT_MAX) -> int:
    """The number of items that `_limit=text` asks for; raises ValueError for none from 1 to `most`."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise _Wrong(f"'{text[:20]}' is not a number from 1 to {most}")
    return int(text)


def _distinct(collection: Collection, text: str) -> dict[str, Any]:
    one = field_of(collection, text)
    if one is None:
        raise _Wrong(unknown_field(collection, text))
    return {"distinct": one}


def _shape(_: Collection, text: str) -> dict[str, Any]:
    if text not in ("array", "object"):
        raise _Wrong(f"'{text[:20]}' is no shape; array is a bare list, object the default")
    return {"array": text == "array"}


def _flag(name: str) -> Callable[[Collection, str], dict[str, Any]]:
    return lambda _, text: {name: flag(text)}


FLAG = ("0", "1")
CONTROLS: dict[str, Control] = {
    "_select": Control(
        "only these fields, separated by commas", "title,info.rating", lambda c, t: {"select": _paths(c, t)},
        one_document=True, narrows=False,
    ),
    "_omit": Control(
        "all fields but these", "info.plot", lambda c, t: {"omit": _paths(c, t)}, one_document=True, narrows=False
    ),
    "_sort": Control("fields to order by; - for descending; also _id, _first_seen, _changed_at", "-year,title", _sort),
    "_limit": Control(
        f"items a page, 1 to {LIMIT_MAX}", str(LIMIT_DEFAULT), lambda _, t: {"limit": read_limit(t)}, narrows=False
    ),
    "_after": Control("the `next` of the page before", "", lambda _, t: {"after": t}, narrows=False),
    "_count": Control("1: the exact number of matches as `total`", "1", _flag("count"), values=FLAG, narrows=False),
    "_distinct": Control("the different values of a field and how often each occurs", "year", _distinct),
    "_shape": Control("array: a bare list", "array", _shape, values=("array", "object"), narrows=False),
    "_q": Control("words anywhere in text fields, case folded", "loud music", lambda _, t: {"words": _words(t)}),
    "_meta": Control("1: adds _meta to each item", "1", _flag("meta"), one_document=True, values=FLAG, narrows=False),
    "_gone": Control(
        "1: includes records gone from their page", "1", _flag("gone"), one_document=True, values=FLAG
    ),
    "_as_of": Control(
        "the data as it was at this time", "2026-01-31T12:00:00Z", lambda _, t: {"as_of_ms": instant(t)},
        one_document=True,
    ),
}  # fmt: skip
NOT_WITH_DISTINCT = ("_select", "_omit", "_sort", "_limit", "_after", "_count", "_meta", "_shape")


def _words(text: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(text.casefold().split()))
    if not words:
        raise _Wrong("no word; give at least one")
    if len(words) > WORDS_MAX:
        raise _Wrong(f"{len(words)} words; at most {WORDS_MAX}")
    return words


@dataclass(slots=True)
class _Reading:
    """A plan in the making, and the mistakes found on the way."""

    collection: Collection
    parts: dict[str, Any] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    bound: list[tuple[str, str]] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)

    def control(self, name: str, text: str, allowed: Mapping[str, Control]) -> None:
        control = allowed.get(name)
        if control is None:
            self.errors.append((name, unknown_control(name, allowed)))
            return
        try:
            self.parts |= control.read(self.collection, text)
        except ValueError as error:
            self.errors.append((name, str(error)))
        if control.narrows:
            self.bound.append((name, text))

    def filter(self, name: str, text: str) -> None:
        try:
            self.conditions.append(_condition(self.collection, name, text))
        except ValueError as error:
            self.errors.append((name, str(error)))
        self.bound.append((name, text))


def unknown_control(name: str, allowed: Mapping[str, Any]) -> str:
    """What to tell someone who sent a control parameter that does not exist here."""
    if not allowed:
        return f"there is no parameter '{name}' here; this path takes none"
    return f"there is no parameter '{name}' here{meant(name, allowed)} There are: {listing(allowed)}"


def _condition(collection: Collection, name: str, text: str) -> Condition:
    base, separator, op = name.rpartition("__")
    split = field_of(collection, base) if separator else None
    if split and op in OPERATORS:
        return condition(split, op, text)
    whole = field_of(collection, name)
    if whole:
        return condition(whole, "eq", text)
    if split:
        raise _Wrong(f"there is no operator '{op}'{meant(op, OPERATORS)} The operators are: {listing(OPERATORS)}")
    raise _Wrong(unknown_field(collection, base if op in OPERATORS and separator else name))


def no_repeats(parameters: Parameters) -> list[tuple[str, str]]:
    """A mistake for each parameter that is given more than once."""
    if len(dict(parameters)) == len(parameters):
        return []
    counts = Counter(name for name, _ in parameters)
    twice = "given more than once; use `in` for one of several values"
    return [(name, twice) for name, count in counts.items() if count > 1]


def refuse(errors: Sequence[tuple[str, str]]) -> None:
    """Raises ApiError 400 with every mistake, if there is one."""
    if errors:
        detail = f"{errors[0][0]}: {errors[0][1]}" if len(errors) == 1 else f"{len(errors)} parameters are wrong."
        raise ApiError(400, detail, kind="bad-query", errors=tuple(errors))


def parse(collection: Collection, parameters: Parameters) -> Plan:
    """What `parameters` ask of `collection`; raises ApiError 400 that tells every mistake in them.

    Of too many filters none is read: each that is wrong costs a look at all fields.
    """
    reading = _Reading(collection, errors=no_repeats(parameters))
    given = dict(parameters)
    filters = sum(not name.startswith("_") for name in given)
    if filters > FILTERS_MAX:
        refuse([("", f"{filters} filters; at most {FILTERS_MAX}")])
    for name, text in given.items():
        if name.startswith("_"):
            reading.control(name, text, CONTROLS)
        else:
            reading.filter(name, text)
    if "distinct" in reading.parts:
        clash = [name for name, _ in parameters if name in NOT_WITH_DISTINCT]
        reading.errors += [(name, "means nothing beside _distinct; leave one of the two away") for name in clash]
    if {"as_of_ms", "gone"} <= reading.parts.keys():
        reading.errors.append(("_gone", "means nothing beside _as_of; leave one of the two away"))
    refuse(reading.errors)
    return _plan(reading)


def _plan(reading: _Reading) -> Plan:
    token = reading.parts.pop("after", None)
    digest = cursors.digest([reading.collection.name, *sorted(reading.bound)])
    plan = Plan(reading.collection.name, tuple(reading.conditions), **reading.parts, digest=digest)
    if token is None:
        return plan
    try:
        *ranks, last = cursors.read(token, digest, len(plan.sort) + 1)
    except cursors.BadCursor as error:
        refuse([("_after", str(error))])
    return replace(plan, after=Position(tuple(ranks), last))


def parse_one(collection: Collection, parameters: Parameters) -> Plan:
    """What `parameters` ask of a single document of `collection`; raises ApiError 400 that tells every mistake."""
    allowed = {name: control for name, control in CONTROLS.items() if control.one_document}
    reading = _Reading(collection, errors=no_repeats(parameters))
    for name, text in dict(parameters).items():
        reading.control(name, text, allowed)
    refuse(reading.errors)
    return Plan(collection.name, **reading.parts)
