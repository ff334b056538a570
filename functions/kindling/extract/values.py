"""The types a field can have: from a text or JSON value to the value that is kept. One table.

A reader raises Bad with a reason that is equal for equal causes, Missing where there is nothing to read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ..values import dumps
from . import dates, links, numbers, prices, strict
from .faults import Bad, Missing

_TRUE = frozenset(("true", "yes", "1", "on", "ja", "oui", "sí", "si", "sim", "да", "✓", "✔"))
_FALSE = frozenset(("false", "no", "0", "off", "nein", "nee", "non", "não", "нет", "✗", "✘"))
LEVELS_MAX = 16  # of one value: a document has 28, of which ten may be nested fields


class Setting(Struct, frozen=True):
    """What the meaning of a text depends on besides itself."""

    base: str = ""
    locale: str | None = None
    timezone: str | None = None
    currency: str | None = None
    typed: bool = False  # the page gives values, not texts: a text is not JSON to be parsed


def fold(text: str) -> str:
    """The text with every run of white space as one space, none at its ends."""
    return " ".join(text.split())


def _text(raw: Any, _: Setting) -> str:
    if isinstance(raw, str):
        folded = fold(raw)
        if not folded:
            raise Missing
        return folded
    if isinstance(raw, bool | int | float):
        return dumps(raw)
    raise Bad("not a text")


def _number(raw: Any, setting: Setting) -> int | float:
    value = numbers.read(raw, setting.locale) if isinstance(raw, str) else raw
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Bad("not a number")
    if isinstance(value, float) and not math.isfinite(value):  # an integer may be longer than that can look at
        raise Bad("not a number")
    return value


def _integer(raw: Any, setting: Setting) -> int:
    value = _number(raw, setting)
    if isinstance(value, int):
        return value
    if not value.is_integer():
        raise Bad("not a whole number")
    return int(value)


def _boolean(raw: Any, _: Setting) -> bool:
    if isinstance(raw, bool):
        return raw
    word = fold(str(raw)).lower() if isinstance(raw, str | int) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Bad("neither true nor false")


def _html(raw: Any, _: Setting) -> str:
    if not isinstance(raw, str):
        raise Bad("not a text")
    return raw.strip()


def _json(raw: Any, setting: Setting) -> Any:
    value = raw
    if isinstance(raw, str) and not setting.typed:
        try:
            value = strict.parse(raw)
        except (ValueError, RecursionError) as error:
            raise Bad("not JSON") from error
    if value is None or value == "":
        raise Missing
    if _deep(value):
        raise Bad(f"nested deeper than {LEVELS_MAX} levels")
    return value


def _deep(value: Any) -> bool:
    level = [value]
    for _ in range(LEVELS_MAX):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _never(raw: Any, _: Setting) -> Any:
    raise AssertionError("an exists field is answered by whether anything was found")


READERS: Mapping[str, Callable[[Any, Setting], Any]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "exists": _never,
    "date": lambda raw, setting: dates.read_date(raw, setting.locale, setting.timezone),
    "datetime": lambda raw, setting: dates.read_datetime(raw, setting.locale, setting.timezone),
    "url": lambda raw, setting: links.read(raw, setting.base),
    "price": lambda raw, setting: prices.read(raw, setting.locale, setting.currency),
    "html": _html,
    "json": _json,
}
RELATIVE = frozenset(("url",))
"""Types whose value depends on the page it stands on."""
CHANGEABLE = frozenset(("price", "json"))
"""Types whose value is an object or a list, made anew for each record."""
