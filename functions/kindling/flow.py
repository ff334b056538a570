"""The frozen types that travel between the steps fetch -> extract -> diff -> store, and nothing else.

No step imports another; they meet in these types. Times are integer milliseconds UTC (`_ms`), sizes bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a site, decompressed but not decoded.

    `url` is where the body came from after redirects; `media_type` is lower case without parameters, empty if the
    site named none; `charset` is the header's parameter as sent.
    """

    url: str
    status: int
    media_type: str
    charset: str | None
    body: bytes
    fetched_ms: int
    etag: str | None = None
    last_modified: str | None = None
    wire_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Validators:
    """What a site gave us to ask whether a page changed: its ETag and Last-Modified, as sent."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The site says (304) that the page at `url` is what we have."""

    url: str


@dataclass(frozen=True, slots=True)
class Reject:
    """One record, or one value, that was not taken.

    `reason` is a short sentence that is equal for equal causes, so that it can be counted (`price: missing`);
    `example` is the offending text, at most 200 characters.
    """

    reason: str
    field: str | None = None
    example: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One extracted record: its id as the database key, its document, and the page to follow for more fields."""

    id: str
    document: Document
    follow: str | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one page gave: records in page order, rejects, the next list page, and per declared field how many
    records it was found in (`hits`) of `seen` records looked at."""

    rows: tuple[Row, ...]
    rejects: tuple[Reject, ...] = ()
    next: str | None = None
    seen: int = 0
    hits: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
