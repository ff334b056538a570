"""The formats that a page can have. One table: what a source may say of a page of each, and who reads it. Pure.

The reader is a module of extract, known here by its name alone: it is loaded when the first page of its format is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Language = Literal["css", "jmespath", "name"]
"""What says where something is in a page: a selector, a query of JSON, or the format's own word (a column, a type)."""


@dataclass(frozen=True, slots=True)
class PageFormat:
    """One format.

    `reader` is the module of extract whose `opened` reads a page of it. A source says in the language `values` where a
    value is, in `records` where the records are (None: the format knows), in `links` where the next page's address is
    (None: there are no links).
    """

    name: str
    reader: str
    media_types: tuple[str, ...] = ()
    """The content types that mean it where a source names no format."""
    values: Language = "name"
    records: Language | None = None
    links: Language | None = None
    typed: bool = False
    """Whether its values have types of their own, as JSON's have; else they are texts."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The fields of every record with their types, where the format settles them."""
    keys: frozenset[str] = frozenset()
    """The keys of a source that belong to it alone."""
    encoding: str | None = None
    """The encoding of a page that names none, where the format settles it."""
    xml: bool = False
    """Whether a page may name its encoding as XML does."""

    @property
    def names_fields(self) -> bool:
        """Whether its pages name the fields of their records, so that a source need not."""
        return self.values != "css"

    @property
    def followed(self) -> str:
        """The format of the page behind a record's link: of an API JSON, of all else HTML."""
        return "json" if self.links == "jmespath" else "html"


FEED_FIELDS: Final = {
    "id": "text",
    "title": "text",
    "link": "url",
    "summary": "html",
    "content": "html",
    "author": "text",
    "published": "datetime",
    "updated": "datetime",
    "tags": "text",
    "enclosure": "url",
}

_TABLE = (
    PageFormat(
        "html",
        reader="html",
        media_types=("text/html", "application/xhtml+xml"),
        values="css",
        records="css",
        links="css",
        keys=frozenset({"extract"}),
    ),
    PageFormat(
        "json",
        reader="jsons",
        media_types=("application/json", "text/json"),
        values="jmespath",
        records="jmespath",
        links="jmespath",
        typed=True,
        encoding="utf-8",  # RFC 8259
    ),
    PageFormat(
        "feed",
        reader="feeds",
        media_types=(
            "application/feed+json",
            "application/rss+xml",
            "application/atom+xml",
            "application/rdf+xml",
            "application/xml",
            "text/xml",
        ),
        fields=FEED_FIELDS,
        xml=True,
    ),
    PageFormat(
        "csv",
        reader="csvs",
        media_types=("text/csv", "text/tab-separated-values"),
        keys=frozenset({"delimiter", "columns"}),
    ),
    PageFormat("table", reader="tables", records="css", links="css"),
    PageFormat("jsonld", reader="jsonld", values="jmespath", records="name", links="css", typed=True),
)
PAGE_FORMATS: Final[Mapping[str, PageFormat]] = {row.name: row for row in _TABLE}
SCRIPT: Final = PageFormat("script", reader="scripts", links="css", typed=True)
"""What a source's own script makes of a page. It is no format that a source can name."""
