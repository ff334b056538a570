"""The fields of a collection as a question sees them: which exist, what values they hold, how text becomes a value.

A known field is one that the source declares or that was ever stored. Values in a URL are text; here they are read as
the field's type, so that `year=2013` compares numbers and `name=2013` compares texts. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..fieldtypes import FieldType, declared_as
from ..store.records import KINDS, join_path, split_path

if TYPE_CHECKING:
    from ..store.records import Collection

PRICE_PARTS = {"amount": "number", "currency": "text"}  # what a declared price holds before the first one is stored
SCALARS = frozenset({"boolean", "number", "text"})
NAMED_MAX = 40  # names an error lists: a longer list helps nobody

_DATE_PREFIX = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?\Z")


class Unreadable(ValueError):
    """A text cannot be read as the field's type; the message says what would be."""


class Field(Struct, frozen=True):
    """One known field.

    `kinds` are those of its values; `typed` is the one kind its values are read as, None where they are mixed.
    `listed` says that it or something above it was seen as a list, so that it can have several values.
    """

    path: str
    names: tuple[str, ...]
    kinds: frozenset[str]
    typed: str | None
    dated: bool
    listed: bool


def known(collection: Collection) -> list[str]:
    """The dotted paths of every known field, sorted."""
    prices = (path for path, declared in collection.declared.items() if declared == "price")
    parts = (f"{path}.{part}" for path in prices for part in PRICE_PARTS)
    return sorted({*collection.fields, *collection.declared, *parts})


def field(collection: Collection, text: str) -> Field | None:
    """The field that the dotted path `text` names, None where the collection knows none."""
    names = tuple(split_path(text))
    path = join_path(list(names)) if "\\" in text else text
    seen, declared = collection.fields.get(path), _declared(collection, path, names)
    if seen is None and declared is None:
        return None
    above = (join_path(list(names[:n])) for n in range(1, len(names)))
    listed = len(names) > 1 and any("list" in collection.fields.get(one, ()) for one in above)
    return _field(path, names, seen or (), declared, listed)


@lru_cache(maxsize=1_024)  # the same fields are asked for again and again
def _field(path: str, names: tuple[str, ...], seen: tuple[str, ...], declared: str | None, listed: bool) -> Field:
    """A field of which these kinds were `seen`; `listed` where something above it was seen as a list."""
    said = declared_as(declared)
    kinds = said.kinds.union(seen)
    return Field(path, names, kinds, _typed(kinds, said), said.dated, listed or "list" in kinds)


def _declared(collection: Collection, path: str, names: tuple[str, ...]) -> str | None:
    found = collection.declared.get(path)
    if found is None and len(names) > 1 and collection.declared.get(join_path(list(names[:-1]))) == "price":
        return PRICE_PARTS.get(names[-1])
    return found


def _typed(kinds: frozenset[str], said: FieldType) -> str | None:
    """The kind that values are read as; the elements of a list have the type that is declared, if one is."""
    if "list" in kinds:
        certain = said.kinds & SCALARS
        return next(iter(certain)) if len(certain) == 1 and kinds <= certain | {"list"} else None
    return next(iter(kinds)) if len(kinds) == 1 and kinds <= SCALARS else None


def read(field: Field, text: str) -> tuple[Any, ...]:
    """The values that `text` can mean for `field`; several where nobody can tell, as for elements of a list.

    Raises Unreadable where it can mean none.
    """
    if field.dated:
        if not _DATE_PREFIX.match(text):
            raise Unreadable(f"{field.path} is a date; write it as 2013, 2013-01, 2013-01-18 or 2013-01-18T20:00:00Z")
        return (text,)
    if field.typed == "text":
        return (text,)
    parsed, value = _json(text)
    if field.typed is None and ("list" in field.kinds or not field.kinds - {"null"}):
        return (value, text) if parsed and value != text else (text,)
    kind = KINDS[type(value)] if parsed else None
    if kind in field.kinds:
        return (value,)
    if "text" in field.kinds:
        return (text,)
    raise Unreadable(_wanted(field, text))


def _wanted(field: Field, text: str) -> str:
    shown = text if len(text) <= 40 else text[:40] + "…"
    if field.kinds == {"object"}:
        return f"{field.path} is an object; ask for one of its fields, as in {field.path}.name, or give it as JSON"
    kinds = " or ".join(sorted(field.kinds - {"null"}))
    examples = {"number": "such as 6.2", "boolean": "true or false"}
    hint = examples.get(field.typed or "", "as JSON")
    return f"{field.path} is {kinds} and '{shown}' is not; write a {kinds}, {hint}"


def _refuse(constant: str) -> float:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def _json(text: str) -> tuple[bool, Any]:
    """Whether `text` is JSON, and its value; a number that JSON has no word for is not."""
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return False, None
    return (False, None) if value in (float("inf"), float("-inf")) else (True, value)


def meant(name: str, names: Iterable[str]) -> str:
    """How a sentence about an unknown `name` ends: `; did you mean 'x'?` where one of `names` is close, else a stop."""
    close = get_close_matches(name, list(names), n=1)
    return f"; did you mean '{close[0]}'?" if close else "."


def listing(names: Iterable[str]) -> str:
    """`names` as a sentence lists them, cut where it would help nobody."""
    found = list(names)
    more = f" and {len(found) - NAMED_MAX} more" if len(found) > NAMED_MAX else ""
    return ", ".join(found[:NAMED_MAX]) + more


def unknown_field(collection: Collection, name: str) -> str:
    """What to tell someone who asked for a field that the collection never had."""
    names = known(collection)
    if not names:
        return f"{collection.name} has no field '{name}': nothing was stored in it yet"
    return f"{collection.name} has no field '{name}'{meant(name, names)} Its fields are: {listing(names)}"
