"""The frozen types that travel between the steps fetch -> extract -> diff -> store, and nothing else.

No step imports another; they meet in these types. Times are integer milliseconds UTC (`_ms`), sizes bytes. What each
page and record has of its own is a Struct, which is made in a tenth of the time of a frozen dataclass; with `gc=False`
the garbage collector does not look at it, and need not: JSON holds no circles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

Document = dict[str, Any]


class Page(Struct, frozen=True):
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


class Validators(Struct, frozen=True):
    """What a site gave us to ask whether a page changed: its ETag and Last-Modified, as sent."""

    etag: str | None = None
    last_modified: str | None = None


class NotModified(Struct, frozen=True):
    """The site says (304) that the page at `url` is what we have."""

    url: str


class Reject(Struct, frozen=True):
    """One record, or one value, that was not taken.

    `reason` is a short sentence that is equal for equal causes, so that it can be counted (`price: missing`);
    `example` is the offending text, at most 200 characters.
    """

    reason: str
    field: str | None = None
    example: str = ""


class Row(Struct, frozen=True, gc=False):
    """One extracted record: its id as the database key, its document, and the page to follow for more fields."""

    id: str
    document: Document
    follow: str | None = None


class Extraction(Struct, frozen=True):
    """What one page gave: records in page order, rejects, the next list page, and per declared field how many
    records it was found in (`hits`) of `seen` records looked at."""

    rows: tuple[Row, ...]
    rejects: tuple[Reject, ...] = ()
    next: str | None = None
    seen: int = 0
    hits: Mapping[str, int] = msgspec.field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Print(Struct, frozen=True, gc=False):
    """What is remembered of a record so that an unchanged one need not be read: fingerprints of the whole document and
    of its part from the list page, and when its own page was last read (0: it has none)."""

    page: str
    document: str
    listed: str = ""
    detail_ms: int = 0


class PageState(Struct, frozen=True):
    """What is remembered of a list page: how to ask whether it changed, its next link, the earliest moment one of its
    records' own pages is due again (None: never), and how many records it gave. `shared` means that another page has
    some of them too."""

    url: str
    digest: str | None = None
    validators: Validators = Validators()
    next: str | None = None
    due_ms: int | None = None
    count: int = 0
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """Where an unfinished walk goes on: the page to read next and the keys of the pages already read."""

    url: str
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is remembered of a source between runs.

    `usual` is the record count and `fill` the share of records per field of the last good run: what the next is judged
    by. `digest` is that of the definition it was made with. `failures` counts bad runs in a row; `alerted` tells that
    the change to bad was announced. `recent` are the status and record count of the last runs, oldest first.
    Its runs of the day were used up where `capped_ms`, the end of that day, lies ahead.
    """

    status: str = "new"
    reason: str | None = None
    last_run: str | None = None
    first_run_ms: int | None = None
    last_run_ms: int | None = None
    last_success_ms: int | None = None
    next_run_ms: int | None = None
    failures: int = 0
    alerted: bool = False
    paused: bool = False
    digest: str | None = None
    usual: int = 0
    fill: Mapping[str, float] = field(default_factory=dict)
    resume: Resume | None = None
    queued: str | None = None
    queued_ms: int = 0
    capped_ms: int | None = None
    recent: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """The runs queued on one day (UTC) up to now, by source and in all. The day is over at `ends_ms`; `told` are the
    caps that were announced as reached."""

    name: str
    ends_ms: int
    runs: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    told: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run a source until `until_ms`; `fence` rises with every holder."""

    source: str
    run: str
    fence: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as it is told to people. `status` is queued, running, ok, unchanged, partial, suspect or failed;
    `fill` is the share of records each field was found in; `error` is (code, message)."""

    run: str
    source: str
    status: str
    started_ms: int
    ended_ms: int | None = None
    pages: int = 0
    records: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    rejects: tuple[tuple[str, int, str], ...] = ()
    fill: Mapping[str, float] = field(default_factory=dict)
    bytes: int = 0
    error: tuple[str, str] | None = None
    warnings: tuple[str, ...] = ()
    accepted: bool = False
