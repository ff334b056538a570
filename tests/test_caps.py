"""The daily caps on runs: what is over them rests until the day (UTC) is over, is shown so, and is told once."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kindling import jobs, settings, status
from kindling.errors import ApiError, SettingInvalid
from kindling.fetch import Gate, Secrets
from kindling.flow import Day, RunRecord, SourceState
from kindling.known import known
from kindling.run import Tools
from kindling.sources import Source
from kindling.store import Store, paths
from kindling.store.days import DAY_MS, Days

from tests.faultsite import FaultSite, ManualClock, page

DAY = "2027-01-15"  # the clock of a test starts at eight in the morning
MIDNIGHT_MS = 1_800_057_600_000
_names = (f"cap{n}" for n in itertools.count())

Told = list[tuple[str | None, str, str | None]]


@pytest.fixture
def site() -> Iterator[FaultSite]:
    with FaultSite({"/": page(b"<li><b>a</b></li>")}) as made:
        yield made


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def tools(store: Store, site: FaultSite, told: Told) -> Tools:
    store.database.update({paths.HOSTS: None, paths.DAYS: None})

    def alert(source: Source | None, _: RunRecord, state: SourceState) -> bool:
        told.append((source.name if source else None, state.status, state.reason))
        return True

    return Tools(store, ManualClock(), Gate(allow=[site.door]), "", "", Secrets(), random.Random(1), alert=alert)


@pytest.fixture
def names(tmp_path: Path, site: FaultSite, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two sources that are due every five minutes."""
    monkeypatch.setenv("FUNCTIONS_EMULATOR", "true")
    monkeypatch.setenv("KINDLING_SOURCES", str(tmp_path))
    made = [next(_names), next(_names)]
    for name in made:
        text = f"url: {site.url('/')}\nevery: 5m\nrecords: li\nkey: name\nfields: {{name: b}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    return made


def tick(tools: Tools) -> list[str]:
    """What the clock and the queue do at one time: the sources that ran, each delivered twice."""
    records = list(jobs.queue_due(tools))
    for record in [*records, *records]:
        jobs.perform(tools, record.source, record.run)
    return [record.source for record in records]


def pass_s(tools: Tools, seconds: float) -> None:
    assert isinstance(tools.clock, ManualClock)
    tools.clock.pass_s(seconds)


def statuses(tools: Tools) -> dict[str, str]:
    found, states = known(tools.store)
    return {name: status.health(source, states[name], tools.clock.now_ms()) for name, source in found.sources.items()}


def test_a_source_rests_at_its_cap_is_told_once_and_goes_on_the_next_day(
    names: list[str], tools: Tools, told: Told, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNS_PER_SOURCE", "2")
    first, second = names
    jobs.queue(tools, first)
    pass_s(tools, 3601)
    assert tick(tools) == [first, second]
    pass_s(tools, 301)
    assert tick(tools) == [second]
    assert Days(tools.store.database).read(tools.clock.now_ms()) == Day(
        DAY, MIDNIGHT_MS, 4, {first: 2, second: 2}, frozenset([first])
    )
    assert statuses(tools) == {first: "capped", second: "ok"}
    pass_s(tools, 301)
    assert tick(tools) == []
    pass_s(tools, 301)
    assert tick(tools) == []
    why = "has used up the 2 runs of a day (RUNS_PER_SOURCE); it goes on at 2027-01-16T00:00:00.000Z"
    assert told == [(first, "capped", f"{first} {why}"), (second, "capped", f"{second} {why}")]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["sources"] for line in lines if line["event"] == "sources-capped"] == names
    pass_s(tools, (MIDNIGHT_MS - tools.clock.now_ms()) / 1000)
    assert sorted(tick(tools)) == names
    assert set(statuses(tools).values()) == {"ok"}


def test_the_cap_of_the_project_holds_for_all_and_is_told_once(
    names: list[str], tools: Tools, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNS_PER_DAY", "3")
    assert tick(tools) == names
    pass_s(tools, 301)
    assert len(tick(tools)) == 1
    pass_s(tools, 301)
    assert tick(tools) == []
    assert set(statuses(tools).values()) == {"capped"}
    why = "the project has used up the 3 runs of a day (RUNS_PER_DAY); it goes on at 2027-01-16T00:00:00.000Z"
    assert told == [(None, "capped", why)]
    monkeypatch.setenv("RUNS_PER_DAY", "9")
    assert sorted(tick(tools)) == names
    assert set(statuses(tools).values()) == {"ok"}


def test_an_alert_that_was_not_delivered_is_told_again(
    names: list[str], tools: Tools, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNS_PER_DAY", "0")
    assert tick(replace(tools, alert=lambda *_: False)) == []
    assert set(statuses(tools).values()) == {"capped"}
    assert tick(tools) == []
    assert [(name, word) for name, word, _ in told] == [(None, "capped")]


def test_a_run_by_hand_is_refused_at_the_cap_with_the_time_to_come_back(
    names: list[str], tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNS_PER_SOURCE", "1")
    jobs.admit(tools, names[0])
    jobs.queue(tools, names[0])
    with pytest.raises(ApiError) as refused:
        jobs.admit(tools, names[0])
    error = refused.value
    assert (error.status, error.kind, error.headers) == (429, "runs-used-up", {"Retry-After": str(16 * 3600 + 1)})
    jobs.admit(tools, names[1])


def test_a_setting_that_is_no_number_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNS_PER_DAY", "many")
    with pytest.raises(SettingInvalid, match="RUNS_PER_DAY is not a whole number"):
        settings.number("RUNS_PER_DAY")


def test_counts_of_days_are_kept_for_a_month(names: list[str], tools: Tools) -> None:
    jobs.queue(tools, names[0])
    pass_s(tools, 31 * DAY_MS / 1000)
    assert jobs.prune(tools)["days"] == 0
    pass_s(tools, DAY_MS / 1000)
    assert jobs.prune(tools)["days"] == 1
    assert tools.store.database.names(paths.DAYS) == []
