"""The frozen types of a source definition, everything in them checked and normalised.

Nothing here reads text or a page. Durations are seconds (`_s`). Expressions stay the text that was written; what they
mean depends on the format: CSS, JMESPath, a column, an entry's field, a key of the dict that a script yields.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ..fieldtypes import FIELD_TYPES
from ..pageformats import PAGE_FORMATS

TYPES: Final = tuple(FIELD_TYPES)
FORMATS: Final = tuple(PAGE_FORMATS)


class Unset(enum.Enum):
    """The default of a field that has none; None would be the JSON null."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Field:
    """How one value of a record is found and read.

    `select` None means the record itself, for `fields` alone. `type` "json" keeps a JSON value as it is. `mapping`
    holds text to value, None for no map.
    """

    select: str | None = None
    type: str = "text"
    required: bool = False
    many: bool = False
    default: Any = UNSET
    match: str | None = None
    mapping: Mapping[str, Any] | None = None
    fields: Mapping[str, Field] | None = None
    locale: str | None = None
    timezone: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    """List pages by number or offset: `template` holds `{n}`, which is `first` on the page after the declared one and
    grows by `step`, up to `last` (None: until a page has no records)."""

    template: str
    first: int
    step: int = 1
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """Open the page that each record's field `url` names and add `fields`; known records again after `every_s`."""

    url: str
    fields: Mapping[str, Field]
    every_s: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take."""

    pages: int = 100
    records: int = 10_000
    seconds: int = 300
    megabytes: int = 100


@dataclass(frozen=True, slots=True)
class Script:
    """A custom extractor: its file's path, for messages, and its text as read with the definition."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class Source:
    """One declared page, or list of pages, and what to make of it.

    `urls` are absolute, or begin with `/` (this project's own site). Either `every_s` or `cron` is set. `format` None
    is decided by the page's content type. `key` holds dotted fields; empty, the record's digest identifies it, in a
    feed the entry's id, and where the page is one record its address. `headers` may hold `{name}` for a secret's
    value. `next` is an expression that gives an address, or Paging. `history_s` None keeps history for ever.
    `defined_at` is the file, None for a saved source.
    """

    name: str
    urls: tuple[str, ...]
    every_s: int | None
    cron: str | None
    timezone: str | None
    format: str | None
    records: str | None
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    next: str | Paging | None
    follow: Follow | None
    limits: Limits
    collection: str
    public: bool
    missing: str
    history_s: int | None
    index: tuple[str, ...]
    enabled: bool
    headers: Mapping[str, str]
    extract: Script | None
    locale: str | None
    encoding: str | None
    delimiter: str | None
    columns: tuple[str, ...]
    defined_at: str | None = field(default=None, compare=False)

    def digest(self) -> str:
        """20 hex characters that change exactly when the definition changes what is extracted."""
        parts = {name: getattr(self, name) for name in _EXTRACTING}
        parts["follow"] = self.follow and {"url": self.follow.url, "fields": self.follow.fields}
        parts["extract"] = self.extract and self.extract.code
        text = json.dumps(parts, sort_keys=True, default=_plain)
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()

    def types(self) -> dict[str, str]:
        """Dotted path to declared type of every field that is stored, also of followed pages and inside others."""
        followed = self.follow.fields if self.follow else {}
        return {path: item.type for path, item in walk({**self.fields, **followed}) if not path.startswith("_")}


_EXTRACTING = (
    "urls",
    "timezone",
    "format",
    "records",
    "key",
    "fields",
    "next",
    "headers",
    "locale",
    "encoding",
    "delimiter",
    "columns",
)


def walk(fields: Mapping[str, Field], prefix: str = "") -> Iterator[tuple[str, Field]]:
    """Every field with its dotted path, parents before their children; a field that only holds others is left out."""
    for name, item in fields.items():
        path = f"{prefix}{name}"
        if item.fields:
            yield from walk(item.fields, f"{path}.")
        else:
            yield path, item


def _plain(value: Any) -> Any:
    if isinstance(value, Unset):
        return {"unset": True}
    return asdict(value)
