"""CSV: the same columns on every page, nested fields dotted, lists as JSON, no cell that a spreadsheet would run.

A text that begins like a formula gets an apostrophe in front, which spreadsheets show as text; numbers are left alone.
Texts are quoted and numbers are not, so that a reader can tell them apart. Pure.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..query.fields import known
from ..store.records import join_path, split_path
from ..values import json_bytes

if TYPE_CHECKING:
    from ..store import Collection
    from .pages import Page

Names = tuple[str, ...]

# what Excel, LibreOffice or Google Sheets take for the start of a formula, full-width forms and blanks included
_FORMULA = re.compile(r"[\s\x00-\x20]*[=+\-@|%＝＋－＠]")
META = ("first_seen", "last_seen", "changed_at", "gone_at", "key")


class Id(str):
    """An id: it goes into a cell as it is, so that it stays one. Letters, digits, _ - ~ make no formula."""

    __slots__ = ()


def neutral(text: str) -> str:
    """`text` as a cell that no spreadsheet runs."""
    return "'" + text if _FORMULA.match(text) else text


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, Id):
        return str(value)
    return neutral(value if isinstance(value, str) else json_bytes(value).decode())


def written(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file with a header line, in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([neutral(column) for column in columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def _is_column(collection: Collection, path: str) -> bool:
    """Whether a field has cells of its own: it is not only the parent of others, and in no list, which is one cell."""
    names = split_path(path)
    above = [join_path(names[:place]) for place in range(1, len(names))]
    if any("object" not in collection.fields.get(one, ("object",)) for one in above):
        return False
    if any("list" in collection.fields.get(one, ()) and not _nested(collection, one) for one in above):
        return False
    return set(collection.fields.get(path, ())) != {"object"} and collection.declared.get(path) != "price"


def _nested(collection: Collection, path: str) -> bool:
    return "object" in collection.fields.get(path, ())


def columns(collection: Collection) -> list[Names]:
    """The columns of a collection as names: declared fields in their order, then others by name."""
    paths = known(collection)
    rank = {path: place for place, path in enumerate(collection.declared)}
    ordered = sorted(paths, key=lambda path: (rank.get(path, len(rank)), path))
    return [tuple(split_path(path)) for path in ordered if _is_column(collection, path)]


def _wanted(page: Page) -> list[Names]:
    """The columns that were asked for, in the order of `_select` where there is one."""
    every = columns(page.collection)
    if page.plan.select is not None:
        every = [one for asked in page.plan.select for one in every if one[: len(asked)] == asked]
    dropped = page.plan.omit or ()
    return [one for one in every if not any(one[: len(path)] == path for path in dropped)]


def _at(document: Mapping[str, Any], names: Names) -> Any:
    value: Any = document
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return None if isinstance(value, dict) and value else value


def table_of(page: Page) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    """The columns and rows of a page of records."""
    names = _wanted(page)
    head = [] if ("_id",) in page.plan.omit else [("_id",)]
    tail = [("_meta", name) for name in META] if page.plan.meta else []
    every: list[Names] = [*head, *names, *tail]
    titles = [".".join(one) if one[0].startswith("_") else join_path(list(one)) for one in every]
    ids = [Id(record.id) for record in page.records]
    rows = (
        [key if one == ("_id",) else _at(item, one) for one in every] for key, item in zip(ids, page.items, strict=True)
    )
    return titles, rows
