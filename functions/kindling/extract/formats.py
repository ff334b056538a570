"""Which format a page has, and the reader for it. The table of formats knows each; what is in a page is its reader's.

A reader is a module of this package that the table names, loaded when the first page of its format is read. Its
`opened` makes a `Reader` of a page, what it says, the source and the expression of the records (None: the page is one,
or the format says), or raises Unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from ..flow import Page
from ..pageformats import PAGE_FORMATS, SCRIPT, PageFormat
from ..sources import Source
from .decoding import Decoded, decode
from .reader import Reader

FORMATS: Mapping[str, PageFormat] = {**PAGE_FORMATS, SCRIPT.name: SCRIPT}
MEDIA_TYPES: Mapping[str, str] = {word: row.name for row in PAGE_FORMATS.values() for word in row.media_types}
"""The format that a content type means; any other is HTML, which browsers assume of text too."""


def format_of(page: Page, source: Source) -> str:
    """The format a list page is read in: the script's, the declared one, else by its content type."""
    if source.extract:
        return SCRIPT.name
    return source.format or format_by_type(page)


def format_by_type(page: Page) -> str:
    """The format that the page's content type means."""
    return MEDIA_TYPES.get(page.media_type, "json" if page.media_type.endswith("+json") else "html")


def open_page(page: Page, source: Source, format_: str, records: str | None, warnings: list[str]) -> Reader:
    """The page, opened in a format. Raises Unreadable; adds to `warnings` what a person should look at.

    `records` is the expression of the records, None where there is none: then the page is one, or the format says.
    """
    module = import_module(f".{FORMATS[format_].reader}", __package__)
    reader: Reader = module.opened(page, decoded(page, source, format_, warnings), source, records)
    return reader


def decoded(page: Page, source: Source, format_: str, warnings: list[str]) -> Decoded:
    """What the page says; adds to `warnings` where its encoding was not declared."""
    row = FORMATS[format_]
    found = decode(page.body, page.charset or row.encoding, forced=source.encoding, xml=row.xml)
    if not found.declared and found.encoding != "utf-8":
        warnings.append(
            f"{page.url} names no encoding and is not UTF-8: read as {found.encoding}; say another with encoding:"
        )
    return found
