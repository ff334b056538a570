"""What the clock, the queue and administrators set off, and the sources that there are for it.

Delivery is at least once everywhere.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest
from kindling import jobs, plan
from kindling.errors import ApiError, HostBusy, QueueUnavailable
from kindling.flow import RunRecord, SourceState
from kindling.known import known, named
from kindling.run import Tools
from kindling.sources import Source
from kindling.store import Store
from kindling.store.runs import LEASE_S, Runs

from tests.faultsite import FaultSite, ManualClock, page

_names = (f"job{n}" for n in itertools.count())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of source files that this process uses."""
    monkeypatch.setenv("FUNCTIONS_EMULATOR", "true")
    monkeypatch.setenv("KINDLING_SOURCES", str(tmp_path))
    return tmp_path


def declare(folder: Path, site: FaultSite, more: str = "") -> str:
    name = next(_names)
    site.handlers["/"] = page(b"<li><b>a</b></li>")
    text = f"url: {site.url('/')}\nevery: 1h\nrecords: li\nkey: name\nfields: {{name: b}}\n{more}"
    (folder / f"{name}.yaml").write_text(text)
    return name


def test_a_due_source_is_queued_once_run_once_and_due_again_an_interval_later(
    folder: Path, site: FaultSite, tools: Tools
) -> None:
    name = declare(folder, site)
    records = list(jobs.queue_due(tools))
    assert [(record.source, record.status) for record in records] == [(name, "queued")]
    assert list(jobs.queue_due(tools)) == []
    done = jobs.perform(tools, name, records[0].run)
    assert done is not None
    assert done.status == "ok"
    assert jobs.perform(tools, name, records[0].run) is None
    assert len(site.paths()) == 1
    assert list(jobs.queue_due(tools)) == []
    assert isinstance(tools.clock, ManualClock)
    tools.clock.pass_s(3600)
    assert [record.source for record in jobs.queue_due(tools)] == [name]


def test_a_queued_run_that_finds_another_going_on_says_so_and_leaves_it_alone(
    folder: Path, site: FaultSite, tools: Tools
) -> None:
    name = declare(folder, site)
    runs = Runs(tools.store)
    lease = runs.acquire(name, "going-on", tools.clock.now_ms())
    assert lease is not None
    assert jobs.running(tools, name) == "going-on"
    record = jobs.queue(tools, name)
    assert jobs.perform(tools, name, record.run) is None
    told = runs.run(name, record.run)
    assert told is not None
    assert (told.status, told.error) == ("failed", ("busy", "the run going-on was going on"))
    runs.release(lease)
    assert jobs.running(tools, name) is None


def test_the_next_delivery_of_a_run_that_was_killed_does_it_once_its_lease_has_lapsed(
    folder: Path, site: FaultSite, tools: Tools
) -> None:
    name = declare(folder, site)
    record = jobs.queue(tools, name)
    runs = Runs(tools.store)
    lease = runs.acquire(name, record.run, tools.clock.now_ms())
    runs.note(replace(record, status="running"), lease)
    with pytest.raises(HostBusy):
        jobs.perform(tools, name, record.run)
    assert isinstance(tools.clock, ManualClock)
    tools.clock.pass_s(LEASE_S + 1)
    done = jobs.perform(tools, name, record.run)
    assert done is not None
    assert (done.run, done.status) == (record.run, "ok")


def test_a_run_that_was_lost_in_the_queue_says_so_and_its_late_delivery_does_nothing(
    folder: Path, site: FaultSite, tools: Tools
) -> None:
    name = declare(folder, site)
    [lost] = jobs.queue_due(tools)
    assert isinstance(tools.clock, ManualClock)
    tools.clock.pass_s(plan.QUEUED_S + 1)
    [again] = jobs.queue_due(tools)
    told = Runs(tools.store).run(name, lost.run)
    assert told is not None
    assert told.error is not None
    assert (told.status, told.error[0]) == ("failed", "lost")
    assert jobs.perform(tools, name, lost.run) is None
    assert site.paths() == []
    assert jobs.perform(tools, name, again.run) is not None


def refuse(_: RunRecord) -> None:
    raise QueueUnavailable("it is down")


def test_ours_a_run_that_the_queue_does_not_take_is_over_and_its_source_is_due_again(
    folder: Path, site: FaultSite, tools: Tools
) -> None:
    name = declare(folder, site)
    [record] = jobs.queue_due(tools)
    with pytest.raises(QueueUnavailable):
        jobs.pass_on(tools, record, refuse)
    ended = replace(
        record, status="failed", ended_ms=tools.clock.now_ms(), error=("queue", "the queue did not take it")
    )
    assert Runs(tools.store).run(name, record.run) == ended
    assert name not in known(tools.store)[1], "as before it was queued"
    assert [again.source for again in jobs.queue_due(tools)] == [name]


