"""One walk over a source's pages: list pages by their next links, and the records' own pages where they are due.

Reads and decides what must be read; writes nothing. A page that did not change costs no parse, and what is known of
its records stands. A walk that meets a limit tells where to go on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from msgspec import structs

from . import extract, judge
from .errors import BudgetSpent, FetchFailed, HostBusy
from .fetch import Fetcher
from .flow import Extraction, NotModified, Page, PageState, Print, Reject, Resume, Row, Validators
from .sources import Source
from .values import Kept, kept

T = TypeVar("T")

EXAMPLE_CHARS = 200  # of an offending text in a run record: enough to recognise it
WARNINGS_MAX = 20  # of one run: the first ones tell
_UNREAD = kept({})  # stands for a document that is known, and not read again


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known before a walk: pages by key, how to read the prints of some pages' records (None: of all), ids that
    no run shall take, and where an unfinished walk stopped. Empty for a source that never ran."""

    pages: Mapping[str, PageState] = field(default_factory=dict)
    prints: Callable[[Collection[str] | None], Mapping[str, Print]] = lambda _: {}
    forgotten: frozenset[str] = frozenset()
    resume: Resume | None = None
    same_definition: bool = True


@dataclass(slots=True)
class Walk:
    """What a walk found; grows while it goes.

    `documents` and `prints` are the records of changed pages, by id; `unchanged` the keys of pages that did not change;
    `stop` says why the walk ended early, as (code, message), with `limit` set where that was one of our own limits.
    """

    documents: dict[str, Kept] = field(default_factory=dict)
    prints: dict[str, Print] = field(default_factory=dict)
    pages: dict[str, PageState] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    before: tuple[str, ...] = ()
    rejects: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    hits: Counter[str] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    read: int = 0
    warnings: list[str] = field(default_factory=list)
    stop: tuple[str, str] | None = None
    limit: bool = False
    retry_at_ms: int | None = None
    resume: Resume | None = None

    def reject(self, reject: Reject) -> None:
        """Counts a reject under its reason, keeping the first example."""
        self.rejects[reject.reason] += 1
        self.examples.setdefault(reject.reason, reject.example[:EXAMPLE_CHARS])

    def note(self, part: Extraction | extract.Details, seen: int) -> None:
        """Adds what one page told of fields, rejects and warnings; it was looked for in `seen` records."""
        for name, count in part.hits.items():
            self.hits[name] += count
            self.looked[name] += seen
        for reject in part.rejects:
            self.reject(reject)
        for warning in part.warnings:
            self.warn(warning)

    def warn(self, warning: str) -> None:
        """Keeps a warning, once."""
        if warning not in self.warnings and len(self.warnings) < WARNINGS_MAX:
            self.warnings.append(warning)

    @property
    def whole(self) -> set[str]:
        """The changed pages that were read to their end; one that a limit cut has no digest."""
        return {key for key, page in self.pages.items() if page.digest}

    @property
    def fill(self) -> dict[str, float]:
        """The share of records looked at that each declared field was found in."""
        return {name: self.hits[name] / count for name, count in sorted(self.looked.items()) if count}


class LimitMet(FetchFailed):
    """The source's own limit ended the walk."""


def page_key(url: str) -> str:
    """The database key of a list page."""
    return "p" + hashlib.blake2b(url.encode(), digest_size=10).hexdigest()


def walk(
    source: Source,
    fetcher: Fetcher,
    memory: Memory,
    *,
    site: str,
    now_ms: int,
    progress: Callable[[Walk], None] = lambda _: None,
) -> Walk:
    """Walks `source` from its first address, or from where the last walk stopped, until the last page or a limit."""
    return _Walker(source, fetcher, memory, site, now_ms, progress).go()


