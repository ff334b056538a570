"""Between JSON values and the tree: what may be stored, and how stored data is shown.

Facts: `null`, `{}` and `[]` are absence. An array is stored as an object keyed 0, 1, 2 …, its nulls dropped; an object
whose keys are all such positions is shown as an array when the last is less than twice their number (not in the export
form). A priority is written `{".value": v, ".priority": p}` at a leaf and as a key `.priority` among children.
Numbers are 64-bit integers or doubles.

Pure; knows no text: encoding and decoding JSON is the callers'.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from emulators.database.keys import MAX_DEPTH, PRIORITY, Path, check_key, is_array_index, shown
from emulators.database.tree import Branch, Leaf, Priority, Raw, Scalar, View

VALUE = ".value"
SERVER_VALUE = ".sv"
MAX_STRING_BYTES = 10 * 1024 * 1024  # the service's limit for one string
EXACT_INTEGERS = 2**53  # a double holds every integer up to here, so 3.0 and 3 are the same number
_INT64 = range(-(2**63), 2**63)

PLAIN = frozenset({bool, int, float, str})  # what a leaf without a priority is
POSITIONS = tuple(map(str, range(1_000)))  # the keys of most arrays, which have no holes

ServerValue = Callable[[object, Path], Scalar]
"""Resolves what stands under ".sv" at a path below the written place."""


class BadValue(ValueError):
    """A value the database refuses to store; the text says where in it and why."""


def from_json(value: object, *, server_value: ServerValue | None = None, depth: int = 0) -> Raw:
    """Check a decoded JSON value and give its stored form; None when nothing is left to store.

    `depth` is how many levels above it are already taken. Raises BadKey or BadValue.
    """
    return _Reader(server_value, depth).read(value, ())


class _Reader:
    def __init__(self, server_value: ServerValue | None, depth: int) -> None:
        self._server_value = server_value
        self._depth = depth

    def read(self, value: object, path: Path) -> Raw:
        if value is None:
            return None
        if isinstance(value, dict):
            return self._object(value, path)
        if isinstance(value, list):
            return self._children(((str(at), item) for at, item in enumerate(value)), path)
        return scalar(value)

    def _object(self, value: dict[str, Any], path: Path) -> Raw:
        if SERVER_VALUE in value:
            return self._resolve(value, path)
        priority = self._priority(value[PRIORITY], path) if PRIORITY in value else None
        if VALUE in value:
            return self._leaf(value, priority, path)
        raw = self._children(((key, item) for key, item in value.items() if key != PRIORITY), path)
        if isinstance(raw, Branch):
            raw.priority = priority
        return raw

    def _leaf(self, value: dict[str, Any], priority: Priority, path: Path) -> Raw:
        if value.keys() - {VALUE, PRIORITY}:
            raise BadValue(f"{_at(path)}: '.value' stands beside other children; a node has a value or children")
        raw = self.read(value[VALUE], path)
        if isinstance(raw, (Branch, Leaf)):
            raise BadValue(f"{_at(path)}: '.value' must be a string, number or boolean")
        return raw if raw is None or priority is None else Leaf(raw, priority)

    def _children(self, items: Any, path: Path) -> Raw:
        branch = Branch()
        for key, item in items:
            if self._depth + len(path) >= MAX_DEPTH:
                raise BadValue(f"{_at(path)}: the data is deeper than {MAX_DEPTH} levels, counted from the root")
            raw = self.read(item, (*path, key)) if isinstance(item, (dict, list)) else scalar_or_none(item)
            check_key(key)
            if raw is not None:
                branch.put(sys.intern(key), raw)
        return branch or None

    def _priority(self, value: object, path: Path) -> Priority:
        if isinstance(value, dict) and SERVER_VALUE in value:
            value = self._resolve(value, (*path, PRIORITY))
        return priority_value(value, path)

    def _resolve(self, value: dict[str, Any], path: Path) -> Scalar:
        if self._server_value is None or len(value) > 1:
            raise BadValue(f"{_at(path)}: '.sv' must stand alone in an object that is being written")
        return self._server_value(value[SERVER_VALUE], path)


def priority_value(value: object, path: Path = ()) -> Priority:
    """Check a decoded priority: a string, a number or null."""
    if value is None or (isinstance(value, (int, float, str)) and not isinstance(value, bool)):
        return value if value is None else scalar(value)
    raise BadValue(f"{_at(path)}: a priority must be a string, a number or null")


def scalar_or_none(value: object) -> Scalar | None:
    """The stored form of a scalar or null."""
    return None if value is None else scalar(value)


def scalar(value: object) -> Scalar:
    """The stored form of one scalar: numbers normalised, strings held to the limit."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _checked_text(value)
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, float):
        return number(value)
    raise BadValue(f"a {type(value).__name__} is no JSON value")


def integer(value: int) -> int | float:
    """An integer in its stored form: beyond 64 bits it is a double."""
    try:
        return value if value in _INT64 else number(float(value))
    except OverflowError as error:
        raise BadValue("a number is not finite as a double; the database stores finite numbers only") from error


def number(value: float) -> int | float:
    """A finite number in its one stored form: integral doubles that are exact become integers."""
    if value != value or value in (float("inf"), float("-inf")):
        raise BadValue("a number is not finite; the database stores finite numbers only")
    return int(value) if value.is_integer() and abs(value) <= EXACT_INTEGERS else value


def _checked_text(text: str) -> str:
    if len(text) * 4 > MAX_STRING_BYTES and len(text.encode(errors="surrogatepass")) > MAX_STRING_BYTES:
        raise BadValue(f"a string has more than {MAX_STRING_BYTES} bytes, the most the database stores in one")
    return text


def _at(path: Path) -> str:
    return "at " + (shown("/".join(path)) if path else "the written place")


def to_json(view: View, *, export: bool = False, arrays: bool | None = None) -> Any:
    """The JSON value of what is there, in key order; None for nothing.

    `export` shows priorities; `arrays` says whether the array rule holds, by default everywhere but in an export.
    """
    return _json_of(view.raw, export, not export if arrays is None else arrays)


def _json_of(raw: Raw, export: bool, arrays: bool) -> Any:
    if not isinstance(raw, Branch):
        return _leaf(raw, export)
    if not raw:
        return None  # a query found nothing
    children: dict[str, Any] = raw.arranged()
    for key, child in children.items():
        if type(child) not in PLAIN:
            children[key] = _json_of(child, export, arrays)
    if export and raw.priority is not None:
        children[PRIORITY] = raw.priority
    return as_array(children) if arrays else children


def _leaf(raw: Scalar | Leaf | None, export: bool) -> Any:
    if not isinstance(raw, Leaf):
        return raw
    return {VALUE: raw.value, PRIORITY: raw.priority} if export else raw.value


def as_array(children: Mapping[str, Any]) -> Any:
    """The children as a list if the array rule says so, else as they are."""
    if next(iter(children))[0] > "9":
        return children
    if tuple(children) == POSITIONS[: len(children)]:
        return list(children.values())
    if not all(map(is_array_index, children)):
        return children
    last = max(map(int, children))
    if last >= 2 * len(children):
        return children
    items: list[Any] = [None] * (last + 1)
    for key, item in children.items():
        items[int(key)] = item
    return items
