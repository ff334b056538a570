"""What is due, when it is next, and who is late."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling import plan, status
from kindling.flow import Day, RunRecord, SourceState
from kindling.plan import ALL, Caps, within
from kindling.sources import Source, parse

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOON = 1_700_049_600_000  # 2023-11-15T12:00:00Z


def source(name: str = "s", schedule: str = "every: 6h", more: str = "") -> Source:
    return parse(f"url: https://{name}.example/\n{schedule}\nrecords: li\nfields: {{a: b}}\n{more}", name)


def test_what_is_due_comes_longest_overdue_first_and_never_twice() -> None:
    names = ("new", "old", "later", "queued", "lost", "off", "paused")
    sources = {name: source(name, more="enabled: false" if name == "off" else "") for name in names}
    states = {
        "old": SourceState(next_run_ms=NOON - 5),
        "later": SourceState(next_run_ms=NOON + 1),
        "queued": SourceState(next_run_ms=NOON - 9, queued="r", queued_ms=NOON - MINUTE),
        "lost": SourceState(next_run_ms=NOON - 9, queued="r", queued_ms=NOON - 2 * HOUR),
        "paused": SourceState(paused=True),
    }
    assert plan.due(sources, states, NOON) == ["new", "lost", "old"]


@pytest.mark.parametrize(
    ("schedule", "state", "retry_at", "low", "high"),
    [
        pytest.param(
            "every: 6h", SourceState(), None, 6 * HOUR - 5 * MINUTE, 6 * HOUR, id="an interval, drifting a bit"
        ),
        pytest.param("every: 5m", SourceState(), None, 270_000, 300_000, id="a short one drifts by a tenth"),
        pytest.param("cron: '0 6 * * *'", SourceState(), None, 18 * HOUR, 18 * HOUR, id="a cron line is kept to"),
        pytest.param(
            "cron: '0 6 * * *'\ntimezone: Europe/Amsterdam", SourceState(), None, 17 * HOUR, 17 * HOUR, id="in its zone"
        ),
        pytest.param("every: 6h", SourceState(failures=1), None, 150_000, 300_000, id="one failure: soon again"),
        pytest.param("every: 6h", SourceState(failures=4), None, 1_200_000, 2_400_000, id="four: eight times later"),
        pytest.param(
            "every: 6h", SourceState(failures=40), None, 6 * HOUR - 5 * MINUTE, 6 * HOUR, id="as planned at most"
        ),
        pytest.param("every: 7d", SourceState(failures=40), None, DAY // 2, DAY, id="a dead site once a day"),
        pytest.param("every: 5m", SourceState(), NOON + DAY, DAY, DAY, id="a site that asks for a day gets it"),
    ],
)
def test_ours_the_next_run(schedule: str, state: SourceState, retry_at: int | None, low: int, high: int) -> None:
    planned = source(schedule=schedule)
    waits = {plan.next_run_ms(planned, state, NOON, retry_at, random.Random(seed)) - NOON for seed in range(20)}
    assert low <= min(waits) <= max(waits) <= high
    assert (len(waits) > 1) == (low < high)


def test_late_is_two_intervals_and_an_hour_after_the_last_success_or_the_first_try() -> None:
    every = source()
    limit = NOON + 13 * HOUR
    ok = SourceState(status="ok", first_run_ms=1, last_success_ms=NOON)
    never = SourceState(status="failing", first_run_ms=NOON)
    for state in (ok, never):
        assert [plan.is_late(every, state, now) for now in (limit, limit + 1)] == [False, True]
    assert not plan.is_late(every, SourceState(), limit + DAY)
    assert not plan.is_late(every, replace(ok, paused=True), limit + DAY)
    assert not plan.is_late(source(more="enabled: false"), ok, limit + DAY)


def test_ours_late_by_a_cron_line_is_two_of_its_moments_and_an_hour_after_the_last_success() -> None:
    daily = source(schedule="cron: '0 6 * * *'")
    noon = SourceState(status="ok", last_success_ms=NOON)
    after_tomorrow = NOON + 43 * HOUR  # 07:00
    assert [plan.is_late(daily, noon, now) for now in (after_tomorrow, after_tomorrow + 1)] == [False, True]
    workdays = source(schedule="cron: '0 6 * * 1-5'")
    friday = SourceState(status="ok", last_success_ms=NOON + 2 * DAY - 6 * HOUR)
    tuesday = NOON + 6 * DAY - 5 * HOUR  # 07:00: those of Monday and of Tuesday passed; on the weekend there were none
    assert [plan.is_late(workdays, friday, now) for now in (tuesday, tuesday + 1)] == [False, True]


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.sampled_from(["x", "y", "z"])))
def test_hosts_take_turns_and_nobody_is_left_out(hosts: dict[str, str]) -> None:
    turns = plan.hosts_apart(sorted(hosts), hosts)
    assert sorted(turns) == sorted(hosts)
    seen: dict[str, int] = {}
    for name in turns:
        seen[hosts[name]] = seen.get(hosts[name], 0) + 1
        waiting = [h for h in set(hosts.values()) if list(hosts.values()).count(h) > seen.get(h, 0)]
        assert all(seen[hosts[name]] - seen.get(host, 0) <= 1 for host in waiting)


WITHIN: dict[str, tuple[Day, Caps, list[str], dict[str, str]]] = {
    "a fresh day lets all run": (Day("d", 9), Caps(5, 10), ["a", "b", "c"], {}),
    "one source has used up its own": (Day("d", 9, 5, {"a": 5}), Caps(5, 10), ["b", "c"], {"a": "a"}),
    "the project has one run left, and the longest overdue gets it": (
        Day("d", 9, 9, {"a": 4, "b": 5}),
        Caps(5, 10),
        ["a"],
        {"b": "b", "c": ALL},
    ),
    "the project has used up its runs": (
        Day("d", 9, 10, {"x": 10}),
        Caps(50, 10),
        [],
        {"a": ALL, "b": ALL, "c": ALL},
    ),
    "more than the cap was queued by many at once": (Day("d", 9, 12), Caps(5, 10), [], {"a": ALL, "b": ALL, "c": ALL}),
    "no run at all is allowed": (Day("d", 9), Caps(5, 0), [], {"a": ALL, "b": ALL, "c": ALL}),
}


@pytest.mark.parametrize(("day", "caps", "allowed", "refused"), WITHIN.values(), ids=WITHIN.keys())
def test_who_may_still_run_on_a_day(day: Day, caps: Caps, allowed: list[str], refused: dict[str, str]) -> None:
    assert within(["a", "b", "c"], day, caps) == (allowed, refused)


SECONDS: dict[str, tuple[RunRecord, float]] = {
    "one that goes on": (RunRecord("r", "s", "running", NOON - 2_500), 2.5),
    "one that is over": (RunRecord("r", "s", "ok", NOON - 2_500, NOON - 1_000), 1.5),
    "one that was queued for this very request": (RunRecord("r", "s", "queued", NOON + 3), 0),
}


@pytest.mark.parametrize(("record", "seconds"), SECONDS.values(), ids=SECONDS.keys())
def test_ours_a_run_has_lasted_so_long(record: RunRecord, seconds: float) -> None:
    assert status.run_json(record, NOON)["seconds"] == seconds