@dataclass(slots=True)
class _Walker:
    source: Source
    fetcher: Fetcher
    memory: Memory
    site: str
    now_ms: int
    progress: Callable[[Walk], None]
    found: Walk = field(default_factory=Walk)
    _prints: dict[str, Print] = field(default_factory=dict)
    _loaded: set[str] = field(default_factory=set)
    _loaded_all: bool = False

    def go(self) -> Walk:
        done = set(self.memory.resume.pages if self.memory.resume else ())
        self.found.before = tuple(sorted(done))
        queue = list(self.source.urls)
        if self.memory.resume:
            queue = [self.memory.resume.url, *(url for url in queue if page_key(url) not in done)]
        queue = list(dict.fromkeys(queue))
        while queue:
            url = queue.pop(0)
            key = page_key(url)
            if key in done:
                continue
            try:
                following = self._list_page(url, key)
            except FetchFailed as error:
                self._stop(error, Resume(url, tuple(sorted(done))))
                break
            done.add(key)
            if following and page_key(following) in done:
                self.found.warn(f"the next link of {url} leads back to a page already read")
            elif following:
                queue.insert(0, following)
        return self.found

    def _stop(self, error: FetchFailed, resume: Resume) -> None:
        self.found.stop = (error.code, str(error))
        self.found.limit = _is_limit(error)
        self.found.retry_at_ms = error.retry_at_ms
        self.found.resume = resume

    def _list_page(self, url: str, key: str) -> str | None:
        """Reads one list page and its records' own pages; returns the next page's address."""
        known = self.memory.pages.get(key) if self.memory.same_definition else None
        if known and (known.shared or (known.due_ms is not None and known.due_ms <= self.now_ms)):
            known = structs.replace(known, digest=None)
        answer = self._get(url, known.validators if known and known.digest else None)
        digest = None if isinstance(answer, NotModified) else hashlib.sha256(answer.body).hexdigest()[:32]
        if known and known.digest and (isinstance(answer, NotModified) or known.digest == digest):
            self.found.unchanged.add(key)
            return known.next
        return self._read(url, key, answer, digest)

    def _read(self, url: str, key: str, answer: Page | NotModified, digest: str | None) -> str | None:
        page = _page(answer, url)
        extraction = _readable(page, partial(extract.extract, list_url=absolute(url, self.site)), self.source)
        sign = judge.block_page(page) if not extraction.rows else None
        if sign:
            raise FetchFailed("blocked", f"{url} looks like {sign}, not like a list", url=url)
        self.found.note(extraction, extraction.seen)
        following = extraction.next and relative(extraction.next, self.site)
        due: list[int] = []
        count = 0
        shared = False
        self.found.pages[key] = PageState(url)  # what stays if a limit cuts it: the next run reads it again
        documents, prints, forgotten = self.found.documents, self.found.prints, self.memory.forgotten
        follow, most = self.source.follow, self.source.limits.records
        for row in extraction.rows:
            id_ = row.id
            if id_ in forgotten:
                continue
            if id_ in prints:
                shared = True
                self.found.reject(Reject("duplicate key", example=id_))
                continue
            if len(prints) >= most:
                raise LimitMet("limit-records", self._too_many(url, count), url=url)
            taken = self._record(row, key)
            if taken is None:
                continue
            documents[id_], prints[id_] = taken
            count += 1
            if follow and row.follow:
                due.append(taken[1].detail_ms + follow.every_s * 1000)
        self.found.pages[key] = PageState(
            url=url,
            digest=digest,
            validators=Validators(page.etag, page.last_modified),
            next=following,
            due_ms=min(due, default=None),
            count=count,
            shared=shared,
        )
        return following

    def _too_many(self, url: str, count: int) -> str:
        """Why the limit of records ended the walk at `url`, of which it took `count`."""
        most = self.source.limits.records
        if count >= most:
            return f"{url} alone has more than {most} records, and the rest is never read; raise limits: records"
        return f"the limit of {most} records is reached; the next run goes on here"

    def _record(self, row: Row, key: str) -> tuple[Kept, Print] | None:
        """The record of a row, its own page read where that is due; None if it cannot be taken."""
        listed = kept(row.document)
        if self.source.follow is None or row.follow is None:
            return listed, Print(key, listed.print)
        old = self._known(row.id, key)
        fresh = old is not None and old.detail_ms + self.source.follow.every_s * 1000 > self.now_ms
        if old and fresh and old.listed == listed.print and self.memory.same_definition:
            return _UNREAD, structs.replace(old, page=key)
        try:
            page = _page(self._get(row.follow, None), row.follow)
            details = _readable(page, extract.extract_details, self.source)
        except FetchFailed as error:
            if _is_limit(error):
                raise
            self.found.reject(Reject(f"its own page: {error.code}", example=row.follow))
            return (_UNREAD, structs.replace(old, page=key)) if old else None
        self.found.note(details, 1)
        if details.document is None:
            return None
        whole = kept({**row.document, **details.document})
        return whole, Print(key, whole.print, listed.print, self.now_ms)

    def _known(self, record: str, page: str) -> Print | None:
        """What is remembered of a record that stands on `page`: found among that page's prints, or else among all."""
        if page in self.memory.pages and page not in self._loaded:
            self._loaded.add(page)
            self._prints |= self.memory.prints([page])
        if record not in self._prints and not self._loaded_all:
            self._loaded_all = True
            self._prints |= self.memory.prints(None)
        return self._prints.get(record)

    def _get(self, url: str, validators: Validators | None) -> Page | NotModified:
        if self.found.read >= self.source.limits.pages:
            raise LimitMet("limit-pages", f"the limit of {self.source.limits.pages} pages is reached", url=url)
        self.found.read += 1
        self.progress(self.found)
        return self.fetcher.get(
            absolute(url, self.site),
            headers=self.source.headers,
            validators=validators,
            home=home(self.source, self.site),
        )


def _is_limit(error: FetchFailed) -> bool:
    """Whether the walk ends by our own bounds or another run's, and not by the site's fault."""
    return isinstance(error, LimitMet | HostBusy | BudgetSpent)


def _page(answer: Page | NotModified, url: str) -> Page:
    if isinstance(answer, NotModified):
        raise FetchFailed("bad-answer", f"{url} answered 304 to a question that had no condition", url=url)
    return answer


def _readable(page: Page, read: Callable[[Page, Source], T], source: Source) -> T:
    """What `read` makes of a page; FetchFailed where it cannot be read in its format."""
    try:
        return read(page, source)
    except extract.Unreadable as error:
        raise FetchFailed("unreadable", f"{page.url}: {error}", url=page.url) from error


def relative(url: str, site: str) -> str:
    """The address as it is remembered: a page of this project's own site by its path, wherever that is served."""
    own = site.rstrip("/")
    return url.removeprefix(own) if own and url.startswith(own + "/") else url


def absolute(url: str, site: str) -> str:
    """The address of a source: a path belongs to this project's own site. Raises FetchFailed where that is unknown."""
    if not url.startswith("/"):
        return url
    if not site:
        raise FetchFailed("no-site-url", f"{url} is on this project's own site; set SITE_URL to its origin", url=url)
    return site.rstrip("/") + url


def home(source: Source, site: str) -> tuple[str, ...]:
    """Where a source's headers may go: the origins it names itself, never one that a page leads to."""
    return tuple(absolute(url, site) for url in source.urls)
