"""What becomes of a run: suspect, failed, killed, overtaken, alerted; and that good data outlive it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from kindling.errors import LostLease, Unavailable
from kindling.flow import RunRecord, SourceState
from kindling.run import run_source
from kindling.sources import Source

from tests.faultsite import in_turn, page
from tests.runs.scene import Scene, listing, told


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(
            b"<p>new layout</p>", "no record was found, usually 20; the page may have a new layout", id="nothing found"
        ),
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
        assert (record.status, record.error) == ("suspect", ("suspect", why))
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

    def alert(_: Source | None, record: RunRecord, state: SourceState) -> bool:
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


def test_one_short_page_that_changed_is_no_field_lost_and_changes_what_is_usual_of_none(scene: Scene) -> None:
    scene.show(listing({f"k{n}": n for n in range(20)}, "/2"))
    scene.show(listing({"z": 1}), "/2")
    scene.run()
    scene.show(listing({"z": None}), "/2")
    assert told(scene.run()) == ("ok", 21, 0, 1, 0)
    assert dict(scene.state().fill) == {"name": 1.0, "price": 1.0}


def test_what_people_say_of_a_source_while_it_runs_is_not_lost(scene: Scene) -> None:
    scene.show(listing({"a": 1}))

    def pause(_: RunRecord) -> None:
        scene.runs.set_state(scene.name, paused=True)

    run_source(scene.source, "r1", replace(scene.tools, progress=pause))
    assert (scene.state().status, scene.state().paused) == ("ok", True)


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
