"""The benchmarks run, at tiny sizes and without peers: no figure of theirs is looked at here, for none is a verdict.

What they count with is proved: pages, relay, curves, prices. The page of the figures names all that is measured.
"""

from __future__ import annotations

import inspect
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests
from selectolax.lexbor import LexborHTMLParser

from benchmarks import _pages, _peers, cost, scale, scraping
from benchmarks._contest import Cost, Job, in_turn, truth
from benchmarks._definitions import JOBS
from benchmarks._lines import Line, shown, told
from benchmarks._relay import relay
from benchmarks._site import Edition, site
from devtools import bench
from tests.live import ROOT, database

NAMES = sorted(path.stem for path in Path(bench.FOLDER).glob("*.py") if not path.stem.startswith("_"))
PAGE = ROOT / "docs" / "performance.md"
GOALS = [
    ("CPU per detail page of 20 KB", "at most 0.5"),
    ("CPU per detail page of 20 KB", "at most 0.125"),
    ("CPU per listing page of 50 KB, 20 records", "at most 0.25"),
    ("CPU per listing page of 50 KB, 20 records", "at most 0.08333"),
    ("throughput over 16 hosts at 50 ms", "at least 0.85"),
    ("peak memory, 1,050 pages", "at most 0.5"),
    ("re-scrape, nothing changed", "at most 0.1"),
    ("bytes of items read or written", "at most 0"),
    ("re-scrape, 1% of 10,000 records changed, bytes written", "at most 0.012"),
    ("finding 1% of 10,000 records changed", "at most 10"),
    ("20 of 1,000 filtered and sorted", "at least 0.8"),
    ("20 of 1,000 filtered and sorted", "at least 1.7"),
    ("20 of 1,000 filtered and sorted", "at least 6"),
    ("20 of 100,000 by index", "at least 100"),
    ("20 of 100,000 by index", "at least 10"),
    ("100,000 documents by index, time", "at most 1.5"),
    ("memory of the function", "at most 256"),
    ("the same question again", "at least 0.5"),
    ("cold start", "at most 1.1"),
    ("dev.py serve to its ready line", "at most 2"),
]
"""The goals of section 11 of the design: what is measured, and against what bound."""
BASE = "http://127.0.0.1:1"


@pytest.mark.suite
@pytest.mark.parametrize("name", NAMES)
def test_ours_every_benchmark_runs_and_the_page_of_figures_names_what_it_measures(name: str) -> None:
    done = bench.run(name, ["--quick"])
    assert done.returncode == 0
    lines = json.loads(done.stdout)["lines"]
    assert lines
    assert {frozenset(line) for line in lines} == {frozenset(Line.__dataclass_fields__)}
    assert all(line["low"] <= line["value"] <= line["high"] for line in lines)
    page = PAGE.read_text(encoding="utf-8")
    assert f"dev.py bench {name}" in page
    assert [line["what"] for line in lines if line["goal"] and line["what"] not in page] == []


def test_ours_the_page_of_figures_has_a_row_for_every_goal_of_the_design() -> None:
    measured = PAGE.read_text(encoding="utf-8").split(bench.BEGIN)[1].split(bench.END)[0]
    rows = [[cell.strip() for cell in row.split("|")] for row in measured.splitlines() if row.startswith("| ")]
    assert [(what, goal) for what, goal in GOALS if not any(what in row[1] and goal == row[5] for row in rows)] == []


def test_ours_every_peer_has_its_row_and_the_page_tells_how_it_is_set_up() -> None:
    programs = {file.name for file in (Path(bench.FOLDER) / "peers").glob("*.py")}
    assert {rival.program for rival in scraping.RIVALS} == programs, "RIVALS of benchmarks/scraping.py"
    served = {
        name
        for name, one in vars(_peers).items()
        if inspect.isfunction(one) and one.__annotations__.get("return", "").endswith("AbstractContextManager[Server]")
    }
    assert {peer.serve.__name__ for peer in _peers.PEERS} == served - {"server"}, "PEERS of benchmarks/_peers.py"
    page = PAGE.read_text(encoding="utf-8").partition("| peer | how |")[2].partition("\n\n")[0]
    assert [peer.name for peer in _peers.PEERS if f"| {peer.name} |" not in page] == [], (
        "docs/performance.md, | peer | how |"
    )


def test_ours_the_table_has_a_row_a_line_and_says_what_is_missed() -> None:
    lines: list[dict[str, Any]] = [
        {"what": "time", "against": "hello", "value": 1.25, "low": 1, "high": 2, "goal": "at most 1.1", "met": False}
        | {"note": "5 ms"},
        {"what": "size", "against": "nothing", "value": 3, "low": 3, "high": 3, "goal": "", "met": None, "note": ""},
    ]
    assert bench.table(lines).splitlines() == [
        "what  measured  spread  against       goal",
        "time  1.25      1 to 2  hello (5 ms)  at most 1.1  MISSED",
        "size  3                 nothing",
    ]


def test_ours_a_report_takes_the_place_of_the_last_one_in_the_page_and_of_nothing_else() -> None:
    line = {"what": "time", "against": "hello", "value": 2.0, "low": 2, "high": 2, "goal": "", "met": None, "note": ""}
    report = {
        "machine": {"at": "now", "python": "3.11", "system": "Linux", "processors": 2},
        "versions": {"flask": "3"},
        "lines": [{"benchmark": "query", **line}],
    }
    page = f"before\n{bench.BEGIN}\nold\n{bench.END}\nafter\n"
    once = bench.with_figures(page, report)
    assert bench.with_figures(once, report) == once
    assert once == (
        f"before\n{bench.BEGIN}\nnow, Python 3.11 on Linux with 2 processors; flask 3.\n\n"
        "`python3 dev.py bench query`:\n\n| what | measured | spread | against | goal | |\n"
        f"| --- | --- | --- | --- | --- | --- |\n| time | 2 |  | hello |  |  |\n{bench.END}\nafter\n"
    )


