"""Custom extractors: `def extract(soup, url)` in a file beside the definition yields the records as dicts.

Only code that was deployed with the project gets here: a source saved through the API cannot name a script. What the
script raises is told with its file and line, and what it yields passes the same checks as anything else.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from ..flow import Page
from ..sources import Field, Script, Source
from .decoding import Decoded
from .faults import Bad, Unreadable
from .jsons import ValueReader
from .reader import RECORDS_MAX, Reader


def opened(page: Page, content: Decoded, source: Source, records: str | None) -> Reader:
    """A page that a source's own script reads, opened."""
    return ScriptReader(content.text, page.url, source)


class ScriptReader(ValueReader):
    """The records that a source's script finds in a page; a field's `select` is a key of them."""

    def __init__(self, text: str, url: str, source: Source) -> None:
        if source.extract is None:
            raise ValueError(f"{source.name} has no script")
        super().__init__(url, _run(source.extract, text, url))

    def fields(self) -> Mapping[str, Field]:
        named = super().fields()  # whose expressions are the names in quotes
        return {name: Field(json.loads(field.select or name), field.type) for name, field in named.items()}

    def prepare(self, field: Field, name: str) -> str:
        return field.select or name

    def values(self, record: Any, expression: str, many: bool) -> list[Any]:
        found = record.get(expression)
        if isinstance(found, tuple | set | frozenset):
            found = list(found)
        try:
            found = json.loads(json.dumps(found, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            raise Bad("not a value of JSON") from error
        if many and isinstance(found, list):
            return [value for value in found if value is not None]
        return [] if found is None else [found]

    def parts(self, record: Any, expression: str, many: bool) -> list[Any]:
        found = record.get(expression) if expression else record
        return [part for part in (found if isinstance(found, list) else [found]) if isinstance(part, dict)]


@lru_cache(maxsize=64)
def _function(script: Script) -> Callable[[Any, str], Any]:
    namespace: dict[str, Any] = {"__name__": "kindling_script", "__file__": script.path}
    exec(compile(script.code, script.path, "exec"), namespace)  # noqa: S102 - the project's own file, deployed with it
    found = namespace.get("extract")
    if not callable(found):
        raise Unreadable(f"{script.path} has no function extract(soup, url)")
    function: Callable[[Any, str], Any] = found
    return function


def _run(script: Script, text: str, url: str) -> list[Any]:
    from bs4 import BeautifulSoup

    try:
        records = list(islice(_function(script)(BeautifulSoup(text, "html.parser"), url), RECORDS_MAX))
    except Unreadable:
        raise
    except (Exception, SystemExit) as error:
        raise Unreadable(_told(script, error)) from error
    for record in records:
        if not isinstance(record, dict) or not all(isinstance(name, str) for name in record):
            raise Unreadable(f"{script.path}: extract must yield dicts with text as keys, not {repr(record)[:100]}")
    return records


def _told(script: Script, error: BaseException) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script.path]
    where = f"{script.path}:{lines[-1]}" if lines else script.path
    return f"{where}: {type(error).__name__}: {str(error)[:200]}"
