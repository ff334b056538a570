"""What a run keeps, changes, marks gone and leaves alone; real pages, the real fetcher, the real database over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kindling.fetch import Gate
from kindling.run import RECENT_MAX, Tools
from kindling.sources import parse
from kindling.store import Record
from kindling.walk import page_key
from msgspec import structs

from tests.faultsite import FaultSite, page
from tests.runs.scene import DEFINITION, FOLLOWING, Scene, listing, told


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
    first = scene.run()
    scene.show(listing({"b": 2, "c": 4, "d": 5}))
    assert told(scene.run()) == ("ok", 3, 1, 1, 1)
    assert scene.kept() == {n: {"name": n, "price": p} for n, p in {"b": 2, "c": 4, "d": 5}.items()}
    assert scene.log()[3:] == [("changed", "c"), ("added", "d"), ("removed", "a")]
    gone = scene.tools.store.record(scene.name, "a")
    assert gone is not None
    assert gone.gone_ms is not None
    assert gone.last_ms == first.started_ms


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
    assert back == structs.replace(first, changed_ms=back.changed_ms)


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
    before = scene.tools.store.collection(scene.name)
    other = Scene(site, tools, DEFINITION + f"collection: {scene.name}\n")
    record = other.run()
    assert record.error is not None
    assert (record.status, record.error[0]) == ("failed", "collection-taken")
    assert scene.kept() == {"a": {"name": "a", "price": 1}}
    assert scene.tools.store.collection(scene.name) == before


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


def test_the_last_runs_are_told_with_the_source_and_the_oldest_are_let_go(scene: Scene) -> None:
    scene.show(listing({"a": 1, "b": 2}), etag='"one"')
    scene.run()
    scene.run()
    scene.show(b"<p>nothing")
    scene.run()
    assert scene.state().recent == (("ok", 2), ("unchanged", 2), ("suspect", 0))
    for _ in range(RECENT_MAX):
        scene.run()
    assert scene.state().recent == (("suspect", 0),) * RECENT_MAX


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
