"""HTML tables: the header gives the columns, each row is a record.

Rules: cells that span rows or columns stand in each place they cover (HTML, "forming a table"); the header is the
`thead`, else the first rows of `th` only, else the first row; further rows of `th` only are headings, no records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from ..flow import Page
from ..sources import Field, Source
from . import columns
from .decoding import Decoded
from .faults import Unreadable
from .html import checked, link
from .reader import Reader
from .tree import Tree, text_of

_ATTRIBUTE = re.compile(r"::(?:attr\(\s*([^()\s]+)\s*\)|(html))\Z")

Row = list[LexborNode]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field is in a row: its column, and what to take of the cell."""

    column: str
    attribute: str


def opened(page: Page, content: Decoded, source: Source, records: str | None) -> Reader:
    """An HTML page with tables, opened."""
    return TableReader(Tree(content.utf8, page.url), records)


class TableReader(Reader):
    """The tables that an expression selects, or else the one with the most rows."""

    typed = False
    single = False
    notes: tuple[str, ...] = ()

    def __init__(self, tree: Tree, tables: str | None) -> None:
        self.tree = tree
        self.base = tree.base
        found = tree.select(checked(tables or "table"))
        if any(node.tag != "table" for node in found):
            raise Unreadable(f"{tables!r} selects elements that are no tables")
        if not found:
            raise Unreadable(f"the page has no table{f' that {tables!r} selects' if tables else ''}")
        grids = [_grid(node) for node in found]
        if not tables and grids:
            grids = [max(grids, key=len)]
        self._records: list[dict[str, LexborNode]] = []
        self._columns: dict[str, str] = {}
        for grid in grids:
            self._add(grid)

    def _add(self, grid: list[Row]) -> None:
        head = _head(grid)
        texts = [_heading(grid[:head], n) for n in range(max(map(len, grid), default=0))]
        names = columns.distinct(columns.slug(text) for text in texts)
        self._columns.update({name: text for name, text in zip(names, texts, strict=True) if name not in self._columns})
        for row in grid[head:]:
            if any(cell.tag == "td" for cell in row):
                self._records.append(dict(zip(names, row, strict=False)))

    def fields(self) -> Mapping[str, Field]:
        return {name: Field(name) for name in self._columns}

    def prepare(self, field: Field, name: str) -> Place:
        written = field.select or name
        ending = _ATTRIBUTE.search(written)
        wanted = written[: ending.start()] if ending else written
        column = columns.pick(wanted, self._columns)
        if column is None:
            there = ", ".join(self._columns.values()) or "none"
            raise Unreadable(f"the table has no column {wanted!r}; its columns are {there[:300]}")
        return Place(column, ("::html" if ending[2] else ending[1].lower()) if ending else "")

    def records(self) -> Iterable[dict[str, LexborNode]]:
        return self._records

    def values(self, record: dict[str, LexborNode], expression: Place, many: bool) -> list[str]:
        cell = record.get(expression.column)
        if cell is None:
            return []
        attribute = expression.attribute
        plain = attribute in ("", "::html")
        nodes = [cell] if plain else [node for node in cell.css("*") if node.attributes.get(attribute) is not None]
        taken = self.tree.taken(nodes if many else nodes[:1], attribute)
        return [text for text in taken if text is not None]

    def parts(self, record: dict[str, LexborNode], expression: Place, many: bool) -> list[dict[str, LexborNode]]:
        return [record]

    def identity(self, record: dict[str, LexborNode]) -> str | None:
        return None

    def link(self, expression: str) -> str | None:
        return link(self.tree, expression)


def _grid(table: LexborNode) -> list[Row]:
    """The table's rows, each with the cell that covers each of its columns."""
    rows = [row for row in table.css("tr") if _owner(row) == table.mem_id]
    grid: list[Row] = []
    waiting: dict[int, tuple[LexborNode, int]] = {}  # column -> the cell that covers it, and for how many rows more
    for row in rows:
        places: Row = []
        cells = [cell for cell in row.iter() if cell.tag in ("td", "th")]
        while (cells or len(places) in waiting) and len(places) < columns.COLUMNS_MAX:
            if len(places) in waiting:
                places.append(_covering(waiting, len(places)))
                continue
            cell = cells.pop(0)
            height, width = _span(cell, "rowspan"), max(1, _span(cell, "colspan"))
            for _ in range(min(width, columns.COLUMNS_MAX - len(places))):
                if height != 1:
                    waiting[len(places)] = (cell, (height or len(rows)) - 1)
                places.append(cell)
        grid.append(places)
    return grid


def _covering(waiting: dict[int, tuple[LexborNode, int]], column: int) -> LexborNode:
    cell, left = waiting.pop(column)
    if left > 1:
        waiting[column] = (cell, left - 1)
    return cell


def _owner(row: LexborNode) -> int:
    node = row.parent
    while node is not None and node.tag != "table":
        node = node.parent
    return node.mem_id if node is not None else 0


def _span(cell: LexborNode, attribute: str) -> int:
    """A span of 1 to 1,000; 0 (to the end) is for rows only."""
    text = (cell.attributes.get(attribute) or "").strip()
    return min(int(text), 1_000) if re.fullmatch(r"[0-9]{1,5}", text) else 1


def _head(grid: list[Row]) -> int:
    """How many rows are the header."""
    heads = 0
    while heads < len(grid) and _in_head(grid[heads]):
        heads += 1
    while not heads or heads < len(grid):
        if heads < len(grid) and grid[heads] and all(cell.tag == "th" for cell in grid[heads]):
            heads += 1
            continue
        break
    return heads or min(1, len(grid))


def _in_head(row: Row) -> bool:
    parent = row[0].parent if row else None
    above = parent.parent if parent is not None else None
    return above is not None and above.tag == "thead"


def _heading(rows: list[Row], column: int) -> str:
    parts: list[str] = []
    for row in rows:
        text = text_of(row[column]) if column < len(row) else ""
        if text and text not in parts:
            parts.append(text)
    return " ".join(parts)