def test_ours_a_line_is_the_median_of_its_rounds_beside_its_goal() -> None:
    line = told("time", "hello", [3, 1, 2], ("at most", 2), note="ms")
    assert line == Line("time", "hello", 2, 1, 3, "at most 2", met=True, note="ms")
    assert told("time", "hello", [1]) == Line("time", "hello", 1, 1, 1)
    assert told("time", "hello", [1.2], ("at most", 1.1)).met is False
    assert told("reading", "hello", [0.8], ("at least", 0.8)).met is True
    asked = {name: getattr(line, name) for name in Line.__dataclass_fields__}
    assert " ".join(shown(asked).split()) == "time 2 (1 to 3) against hello goal at most 2: reached"


@pytest.mark.parametrize(
    ("points", "slope"),
    [
        pytest.param({10: 5, 100: 5, 1000: 5}, 0, id="what stays the same is flat"),
        pytest.param({1: 3, 10: 30, 100: 300}, 1, id="what grows in proportion has one"),
        pytest.param({1: 1, 10: 100}, 2, id="what grows with the square has two"),
    ],
)
def test_ours_the_exponent_of_a_curve(points: dict[float, float], slope: float) -> None:
    assert scale.exponent(points) == pytest.approx(slope)


def test_ours_what_is_free_costs_nothing_and_the_rest_its_price() -> None:
    assert cost.price(dict(cost.FREE)) == 0
    assert cost.price({"downloaded GB": 12, "jobs": 5}) == pytest.approx(2 * 1.0 + 2 * 0.10)


@pytest.mark.parametrize(
    ("page", "size"),
    [
        pytest.param(_pages.detail_page(7), _pages.DETAIL_BYTES, id="a detail page"),
        pytest.param(_pages.listing_page(3, 50), _pages.LISTING_BYTES, id="a listing page"),
    ],
)
def test_ours_pages_have_the_size_that_the_lines_say(page: bytes, size: int) -> None:
    assert size <= len(page) <= 1.02 * size


def test_ours_a_later_edition_changes_the_share_it_says_spread_over_all_pages() -> None:
    changed = [n for n in range(1_000) if _pages.wide(n, BASE, 0, 0.01) != _pages.wide(n, BASE, 1, 0.01)]
    assert Counter(n // _pages.WIDE for n in changed) == dict.fromkeys(range(10), 1)


def test_ours_a_listing_page_holds_what_every_contender_must_find() -> None:
    titles = [a.attributes["title"] for a in LexborHTMLParser(_pages.listing_page(1, 50)).css("h3 a")]
    assert titles == [record["title"] for record in truth(Job("listings", BASE, 1))]
    assert set(JOBS) == {"details", "listings", "all", "wide"}


class Liar:
    """A contender that finds what the pages say, but for one price."""

    name = "liar"

    def __init__(self, price: float | None) -> None:
        self._price = price

    def run(self, job: Job) -> tuple[Cost, list[_pages.Record]]:
        """As a contender does."""
        first, *others = truth(job)
        return Cost(1.0, 1.0, 1), [{**first, "price": self._price} if self._price else first, *others]


def test_ours_contenders_take_turns_and_each_keeps_its_place() -> None:
    assert in_turn([Liar(None), Liar(None)], [Job("listings", BASE, 1)] * 2, 3) == [[Cost(1.0, 1.0, 1)] * 2] * 3


def test_ours_who_finds_something_else_is_not_measured() -> None:
    with pytest.raises(SystemExit, match=r"liar found .*'price': 0.5.* where the page says .*'amount': 10.0"):
        in_turn([Liar(None), Liar(0.5)], [Job("listings", BASE, 1)] * 2, 1)


def test_ours_the_site_answers_304_to_what_is_known_and_404_to_what_is_none() -> None:
    with site(Edition()) as (port,), requests.Session() as session:
        url = f"http://127.0.0.1:{port}"
        first = session.get(f"{url}/detail/1.html")
        assert (first.status_code, first.content) == (200, _pages.detail_page(1))
        again = session.get(f"{url}/detail/1.html", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert session.get(f"{url}/robots.txt").status_code == 404


def test_ours_the_relay_passes_requests_on_and_counts_them_by_the_first_name_of_their_paths() -> None:
    owner = {"Authorization": "Bearer owner"}
    with database() as address, relay(address) as counted, requests.Session() as session:
        session.headers.update(owner)
        url = f"http://{counted.address}"
        assert session.patch(f"{url}/.json?print=silent", json={"data/c/a": {"n": 1}, "runs/x": 2}).status_code == 204
        assert session.get(f"{url}/data/c.json").json() == {"a": {"n": 1}}
        etag = session.get(f"{url}/runs/x.json", headers={"X-Firebase-ETag": "true"}).headers["ETag"]
        assert session.put(f"{url}/runs/x.json", data="3", headers={"if-match": etag}).json() == 3
        traffic = counted.taken()
    assert (traffic.reads, traffic.writes) == (2, 2)
    assert traffic.read_bytes == {"data": len('{"a":{"n":1}}'), "runs": 1}
    assert traffic.written_bytes == {"data": len('"data/c/a":{"n": 1},'), "runs": len('"runs/x":2,') + len("3")}
    assert counted.taken().reads == 0
