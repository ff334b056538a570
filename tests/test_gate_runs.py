"""The gate stands at every way into a run: scheduled, run now, preview, what a page offers, next links, followed links.

The other ways in (robots.txt, redirects, the webhook) are tried at the fetcher itself, in tests/test_gate_entries.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from kindling import jobs
from kindling.catalogue import Catalogue
from kindling.errors import FetchFailed
from kindling.fetch import Secrets
from kindling.flow import RunRecord
from kindling.preview import offers, preview
from kindling.run import Tools
from kindling.sources import Source, parse
from kindling.store import Store

from tests.faultsite import FaultSite, ManualClock, page
from tests.measured_docs import check, table
from tests.stores import live_store
from tests.test_gate_entries import FORMS, open_only_to

pytestmark = pytest.mark.slow

NOT_FOLLOWED = "not followed"  # what is no web address is never taken for a link

LISTED = "every: 1h\nrecords: li\nkey: name\nfields: {name: b, _page: {select: 'a::attr(href)', type: url}}\n"
NEXT = "next: a.next::attr(href)\n"
FOLLOW = "follow: {url: _page, every: 1d, fields: {x: p}}\n"


class Ways:
    """Each way in, tried with one address; gives the code it ends with, and leaves what was asked of the site."""

    def __init__(self, store: Store, patch: pytest.MonkeyPatch) -> None:
        self.store, self.patch = store, patch
        self.count = 0
        self.site = FaultSite()

    def tools(self) -> Tools:
        return Tools(self.store, ManualClock(), open_only_to(self.site), "", "", Secrets(), random.Random(1))

    def declare(self, url: str, more: str = "") -> Source:
        """The only source there is; its address may be one that no definition could name."""
        self.count += 1
        name = f"gate{self.count}"
        source = replace(parse(f"url: {self.site.url('/')}\n{LISTED}{more}", name), urls=(url,))
        self.patch.setattr("kindling.known.catalogue", lambda _: Catalogue({name: source}))
        self.patch.setattr("kindling.known.find", lambda *_: source)
        return source

    def run(self, source: Source) -> RunRecord:
        tools = self.tools()
        done = jobs.perform(tools, source.name, jobs.queue(tools, source.name).run)
        assert done is not None
        return done

    def scheduled(self, url: str) -> str:
        source, tools = self.declare(url), self.tools()
        [record] = jobs.queue_due(tools)
        done = jobs.perform(tools, source.name, record.run)
        return done.error[0] if done and done.error else "open"

    def run_now(self, url: str) -> str:
        record = self.run(self.declare(url))
        return record.error[0] if record.error else "open"

    def preview(self, url: str) -> str:
        return _code(lambda: preview(self.declare(url), self.tools()))

    def offers(self, url: str) -> str:
        return _code(lambda: offers(url, self.tools()))

    def next_link(self, url: str) -> str:
        self.site.handlers["/"] = page(f'<li><b>a</b></li><a class=next href="{url}">on</a>'.encode())
        record = self.run(self.declare(self.site.url("/"), NEXT))
        return record.error[0] if record.error else NOT_FOLLOWED

    def followed_link(self, url: str) -> str:
        self.site.handlers["/"] = page(f'<li><b>a</b><a href="{url}">x</a></li>'.encode())
        record = self.run(self.declare(self.site.url("/"), FOLLOW))
        pages = [reason for reason, _, _ in record.rejects if reason.startswith("its own page: ")]
        return pages[0].removeprefix("its own page: ") if pages else NOT_FOLLOWED


def _code(look: Callable[[], object]) -> str:
    try:
        look()
    except FetchFailed as failure:
        return failure.code
    return "open"


WAYS: dict[str, Callable[[Ways, str], str]] = {
    "scheduled": Ways.scheduled,
    "run now": Ways.run_now,
    "preview": Ways.preview,
    "offers": Ways.offers,
    "next link": Ways.next_link,
    "followed link": Ways.followed_link,
}


@pytest.fixture(scope="module")
def measured() -> Iterator[dict[tuple[str, str], str]]:
    """The outcome of every form through every way; the site is asked for nothing but the page that links."""
    with live_store() as store, pytest.MonkeyPatch.context() as patch:
        ways = Ways(store, patch)
        with ways.site:
            found = {(form, way): look(ways, url) for form, url in FORMS.items() for way, look in WAYS.items()}
            assert set(ways.site.paths()) == {"/"}
        yield found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", FORMS)
def test_ours_form_is_refused_through(measured: dict[tuple[str, str], str], form: str, way: str) -> None:
    outcome = measured[form, way]
    assert outcome.startswith("refused-") or (outcome == NOT_FOLLOWED and "link" in way)


def test_ours_the_documented_outcomes_are_the_measured_ones(measured: dict[tuple[str, str], str]) -> None:
    rows = [(f"{form}: `{url}`", *(measured[form, way] for way in WAYS)) for form, url in FORMS.items()]
    check("security.md", "gate-runs", table(("Form", *WAYS), rows))