def test_ours_a_run_that_began_though_the_queue_did_not_answer_goes_on(
    folder: Path, site: FaultSite, tools: Tools
) -> None:
    name = declare(folder, site)
    record = jobs.queue(tools, name)

    def take(taken: RunRecord) -> None:
        assert jobs.perform(tools, name, taken.run) is not None
        raise QueueUnavailable("its answer was lost")

    with pytest.raises(QueueUnavailable):
        jobs.pass_on(tools, record, take)
    told = Runs(tools.store).run(name, record.run)
    assert told is not None
    assert told.status == "ok"


def test_a_task_of_a_source_that_is_gone_is_dropped(folder: Path, tools: Tools) -> None:
    assert jobs.perform(tools, "nobody", "r") is None


def test_a_paused_source_rests_until_it_goes_on(folder: Path, site: FaultSite, tools: Tools) -> None:
    name = declare(folder, site)
    Runs(tools.store).set_state(name, paused=True)
    assert list(jobs.queue_due(tools)) == []
    Runs(tools.store).set_state(name, paused=None)
    assert [record.source for record in jobs.queue_due(tools)] == [name]


def test_the_watchdog_tells_once_of_a_source_without_success_and_a_run_tells_of_its_recovery(
    folder: Path, site: FaultSite, tools: Tools
) -> None:
    name = declare(folder, site)
    alerts: list[tuple[str, str | None]] = []

    def alert(_: Source | None, __: RunRecord, state: SourceState) -> bool:
        alerts.append((state.status, state.reason))
        return True

    tools = replace(tools, alert=alert)
    assert isinstance(tools.clock, ManualClock)
    jobs.perform(tools, name, jobs.queue(tools, name).run)
    tools.clock.pass_s(3 * 3600 - 60)
    assert jobs.watch(tools) == []
    tools.clock.pass_s(120)
    assert jobs.watch(tools) == [name]
    assert jobs.watch(tools) == []
    jobs.perform(tools, name, jobs.queue(tools, name).run)
    assert alerts == [("late", "no run has succeeded since 2027-01-15T08:00:00.000Z"), ("ok", None)]


def test_one_bad_file_hides_no_other_and_tells_its_mistake(folder: Path, site: FaultSite, store: Store) -> None:
    name = declare(folder, site)
    (folder / "bad.yaml").write_text("url: https://x.example/\nevery: 6h\nfields: {a: {select: b, type: numbr}}\n")
    found, _ = known(store)
    assert list(found.sources) == [name]
    assert [str(line) for line in found.invalid["bad"].lines()] == [
        "bad.yaml:3: fields.a.type: unknown type 'numbr'; did you mean 'number'?"
    ]
    with pytest.raises(ApiError) as refused:
        named(store, "bad")
    assert refused.value.status == 409


def test_a_definition_that_is_wrong_is_told_once_until_it_is_wrong_otherwise(
    folder: Path, tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "wrong.yaml"
    for text in ("url: https://x.example/\nfields: {a: [b]}\n", "url: https://x.example/\nfields: {a: [b]}\n", "a"):
        file.write_text(text)
        assert list(jobs.queue_due(tools)) == []
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["event"], line["source"], line["message"]) for line in lines] == [
        ("source-invalid", "wrong", "wrong.yaml:2: fields.a: must be an expression, not ['b']"),
        ("source-invalid", "wrong", "wrong.yaml: must be a mapping with url, records, fields …, not 'a'"),
    ]


def test_a_file_wins_over_a_saved_definition_and_collections_are_not_shared(
    folder: Path, site: FaultSite, store: Store
) -> None:
    name = declare(folder, site)
    other = next(_names)
    text = (folder / f"{name}.yaml").read_text()
    runs = Runs(store)
    runs.define(name, text.replace("1h", "2h"))
    runs.define(other, text + f"collection: {name}\n")
    found, _ = known(store)
    assert found.sources[name].every_s == 3600
    assert other not in found.sources
    assert "is fed by the source" in str(found.invalid[other])
    for saved in (name, other):
        runs.remove(saved, now_ms=1)


def test_retention_takes_old_runs_and_old_log_entries_only(
    folder: Path, site: FaultSite, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = declare(folder, site, "history: 1d\n")
    monkeypatch.setattr(jobs, "RUNS_KEPT", 2)
    assert isinstance(tools.clock, ManualClock)
    for letter in "abc":
        site.handlers["/"] = page(f"<li><b>{letter}</b></li>".encode())
        jobs.perform(tools, name, jobs.queue(tools, name).run)
        tools.clock.pass_s(15 * 3600)
    assert [(c.op, c.id) for c in tools.store.changes(name, limit=9)] == [
        ("added", "a"),
        ("added", "b"),
        ("removed", "a"),
        ("added", "c"),
        ("removed", "b"),
    ]
    gone = jobs.prune(tools)
    assert gone == {"runs": 1, "changes": 3, "hosts": 0, "days": 0, "keys": 0}
    assert [(c.op, c.id) for c in tools.store.changes(name, limit=9)] == [("added", "c"), ("removed", "b")]
    assert jobs.prune(tools) == {"runs": 0, "changes": 0, "hosts": 0, "days": 0, "keys": 0}
