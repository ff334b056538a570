"""What a page that went wrong does to what is kept: one table of the cases, which docs/reliability.md shows."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from kindling.fetch import Gate, Secrets
from kindling.run import Tools, run_source
from kindling.sources import parse
from kindling.store import Store, paths
from kindling.store.runs import Runs

from tests.faultsite import Exchange, FaultSite, Handler, ManualClock, answer, page, says
from tests.measured_docs import check, table
from tests.runs.scene import DEFINITION, listing

pytestmark = pytest.mark.slow

FIRST = {f"k{n:02}": n for n in range(20)}
SECOND = {f"m{n:02}": n for n in range(4)}


def first(count: int) -> dict[str, int]:
    return dict(list(FIRST.items())[:count])


def cut(exchange: Exchange) -> None:
    """Less than was promised, and then the end."""
    says(answer(WELL[:100], length=len(WELL)))(exchange)
    exchange.close()


WELL = listing(FIRST, "/2")
CASES: dict[str, dict[str, Handler]] = {
    "nothing changed": {},
    "the records stand in another order": {"/": page(listing(dict(reversed(FIRST.items())), "/2"))},
    "each record stands there twice": {"/": page(listing(FIRST) + WELL)},
    "records are on the next page too": {"/2": page(listing({**first(3), **SECOND}))},
    "two records are gone": {"/": page(listing(first(18), "/2"))},
    "more than half of the records are gone": {"/": page(listing(first(5), "/2"))},
    "the layout is new: no record is found": {"/": page(b"<p>nothing here</p>")},
    "the layout is new: a field is not found": {"/": page(WELL.replace(b"<i>", b"<u>").replace(b"</i>", b"</u>"))},
    "a captcha": {"/": page(b'<div class="g-recaptcha"></div>')},
    "a browser check": {"/": page(b"<title>Just a moment...</title>")},
    "an access denial that says 200": {"/": page(b"<title>Access denied</title>")},
    "a page that is not there but says 200": {"/": page(b"<title>Page not found</title>")},
    "the first page is gone (404)": {"/": page(b"", 404)},
    "the first page fails (503)": {"/": page(b"", 503)},
    "the first page is cut short": {"/": cut},
    "the connection is reset": {"/": Exchange.reset},
    "robots.txt forbids the page now": {"/robots.txt": page(b"User-agent: *\nDisallow: /")},
    "the second page is gone (404), the first has a new record": {
        "/": page(listing({**FIRST, "new": 1}, "/2")),
        "/2": page(b"", 404),
    },
    "the second page fails (503), the first did not change": {"/2": page(b"", 503)},
    "the next links go in a circle": {"/2": page(listing(SECOND, "/"))},
}
DAY_S = 86_401
"""Between the two runs: what is remembered of robots.txt is asked for again."""


@dataclass(frozen=True)
class Outcome:
    """What became of the second run, what it says, and what a reader is served then."""

    status: str
    why: str
    served: int
    log: tuple[int, int, int]

    def row(self) -> tuple[str, ...]:
        return self.status, self.why, str(self.served), *(str(n) if n else "" for n in self.log)


def outcome(store: Store, name: str, changes: dict[str, Handler]) -> Outcome:
    """The second run of a source whose first was well, with `changes` made to the site between them."""
    store.database.update({paths.HOSTS: None})  # another case's site may have had this port
    clock = ManualClock()
    with FaultSite({"/": page(WELL), "/2": page(listing(SECOND))}) as site:
        tools = Tools(store, clock, Gate(allow=[site.door]), "", "", Secrets(), random.Random(1))
        source = parse(DEFINITION.format(url=site.url("/")), name)
        before = run_source(source, "r1", tools)
        assert before is not None
        assert (before.status, before.records) == ("ok", 24)
        site.handlers |= changes
        clock.pass_s(DAY_S)
        record = run_source(source, "r2", tools)
        assert record is not None
        assert Runs(store).run(name, "r2") == record
        why = (record.error[1] if record.error else "; ".join(record.warnings)).replace(
            site.url("/"), "https://a.example/"
        )
    why = why.replace(site.door, "a.example")
    summary = store.collection(name)
    assert summary is not None
    assert summary.count == sum(r.gone_ms is None for r in store.records(name, limit=99))
    return Outcome(record.status, why, summary.count, (record.added, record.changed, record.removed))


def test_ours_the_documented_outcomes_of_runs_are_the_measured_ones(store: Store) -> None:
    rows = [(case, *outcome(store, f"case{n}", changes).row()) for n, (case, changes) in enumerate(CASES.items())]
    check("reliability.md", "runs", table(("The site", "Run", "Why", "Served", "Added", "Changed", "Removed"), rows))


@pytest.mark.parametrize("case", CASES)
def test_ours_a_run_that_is_bad_leaves_every_record_as_it_was(store: Store, case: str) -> None:
    name = f"bad{list(CASES).index(case)}"
    found = outcome(store, name, CASES[case])
    if found.status in ("failed", "suspect"):
        assert (found.served, found.log) == (24, (0, 0, 0))
        assert {change.op for change in store.changes(name, limit=99)} == {"added"}
    assert bool(found.why) or found.status in ("ok", "unchanged")
