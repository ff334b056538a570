"""Which format a page has, and the reader for it. Knows every format by name; what is in a page is the reader's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..flow import Page
from ..sources import Source
from .decoding import decode
from .reader import Reader

Opener = Callable[[Page, str, Source, str | None], Reader]
"""From a page, its text, the source and the expression of the records (None: the page is one) to the reader."""

MEDIA_TYPES: Mapping[str, str] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/json": "json",
    "text/json": "json",
    "application/feed+json": "feed",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "application/xml": "feed",
    "text/xml": "feed",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
}
"""The format that a content type means; any other is HTML, which browsers assume of text too."""


def format_of(page: Page, source: Source) -> str:
    """The format a list page is read in: the script's, the declared one, else by its content type."""
    if source.extract:
        return SCRIPT
    return source.format or format_by_type(page)


def format_by_type(page: Page) -> str:
    """The format that the page's content type means."""
    return MEDIA_TYPES.get(page.media_type, "json" if page.media_type.endswith("+json") else "html")


def open_page(page: Page, source: Source, format_: str, records: str | None, warnings: list[str]) -> Reader:
    """The page, opened in a format. Raises Unreadable; adds to `warnings` what a person should look at.

    `records` is the expression of the records, None where there is none: then the page is one, or the format says.
    """
    return OPENERS[format_](page, text_of(page, source, format_, warnings), source, records)


def text_of(page: Page, source: Source, format_: str, warnings: list[str]) -> str:
    """The page's text; adds to `warnings` where its encoding was not declared."""
    charset = page.charset or ("utf-8" if format_ == "json" else None)  # RFC 8259: JSON is UTF-8
    text, encoding, declared = decode(page.body, charset, forced=source.encoding, xml=format_ == "feed")
    if not declared and encoding != "utf-8":
        warnings.append(
            f"{page.url} names no encoding and is not UTF-8: read as {encoding}; say another with encoding:"
        )
    return text


def _html(page: Page, text: str, source: Source, records: str | None) -> Reader:
    from .html import HtmlReader
    from .tree import Tree

    return HtmlReader(Tree(text, page.url), records)


def _json(page: Page, text: str, source: Source, records: str | None) -> Reader:
    from .jsons import JsonReader

    return JsonReader(text, page.url, records)


def _jsonld(page: Page, text: str, source: Source, records: str | None) -> Reader:
    from .jsonld import JsonLdReader
    from .tree import Tree

    return JsonLdReader(Tree(text, page.url), records)


def _table(page: Page, text: str, source: Source, records: str | None) -> Reader:
    from .tables import TableReader
    from .tree import Tree

    return TableReader(Tree(text, page.url), records)


def _csv(page: Page, text: str, source: Source, records: str | None) -> Reader:
    from .csvs import CsvReader

    tabbed = page.media_type == "text/tab-separated-values"
    return CsvReader(text, page.url, source.delimiter or ("\t" if tabbed else ","), source.columns)


def _feed(page: Page, text: str, source: Source, records: str | None) -> Reader:
    from .feeds import FeedReader

    return FeedReader(text, page.url)


def _script(page: Page, text: str, source: Source, records: str | None) -> Reader:
    from .scripts import ScriptReader

    return ScriptReader(text, page.url, source)


SCRIPT = "script"
"""The format of a page that a source's own script reads."""

OPENERS: Mapping[str, Opener] = {
    "html": _html,
    "json": _json,
    "jsonld": _jsonld,
    "table": _table,
    "csv": _csv,
    "feed": _feed,
    SCRIPT: _script,
}
"""Every format of model.FORMATS and the script's, each with what opens a page of it."""
