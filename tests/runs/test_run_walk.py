"""Which pages a run reads: next links, own pages, limits, and where the next run goes on."""

from __future__ import annotations

from dataclasses import replace

from kindling.fetch import Gate
from kindling.run import Tools
from kindling.store import paths

from tests.faultsite import FaultSite, moved, page
from tests.runs.scene import DEFINITION, FOLLOWING, Scene, listing, told


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


def test_a_page_with_more_records_than_the_limit_says_that_the_rest_is_not_read(site: FaultSite, tools: Tools) -> None:
    scene = Scene(site, tools, DEFINITION + "limits: {{records: 3}}\n")
    scene.show(listing({"a": 1, "b": 2}, "/2"))
    scene.show(listing({f"k{n}": n for n in range(5)}), "/2")
    first, second = scene.run(), scene.run()
    assert first.error == ("limit-records", "the limit of 3 records is reached; the next run goes on here")
    why = f"{site.url('/2')} alone has more than 3 records, and the rest is never read; raise limits: records"
    assert second.error == ("limit-records", why)
    assert (first.status, second.status, set(scene.kept())) == ("partial", "partial", {"a", "b", "k0", "k1", "k2"})


def test_a_next_link_in_a_circle_ends(scene: Scene) -> None:
    scene.show(listing({"a": 1}, "/2"))
    scene.show(listing({"b": 2}, "/"), "/2")
    record = scene.run()
    assert told(record) == ("ok", 2, 2, 0, 0)
    assert record.warnings == (f"the next link of {scene.site.url('/2')} leads back to a page already read",)


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


def test_a_run_that_its_limits_end_before_it_read_anything_is_no_success(site: FaultSite, tools: Tools) -> None:
    scene = Scene(site, tools, DEFINITION + "limits: {{pages: 1}}\n")
    scene.site.handlers |= {"/": moved("/1"), **{f"/{n}": moved(f"/{n + 1}") for n in range(1, 5)}}
    record = scene.run()
    assert record.error is not None
    assert (record.status, record.error[0]) == ("failed", "budget-requests")
    assert (scene.state().status, scene.state().last_success_ms) == ("failing", None)


def test_ours_of_the_projects_own_site_nothing_is_kept_however_it_is_written(site: FaultSite, tools: Tools) -> None:
    own = site.url("", host="LocalHost")
    scene = Scene(site, replace(tools, site=own, gate=Gate(site=own)))
    scene.source = replace(scene.source, urls=("/",))
    scene.show(listing({"a": 1}))
    assert scene.run().status == "ok"
    assert tools.store.database.names(paths.HOSTS) == []
