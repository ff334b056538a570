"""JSON pages: records and fields by JMESPath, and what every reader of values (not texts) shares.

Facts relied on: JMESPath has no functions that reach files, the environment or the network, and no loops.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..flow import Page
from ..sources import Field, Source, jmes
from . import columns
from .decoding import Decoded
from .faults import Bad, Unreadable
from .reader import Reader
from .strict import parse

_COMPUTED = re.compile("[(`]")  # a function or a literal: only these give a number that is not the page's


class ValueReader(Reader):
    """Records that are JSON values already. Subclasses say where they come from."""

    typed = True
    single = False
    notes: tuple[str, ...] = ()

    def __init__(self, base: str, found: list[Any]) -> None:
        self.base = base
        self._found = found

    def fields(self) -> Mapping[str, Field]:
        """The names that occur in the records, less `_` in front (the API's own) and JSON-LD's `@`."""
        names: dict[str, None] = {}
        for record in self._found:
            if isinstance(record, dict):
                names.update(dict.fromkeys(record))
        if not names:
            return {"value": Field("@", "json")} if self._found else {}
        self.notes += columns.too_many(len(names))
        kept = list(names)[: columns.COLUMNS_MAX]
        shown = columns.distinct(name.lstrip("_@")[: columns.NAME_MAX] for name in kept)
        return {as_: Field(json.dumps(name), "json") for as_, name in zip(shown, kept, strict=True)}

    def prepare(self, field: Field, name: str) -> Any:
        return compiled(field.select or "@")

    def records(self) -> Iterable[Any]:
        return self._found

    def values(self, record: Any, expression: Any, many: bool) -> list[Any]:
        found = searched(expression, record)
        if many and isinstance(found, list):
            return [value for value in found if value is not None]
        return [] if found is None else [found]

    def parts(self, record: Any, expression: Any, many: bool) -> list[Any]:
        found = searched(expression, record)
        parts = found if isinstance(found, list) else [found]
        parts = [part for part in parts if part is not None]
        return parts if many else parts[:1]

    def identity(self, record: Any) -> str | None:
        return None

    def link(self, expression: str) -> str | None:
        return None


def opened(page: Page, content: Decoded, source: Source, records: str | None) -> Reader:
    """A JSON page, opened."""
    return JsonReader(content.text, page.url, records)


class JsonReader(ValueReader):
    """A JSON page. Without an expression for them, the records are the items of a list, or the one object."""

    def __init__(self, text: str, url: str, records: str | None) -> None:
        self._page = loads(text, url)
        try:
            found = searched(compiled(records), self._page) if records else self._page
        except Bad as error:
            raise Unreadable(f"{url}: records {records!r} cannot be had: {error}") from error
        if found is None:
            found = []
        super().__init__(url, found if isinstance(found, list) else [found])
        self.single = records is None and not isinstance(found, list)

    def link(self, expression: str) -> str | None:
        try:
            found = searched(compiled(expression), self._page)
        except Bad:  # join() of a cursor that the last page has not
            return None
        return found if isinstance(found, str) and found else None


def loads(text: str, url: str) -> Any:
    """The value of a JSON text. Raises Unreadable, also for NaN and numbers beyond a double."""
    try:
        return parse(text)
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise Unreadable(f"{url} is not JSON: {reason}") from error


def compiled(expression: str) -> Any:
    """The JMESPath of an expression that was declared for another format, or checked already. Raises Unreadable."""
    try:
        return jmes.parse(expression)
    except jmes.BadExpression as error:
        raise Unreadable(
            f"the page is JSON, and {expression!r} cannot be asked of it: {error}; add format: html?"
        ) from error


def searched(expression: Any, value: Any) -> Any:
    """What the expression finds. Raises Bad where a function of it gets what it cannot take, or gives no JSON."""
    from jmespath.exceptions import JMESPathError, JMESPathTypeError

    try:
        found = expression.search(value)
        if _COMPUTED.search(expression.expression) and not _finite(found):
            raise Bad("not a number")
        return found
    except JMESPathTypeError as error:  # its own text has the value, and would be another reason for each
        wanted = " or ".join(error.expected_types)
        what = f"the expression does not fit: {error.function_name}() takes {wanted}, not {error.actual_type}"
        raise Bad(what) from error
    except JMESPathError as error:
        raise Bad("the expression does not fit: " + str(error).splitlines()[0][:100]) from error
    except (RecursionError, TypeError, ValueError, OverflowError) as error:
        raise Bad("the expression does not fit") from error


def _finite(value: Any) -> bool:
    """Whether all numbers in a value are such as JSON has: to_number('NaN') and a sum that is too big are not."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return all(map(_finite, value)) if isinstance(value, list) else True
