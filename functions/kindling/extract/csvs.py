"""CSV: the header line, or the source, names the columns; each line is a record."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from ..flow import Page
from ..sources import Field, Source
from . import columns
from .decoding import Decoded
from .faults import Unreadable
from .reader import RECORDS_MAX, Reader


def opened(page: Page, content: Decoded, source: Source, records: str | None) -> Reader:
    """A CSV file, opened."""
    tabbed = page.media_type == "text/tab-separated-values"
    return CsvReader(content.text, page.url, source.delimiter or ("\t" if tabbed else ","), source.columns)


class CsvReader(Reader):
    """A CSV file."""

    typed = False
    single = False

    def __init__(self, text: str, url: str, delimiter: str, named: tuple[str, ...]) -> None:
        """Raises Unreadable where the text is not CSV: a quote left open, a value over 131,072 characters."""
        self.base = url
        self._lines: list[list[str]] = []
        try:
            for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
                if any(line):
                    self._lines.append(line)
                if len(self._lines) > RECORDS_MAX:
                    break
        except csv.Error as error:
            raise Unreadable(f"{url} is not CSV with {delimiter!r}: {error}") from error
        texts = list(named) if named else [text.strip() for text in (self._lines.pop(0) if self._lines else [])]
        self.notes: tuple[str, ...] = columns.too_many(len(texts))
        texts = texts[: columns.COLUMNS_MAX]
        names = columns.distinct(map(columns.slug, texts))
        self._columns = dict(zip(names, texts, strict=True))
        self._at = {name: n for n, name in enumerate(names)}
        longer = sum(len(line) > len(names) for line in self._lines)
        if longer:
            self.notes += (f"{longer} lines have more values than the {len(names)} columns",)

    def fields(self) -> Mapping[str, Field]:
        return {name: Field(name) for name in self._columns}

    def prepare(self, field: Field, name: str) -> int:
        wanted = field.select or name
        column = columns.pick(wanted, self._columns)
        if column is None:
            there = ", ".join(self._columns.values()) or "none"
            raise Unreadable(f"the file has no column {wanted!r}; its columns are {there[:300]}")
        return self._at[column]

    def records(self) -> Iterable[list[str]]:
        return self._lines

    def values(self, record: list[str], expression: int, many: bool) -> list[str]:
        return record[expression : expression + 1]

    def parts(self, record: list[str], expression: int, many: bool) -> list[list[str]]:
        return [record]

    def identity(self, record: list[str]) -> str | None:
        return None

    def link(self, expression: str) -> str | None:
        return None
