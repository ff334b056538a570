"""One source's pipeline, whole: real pages from a real server, the real fetcher, the database emulator over HTTP."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from kindling.errors import LostLease, Unavailable
from kindling.fetch import Gate, Secrets
from kindling.flow import RunRecord, SourceState
from kindling.run import Tools, run_source
from kindling.sources import Source, parse
from kindling.store import Record, Store, paths
from kindling.store.runs import Runs
from kindling.walk import page_key

from tests.faultsite import FaultSite, ManualClock, in_turn, moved, page
from tests.stores import live_store

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
_names = (f"src{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with live_store("test-run") as made:
        yield made


@pytest.fixture
def site() -> Iterator[FaultSite]:
    with FaultSite() as made:
        yield made


@pytest.fixture
def tools(store: Store, site: FaultSite) -> Tools:
    store.database.update({paths.HOSTS: None})  # another test's site may have had this port
    return Tools(
        store=store,
        clock=ManualClock(),
        gate=Gate(allow=[site.door]),
        site="",
        contact="",
        secrets=Secrets(),
        chance=random.Random(1),
    )


def listing(prices: dict[str, float | None], following: str = "") -> bytes:
    items = "".join(
        f"<li><b>{name}</b>" + (f"<i>{price}</i>" if price is not None else "") for name, price in prices.items()
    )
    return f"<ul>{items}</ul>".encode() + (f'<a class=next href="{following}">on</a>'.encode() if following else b"")


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


@pytest.fixture
def scene(site: FaultSite, tools: Tools) -> Scene:
    return Scene(site, tools)


def told(record: RunRecord) -> tuple[str, int, int, int, int]:
    return record.status, record.records, record.added, record.changed, record.removed


def test_records_of_all_pages_are_kept_and_the_run_says_so(scene: Scene) -> None:
    scene.show(listing({"a": 1, "b": 2.5}, "/2"))
    scene.show(listing({"c": None}), "/2")
    record = scene.run()
    assert told(record) == ("ok", 3, 3, 0, 0)
    assert (record.pages, dict(record.fill), record.error) == (2, {"name": 1.0, "price": 0.6667}, None)
    assert scene.kept() == {"a": {"name": "a", "price": 1}, "b": {"name": "b", "price": 2.5}, "c": {"name": "c"}}
    summary = scene.tools.store.collection(scene.name)
    assert summary is not None
    assert (summary.public, summary.source, summary.status, summary.count) == (True, scene.name, "ok", 3)
    assert dict(summary.declared) == {"name": "text", "price": "number"}


def test_one_changed_one_added_one_gone_is_exactly_what_is_written(scene: Scene) -> None:
    scene.show(listing({"a": 1, "b": 2, "c": 3}))
    scene.run()
    scene.show(listing({"b": 2, "c": 4, "d": 5}))
    assert told(scene.run()) == ("ok", 3, 1, 1, 1)
    assert scene.kept() == {n: {"name": n, "price": p} for n, p in {"b": 2, "c": 4, "d": 5}.items()}
    assert scene.log()[3:] == [("changed", "c"), ("added", "d"), ("removed", "a")]
    gone = scene.tools.store.record(scene.name, "a")
    assert gone is not None
    assert gone.gone_ms is not None
    assert gone.last_ms == gone.first_ms - (gone.first_ms - scene.runs.runs(scene.name, limit=9)[-1].started_ms)


def test_a_record_that_comes_back_keeps_the_time_it_was_first_seen(scene: Scene) -> None:
    scene.show(listing({"a": 1, "b": 2}))
    scene.run()
    first = scene.tools.store.record(scene.name, "a")
    scene.show(listing({"b": 2}))
    scene.run()
    scene.show(listing({"a": 1, "b": 2}))
    assert told(scene.run()) == ("ok", 2, 1, 0, 0)
    back = scene.tools.store.record(scene.name, "a")
    assert first is not None
    assert back is not None
    assert back == replace(first, changed_ms=back.changed_ms)


def test_an_unchanged_page_costs_no_parse_no_write_and_no_new_version(scene: Scene) -> None:
    scene.show(listing({"a": 1}, "/2"), etag='"one"')
    scene.show(listing({"b": 2}), "/2")
    scene.run()
    before = scene.tools.store.collection(scene.name)
    scene.site.handlers["/"] = page(b"", 304)
    record = scene.run()
    after = scene.tools.store.collection(scene.name)
    assert told(record) == ("unchanged", 2, 0, 0, 0)
    assert scene.site.asked[-2].headers["if-none-match"] == '"one"'
    assert before is not None
    assert after is not None
    assert after.version == before.version
    assert after.fetched_ms == record.started_ms
    assert scene.log() == [("added", "a"), ("added", "b")]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"<p>new layout</p>", "no record was found, usually 20", id="nothing found"),
        pytest.param(listing({f"k{n}": n for n in range(9)}), "only 9 records were found, usually 20", id="collapsed"),
        pytest.param(
            listing({f"k{n}": None for n in range(20)}),
            "price filled in 0% of records, usually 100%",
            id="a field lost",
        ),
    ],
)
def test_a_suspect_result_changes_nothing_until_it_is_accepted(scene: Scene, body: bytes, why: str) -> None:
    scene.show(listing({f"k{n}": n for n in range(20)}))
    scene.run()
    kept, log = scene.kept(), scene.log()
    scene.show(body)
    for _ in range(2):
        record = scene.run()
        assert record.status == "suspect"
        assert record.error is not None
        assert record.error[1].startswith(why)
        assert (scene.kept(), scene.log()) == (kept, log)
    summary = scene.tools.store.collection(scene.name)
    assert summary is not None
    assert (summary.status, summary.count) == ("suspect", 20)
    assert scene.run(accept=True).status == "ok"
    assert scene.state().status == "ok"
    assert len(scene.kept()) == body.count(b"<li>")


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        pytest.param(page(b"busy", 500), "http-500", id="the site is broken"),
        pytest.param(page(b"no", 404), "http-404", id="the page is gone"),
        pytest.param(page(b"<title>Just a moment...</title>"), "blocked", id="a block page"),
    ],
)
def test_a_failed_run_leaves_the_last_good_snapshot(scene: Scene, handler: Any, code: str) -> None:
    scene.show(listing({"a": 1, "b": 2}))
    scene.run()
    scene.site.handlers["/"] = handler
    record = scene.run()
    assert record.error is not None
    assert (record.status, record.error[0]) == ("failed", code)
    assert set(scene.kept()) == {"a", "b"}
    assert (scene.state().status, scene.state().failures) == ("failing", 1)


def test_a_failure_on_a_later_page_keeps_what_was_read_and_calls_nothing_gone(scene: Scene) -> None:
    scene.show(listing({"a": 1}, "/2"))
    scene.show(listing({"b": 2}, "/3"), "/2")
    scene.show(listing({"c": 3}), "/3")
    scene.run()
    scene.show(listing({"a": 9}, "/2"))
    scene.site.handlers["/2"] = page(b"", 404)
    record = scene.run()
    assert told(record)[0] == "partial"
    assert record.error is not None
    assert record.error[0] == "http-404"
    assert {name: d["price"] for name, d in scene.kept().items()} == {"a": 9, "b": 2, "c": 3}


def test_a_walk_over_its_limit_is_partial_and_goes_on_where_it_stopped(site: FaultSite, tools: Tools) -> None:
    scene = Scene(site, tools, DEFINITION + "limits: {{pages: 2}}\n")
    for number in range(1, 6):
        path = "/" if number == 1 else f"/{number}"
        scene.show(listing({f"k{number}": number}, f"/{number + 1}" if number < 5 else ""), path)
    statuses = [scene.run().status for _ in range(3)]
    assert statuses == ["partial", "partial", "ok"]
    assert set(scene.kept()) == {f"k{n}" for n in range(1, 6)}
    assert scene.site.paths() == ["/", "/2", "/3", "/4", "/5"]
    scene.show(listing({"other": 0}, "/2"))
    assert [scene.run().status for _ in range(3)] == ["partial", "partial", "ok"]
    assert set(scene.kept()) == {"other", *(f"k{n}" for n in range(2, 6))}


def test_a_next_link_in_a_circle_ends(scene: Scene) -> None:
    scene.show(listing({"a": 1}, "/2"))
    scene.show(listing({"b": 2}, "/"), "/2")
    record = scene.run()
    assert told(record) == ("ok", 2, 2, 0, 0)
    assert record.warnings == (f"the next link of {scene.site.url('/2')} leads back to a page already read",)


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


def test_own_pages_are_read_for_new_and_changed_records_and_when_they_are_due(site: FaultSite, tools: Tools) -> None:
    scene = Scene(site, tools, FOLLOWING)
    scene.show(b"<li><b>a</b><a href=/a>x</a><li><b>b</b><a href=/b>x</a>")
    scene.show(b"<p>about a</p>", "/a")
    scene.show(b"<p>about b</p>", "/b")
    assert told(scene.run()) == ("ok", 2, 2, 0, 0)
    assert scene.kept() == {"a": {"name": "a", "plot": "about a"}, "b": {"name": "b", "plot": "about b"}}
    asked = len(scene.site.paths())
    assert told(scene.run()) == ("unchanged", 2, 0, 0, 0)
    assert scene.site.paths()[asked:] == ["/"]
    scene.show(b"<p>more about b</p>", "/b")
    scene.run()
    asked = len(scene.site.paths())
    assert told(scene.run()) == ("ok", 2, 0, 1, 0)
    assert scene.site.paths()[asked:] == ["/", "/a", "/b"]
    assert scene.kept()["b"] == {"name": "b", "plot": "more about b"}


def test_an_own_page_that_fails_leaves_a_known_record_as_it_is_and_a_new_one_out(site: FaultSite, tools: Tools) -> None:
    scene = Scene(site, tools, FOLLOWING)
    scene.show(b"<li><b>a</b><a href=/a>x</a>")
    scene.show(b"<p>about a</p>", "/a")
    scene.run()
    scene.site.handlers["/a"] = page(b"", 404)
    scene.show(b"<li><b>a</b><a href=/a>x</a><li><b>n</b><a href=/n>x</a>")
    for _ in range(3):
        record = scene.run()
    assert record.rejects[0][:2] == ("its own page: http-404", 2)
    assert scene.kept() == {"a": {"name": "a", "plot": "about a"}}


@pytest.mark.parametrize(
    ("missing", "served", "stored"),
    [
        pytest.param("mark", ["b"], ["a", "b"], id="mark keeps it, unserved"),
        pytest.param("delete", ["b"], ["b"], id="delete takes it away"),
        pytest.param("keep", ["a", "b"], ["a", "b"], id="keep goes on serving it"),
    ],
)
def test_what_becomes_of_a_record_gone_from_the_page(
    site: FaultSite, tools: Tools, missing: str, served: list[str], stored: list[str]
) -> None:
    scene = Scene(site, tools, DEFINITION + f"missing: {missing}\n")
    scene.show(listing({"a": 1, "b": 2}))
    scene.run()
    scene.show(listing({"b": 2}))
    for _ in range(2):
        scene.run()
        assert sorted(scene.kept()) == served
        assert [record.id for record in tools.store.records(scene.name, limit=9)] == stored


def test_after_the_definition_changed_nothing_looks_like_all_gone_and_all_new(scene: Scene) -> None:
    scene.show(listing({f"k{n}": n for n in range(20)}))
    scene.run()
    scene.source = parse(DEFINITION.format(url=scene.site.url("/")).replace("price:", "cost:"), scene.name)
    assert told(scene.run()) == ("ok", 20, 0, 20, 0)
    assert scene.kept()["k3"] == {"name": "k3", "cost": 3}


def test_a_forgotten_record_is_not_taken_again_and_a_deleted_one_is(scene: Scene) -> None:
    scene.show(listing({"a": 1, "b": 2, "c": 3}))
    scene.run()
    for key, forget in (("a", True), ("b", False)):
        scene.tools.store.remove(scene.name, key, forget=forget, by="test", now_ms=scene.tools.clock.now_ms())
    assert told(scene.run()) == ("ok", 2, 1, 0, 0)
    assert sorted(scene.kept()) == ["b", "c"]


def test_a_collection_of_another_source_is_left_alone(scene: Scene, site: FaultSite, tools: Tools) -> None:
    scene.show(listing({"a": 1}))
    scene.run()
    other = Scene(site, tools, DEFINITION + f"collection: {scene.name}\n")
    record = other.run()
    assert record.error is not None
    assert (record.status, record.error[0]) == ("failed", "collection-taken")
    assert scene.kept() == {"a": {"name": "a", "price": 1}}


def test_two_runs_of_a_source_never_overlap_and_a_finished_run_is_not_repeated(scene: Scene) -> None:
    scene.show(listing({"a": 1}))
    lease = scene.runs.acquire(scene.name, "other", scene.tools.clock.now_ms())
    assert lease is not None
    assert run_source(scene.source, "r1", scene.tools) is None
    scene.runs.release(lease)
    done = run_source(scene.source, "r1", scene.tools)
    assert done is not None
    assert run_source(scene.source, "r1", scene.tools) is None
    assert scene.runs.run(scene.name, "r1") == done


def test_a_killed_run_is_told_as_killed_by_the_next(scene: Scene) -> None:
    scene.show(listing({"a": 1}))
    now_ms = scene.tools.clock.now_ms()
    lease = scene.runs.acquire(scene.name, "dead", now_ms)
    scene.runs.note(RunRecord("dead", scene.name, "running", now_ms), lease)
    assert scene.run().status == "ok"
    dead = scene.runs.run(scene.name, "dead")
    assert dead is not None
    assert dead.error is not None
    assert (dead.status, dead.error[0]) == ("failed", "killed")


def test_a_run_whose_lease_was_taken_over_commits_nothing(scene: Scene) -> None:
    scene.show(listing({"a": 1}))

    def take_over(_: RunRecord) -> None:
        far = scene.tools.clock.now_ms() + 10**7
        assert scene.runs.acquire(scene.name, "thief", far) is not None

    with pytest.raises(LostLease):
        run_source(scene.source, "r1", replace(scene.tools, progress=take_over))
    assert scene.tools.store.collection(scene.name) is None
    assert scene.log() == []


def test_one_alert_on_the_change_to_bad_and_one_on_recovery(scene: Scene) -> None:
    told_: list[tuple[str, str | None]] = []

    def alert(_: Source, record: RunRecord, state: SourceState) -> bool:
        told_.append((record.run, state.status))
        return len(told_) > 1

    scene.tools = replace(scene.tools, alert=alert)
    good, bad = page(listing({"a": 1})), page(b"", 404)
    for handler in (good, bad, bad, bad, good, good):
        scene.site.handlers["/"] = handler
        scene.run()
    assert told_ == [("r2", "failing"), ("r3", "failing"), ("r5", "ok")]


def test_a_site_that_recovers_within_a_run_costs_only_time(scene: Scene) -> None:
    scene.site.handlers["/"] = in_turn(page(b"", 503, Retry_After="2"), page(listing({"a": 1})))
    assert told(scene.run()) == ("ok", 1, 1, 0, 0)


def test_a_record_kept_is_the_document_and_its_stamps(scene: Scene) -> None:
    scene.show(listing({"a": 1}))
    record = scene.run()
    kept = scene.tools.store.record(scene.name, "a")
    assert kept is not None
    assert record.ended_ms is not None
    assert kept == Record("a", {"name": "a", "price": 1}, record.ended_ms, record.ended_ms, page=kept.page)


def test_this_projects_own_pages_are_known_again_when_the_site_moves(site: FaultSite, tools: Tools) -> None:
    scene = Scene(site, replace(tools, site=site.url("").rstrip("/")), DEFINITION.replace("{url}", "/list"))
    scene.show(listing({"a": 1}, "/2"), "/list")
    scene.show(listing({"b": 2}), "/2")
    assert told(scene.run()) == ("ok", 2, 2, 0, 0)
    with FaultSite(site.handlers) as elsewhere:
        scene.tools = replace(scene.tools, gate=Gate(allow=[elsewhere.door]), site=elsewhere.url("").rstrip("/"))
        assert told(scene.run()) == ("unchanged", 2, 0, 0, 0)
        assert elsewhere.paths() == ["/list", "/2"]


def test_a_record_on_two_pages_is_not_gone_while_one_of_them_has_it(scene: Scene) -> None:
    scene.show(listing({"x": 1}, "/2"))
    scene.show(listing({"b": 2}), "/2")
    scene.run()
    scene.show(listing({"b": 2, "x": 1}), "/2")
    assert told(scene.run()) == ("ok", 2, 0, 0, 0)
    scene.show(listing({"b": 2, "c": 3}), "/2")
    assert told(scene.run()) == ("ok", 3, 1, 0, 0)
    assert sorted(scene.kept()) == ["b", "c", "x"]


def test_a_run_reads_as_much_as_changed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        path = "/" if number == 0 else f"/{number}"
        scene.show(listing({f"k{number}-{n}": n for n in range(5)}, f"/{number + 1}" if number < 9 else ""), path)
    scene.run()
    scene.show(listing({**{f"k7-{n}": n for n in range(4)}, "k7-4": 99}, "/8"), "/7")
    asked: list[str] = []
    get = scene.tools.store.database.get
    monkeypatch.setattr(scene.tools.store.database, "get", lambda path: asked.append(path) or get(path))  # type: ignore[func-returns-value]  # append first
    assert told(scene.run()) == ("ok", 50, 0, 1, 0)
    changed = page_key(scene.site.url("/7"))
    assert {path for path in asked if path.startswith("rows/")} == {
        f"rows/{scene.name}/{key}" for key in (changed, "none")
    }
    assert {path for path in asked if path.startswith("data/")} == {f"data/{scene.name}/k7-4"}
    asked.clear()
    assert told(scene.run()) == ("unchanged", 50, 0, 0, 0)
    assert [path for path in asked if path.startswith(("rows/", "data/"))] == []


def test_a_limit_in_the_middle_of_a_page_goes_on_there_and_reads_no_own_page_twice(
    site: FaultSite, tools: Tools
) -> None:
    scene = Scene(site, tools, FOLLOWING.replace("3h", "30d") + "limits: {{pages: 3}}\n")
    scene.show("".join(f"<li><b>k{n}</b><a href=/{n}>x</a>" for n in range(5)).encode())
    for number in range(5):
        scene.show(f"<p>about {number}</p>".encode(), f"/{number}")
    assert [told(scene.run()) for _ in range(4)] == [
        ("partial", 2, 2, 0, 0),
        ("partial", 4, 2, 0, 0),
        ("ok", 5, 1, 0, 0),
        ("unchanged", 5, 0, 0, 0),
    ]
    assert [path for path in scene.site.paths() if path != "/"] == ["/0", "/1", "/2", "/3", "/4"]
    assert scene.log() == [("added", f"k{n}") for n in range(5)]


def test_a_walk_that_cannot_go_on_where_it_stopped_starts_again_at_the_beginning(scene: Scene) -> None:
    scene.show(listing({"a": 1}, "/2?token=1"))
    scene.site.handlers["/2?token=1"] = page(b"", 404)
    statuses = [scene.run().status]
    scene.show(listing({"a": 2, "b": 2}))
    statuses += [scene.run().status for _ in range(3)]
    assert statuses == ["partial", "failed", "ok", "unchanged"]
    assert {name: document["price"] for name, document in scene.kept().items()} == {"a": 2, "b": 2}


def test_one_short_page_that_changed_is_no_field_lost_and_changes_what_is_usual_of_none(scene: Scene) -> None:
    scene.show(listing({f"k{n}": n for n in range(20)}, "/2"))
    scene.show(listing({"z": 1}), "/2")
    scene.run()
    scene.show(listing({"z": None}), "/2")
    assert told(scene.run()) == ("ok", 21, 0, 1, 0)
    assert dict(scene.state().fill) == {"name": 1.0, "price": 1.0}


def test_a_field_of_own_pages_is_known_as_usual_after_runs_that_read_none(site: FaultSite, tools: Tools) -> None:
    scene = Scene(site, tools, FOLLOWING.replace(", required: true", ""))
    items = "".join(f"<li><b>k{n}</b><a href=/{n}>x</a>" for n in range(12))
    scene.show(items.encode())
    for number in range(12):
        scene.show(f"<p>about {number}</p>".encode(), f"/{number}")
    scene.run()
    scene.show(f"<h1>Changed</h1>{items}".encode())
    assert told(scene.run()) == ("ok", 12, 0, 0, 0)
    for number in range(12):
        scene.show(b"<div>new layout</div>", f"/{number}")
    scene.run()
    record = scene.run()
    assert record.error == ("suspect", "plot filled in 0% of records, usually 100%")
    assert scene.kept()["k3"] == {"name": "k3", "plot": "about 3"}


def test_what_people_say_of_a_source_while_it_runs_is_not_lost(scene: Scene) -> None:
    scene.show(listing({"a": 1}))

    def pause(_: RunRecord) -> None:
        scene.runs.set_state(scene.name, paused=True)

    run_source(scene.source, "r1", replace(scene.tools, progress=pause))
    assert (scene.state().status, scene.state().paused) == ("ok", True)


def test_a_new_definition_reaches_every_page_and_every_record_also_where_a_walk_takes_several_runs(
    site: FaultSite, tools: Tools
) -> None:
    definition = FOLLOWING.replace("3h", "30d") + "next: a.next::attr(href)\n"
    scene = Scene(site, tools, definition)
    scene.show(b"<li><b>a</b><a href=/a>x</a><li><b>b</b><a href=/b>x</a></li><a class=next href=/2>on</a>")
    scene.show(b"<li><b>c</b><a href=/c>x</a>", "/2")
    for letter in "abc":
        scene.show(f"<p>about {letter}</p><q>more</q>".encode(), f"/{letter}")
    assert told(scene.run()) == ("ok", 3, 3, 0, 0)
    text = (
        (definition + "limits: {{pages: 2}}\n")
        .format(url=site.url("/"))
        .replace("plot: {select: p,", "plot: {select: q,")
    )
    scene.source = parse(text, scene.name)
    assert [scene.run().status for _ in range(3)] == ["partial", "partial", "ok"]
    assert {name: document["plot"] for name, document in scene.kept().items()} == dict.fromkeys("abc", "more")


def test_an_index_that_a_definition_adds_later_is_built_for_what_is_kept(site: FaultSite, tools: Tools) -> None:
    scene = Scene(site, tools)
    scene.show(listing({"a": 3, "b": 1, "c": 2}))
    scene.run()
    scene.source = parse(DEFINITION.format(url=site.url("/")) + "index: [price]\n", scene.name)
    assert told(scene.run()) == ("unchanged", 3, 0, 0, 0)
    summary = tools.store.collection(scene.name)
    assert summary is not None
    assert summary.slots == {"price": "_a"}
    assert [record.id for record in tools.store.by_slot(scene.name, "_a", limit=9)] == ["b", "c", "a"]


def test_a_run_that_its_limits_end_before_it_read_anything_is_no_success(site: FaultSite, tools: Tools) -> None:
    scene = Scene(site, tools, DEFINITION + "limits: {{pages: 1}}\n")
    scene.site.handlers |= {"/": moved("/1"), **{f"/{n}": moved(f"/{n + 1}") for n in range(1, 5)}}
    record = scene.run()
    assert record.error is not None
    assert (record.status, record.error[0]) == ("failed", "budget-requests")
    assert (scene.state().status, scene.state().last_success_ms) == ("failing", None)


def test_a_run_cut_between_two_commits_is_repaired_also_where_the_page_changed_since(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kindling.store.results.BATCH_RECORDS", 2)
    scene.show(listing({"a": 1, "b": 2, "c": 3, "d": 4}))
    update, commits = scene.tools.store.database.update, itertools.count()

    def second_fails(changes: Mapping[str, Any]) -> None:
        if any(path.startswith("data/") for path in changes) and next(commits) == 1:
            raise Unavailable("the database does not answer; try again")
        update(changes)

    monkeypatch.setattr(scene.tools.store.database, "update", second_fails)
    with pytest.raises(Unavailable):
        scene.run()
    monkeypatch.setattr(scene.tools.store.database, "update", update)
    assert sorted(scene.kept()) == ["a", "b"]
    scene.show(listing({"b": 2, "c": 3, "d": 4}))
    scene.count += 1
    assert told(scene.run()) == ("ok", 3, 2, 0, 1)
    assert sorted(scene.kept()) == ["b", "c", "d"]
    assert scene.log() == [("added", "a"), ("added", "b"), ("added", "c"), ("added", "d"), ("removed", "a")]
