"""A look at what a definition would give, or at what a page offers: one list page, a few more, nothing stored.

Neither reads nor writes the database.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from . import extract, judge
from .errors import FetchFailed
from .fetch import Budget, Fetcher, MemoryHosts, user_agent
from .flow import Document, NotModified, Page, Reject
from .pageformats import PAGE_FORMATS
from .run import Tools
from .sources import Source
from .store import look_up
from .values import normal
from .walk import EXAMPLE_CHARS, absolute, home, relative

SECONDS = 20  # an administrator waits for it; Hosting gives up after 60
FOLLOWED = 3  # enough to see whether the second page's selectors fit
REQUESTS = 12  # list page, followed pages, their robots.txt and redirects
MEGABYTES = 20
EXAMPLES = 3  # values shown of each field


@dataclass(frozen=True, slots=True)
class Preview:
    """Records as they would be stored, hits per field, rejects counted by reason, pages read."""

    records: list[Document]
    fields: dict[str, dict[str, Any]]
    rejects: list[dict[str, Any]]
    pages: int
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The answer of POST /preview_source."""
        return {
            "records": self.records,
            "fields": self.fields,
            "rejects": self.rejects,
            "pages": self.pages,
            "warnings": self.warnings,
        }


def preview(source: Source, tools: Tools) -> Preview:
    """Fetches the first list page of `source` and at most FOLLOWED records' own.

    Raises FetchFailed and Unreadable for the list page; a record whose own page fails is a reject, as in a run.
    """
    with _fetcher(tools) as fetcher:
        page = _page(fetcher, absolute(source.urls[0], tools.site), source, tools.site)
        found = extract.extract(page, source)
        hits: Counter[str] = Counter(dict(found.hits))
        seen: Counter[str] = Counter(dict.fromkeys(found.hits, found.seen))
        rejects = list(found.rejects)
        warnings = [*found.warnings] if found.seen else [_empty(page), *found.warnings]
        records = []
        pages = 1
        for row in found.rows:
            document = row.document
            if source.follow and row.follow and pages <= FOLLOWED:
                pages += 1
                try:
                    details = extract.extract_details(_page(fetcher, row.follow, source, tools.site), source)
                except (FetchFailed, extract.Unreadable) as error:
                    code = error.code if isinstance(error, FetchFailed) else "unreadable"
                    rejects.append(Reject(f"its own page: {code}", example=row.follow))
                    continue
                hits.update(dict(details.hits))
                seen.update(details.hits.keys())
                rejects.extend(details.rejects)
                warnings.extend(details.warnings)
                if details.document is None:
                    continue
                document = {**document, **details.document}
            records.append(normal(document))
    fields = {name: _told(name, hits[name], seen[name], records) for name in hits}
    return Preview(records, fields, _counted(rejects), pages, warnings)


def offers(url: str, tools: Tools) -> list[dict[str, Any]]:
    """What the page at `url` offers, best first, each with a definition that works. Raises FetchFailed, Unreadable."""
    with _fetcher(tools) as fetcher:
        page = _page(fetcher, absolute(url, tools.site))
    return [
        {
            "kind": offer.kind,
            "typed": PAGE_FORMATS[offer.definition.get("format", "html")].typed,
            "definition": {**offer.definition, "url": relative(offer.definition["url"], tools.site)},
            "count": offer.count,
            "sample": offer.sample,
        }
        for offer in extract.offers(page)
    ]


def _fetcher(tools: Tools) -> Fetcher:
    return Fetcher(
        gate=tools.gate,
        agent=user_agent(tools.contact),
        budget=Budget(requests=REQUESTS, megabytes=MEGABYTES, seconds=SECONDS),
        hosts=MemoryHosts(tools.clock),
        clock=tools.clock,
        secrets=tools.secrets,
        pace_s=tools.pace_s,
    )


def _page(fetcher: Fetcher, url: str, source: Source | None = None, site: str = "") -> Page:
    answer = fetcher.get(url, headers=source.headers, home=home(source, site)) if source else fetcher.get(url)
    if isinstance(answer, NotModified):
        raise FetchFailed("bad-answer", f"{url} answered 304 to a question that had no condition", url=url)
    return answer


def _empty(page: Page) -> str:
    sign = judge.block_page(page)
    return f"no record was found; the page looks like {sign}" if sign else judge.NOTHING_FOUND


def _told(name: str, hits: int, seen: int, records: list[Document]) -> dict[str, Any]:
    values = (((False, record[name]) if name in record else look_up(record, name)) for record in records)
    examples = [value for missing, value in values if not missing][:EXAMPLES]
    return {"hits": hits, "fill": round(hits / seen, 4) if seen else 0.0, "examples": examples}


def _counted(rejects: list[Reject]) -> list[dict[str, Any]]:
    counts = Counter(reject.reason for reject in rejects)
    first = {reject.reason: reject.example[:EXAMPLE_CHARS] for reject in reversed(rejects)}
    return [{"reason": reason, "count": n, "example": first[reason]} for reason, n in counts.most_common()]
