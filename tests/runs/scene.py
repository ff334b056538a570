"""A source on a faulty site, run again and again against the real database, and what its tests ask of it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from kindling.flow import RunRecord, SourceState
from kindling.run import Tools, run_source
from kindling.sources import Source, parse
from kindling.store.runs import Runs

from tests.faultsite import FaultSite, ManualClock, page

DEFINITION = """
url: {url}
every: 1h
records: li
key: name
public: true
fields:
  name: b
  price: {{select: i, type: number}}
next: a.next::attr(href)
"""

FOLLOWING = """
url: {url}
every: 1h
records: li
key: name
fields:
  name: b
  _page: {{select: "a::attr(href)", type: url}}
follow:
  url: _page
  every: 3h
  fields:
    plot: {{select: p, required: true}}
"""
_names = (f"src{n}" for n in itertools.count())


def listing(prices: Mapping[str, float | None], following: str = "") -> bytes:
    items = "".join(
        f"<li><b>{name}</b>" + (f"<i>{price}</i>" if price is not None else "") for name, price in prices.items()
    )
    return f"<ul>{items}</ul>".encode() + (f'<a class=next href="{following}">on</a>'.encode() if following else b"")


def told(record: RunRecord) -> tuple[str, int, int, int, int]:
    return record.status, record.records, record.added, record.changed, record.removed


class Scene:
    """A source on a site, run again and again with the clock moved on between."""

    def __init__(self, site: FaultSite, tools: Tools, definition: str = DEFINITION) -> None:
        self.site, self.tools, self.name = site, tools, next(_names)
        self.source: Source = parse(definition.format(url=site.url("/")), self.name)
        self.runs = Runs(tools.store)
        self.count = 0

    def show(self, body: bytes, path: str = "/", etag: str = "") -> None:
        self.site.handlers[path] = page(body, ETag=etag) if etag else page(body)

    def run(self, *, accept: bool = False) -> RunRecord:
        self.count += 1
        assert isinstance(self.tools.clock, ManualClock)
        self.tools.clock.pass_s(3600)
        record = run_source(self.source, f"r{self.count}", self.tools, accept=accept)
        assert record is not None
        assert self.runs.run(self.name, record.run) == record
        return record

    def kept(self) -> dict[str, dict[str, Any]]:
        return {r.id: r.document for r in self.tools.store.records(self.name, limit=1000) if r.gone_ms is None}

    def log(self) -> list[tuple[str, str]]:
        return [(change.op, change.id) for change in self.tools.store.changes(self.name, limit=1000)]

    def state(self) -> SourceState:
        return self.runs.state(self.name)[0]
