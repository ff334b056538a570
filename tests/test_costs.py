"""What operations.md and scale.md say of costs and limits is computed: from counts that `dev.py bench cost` measured,
and from the numbers in the code. A number that changes there changes the pages, or this test fails."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kindling import jobs, plan, settings
from kindling.query.reading import READ_MAX, READ_MAX_BYTES

from benchmarks import cost
from tests.live import ROOT
from tests.measured_docs import DOCS, check, table

RUN = {
    "first": cost.Use(13, 24, 101_120, 0.3),
    "unchanged": cost.Use(14, 2_156, 2_011, 0.1),
    "1% changed": cost.Use(26, 41_525, 7_227, 0.2),
}
READ = {"a new question": cost.Use(2, 9_210, 0, 0.0104), "the same again": cost.Use(1, 0, 0, 0.004)}
"""A run of 100 records on five pages and a read of 20 of 10,000, as `dev.py bench cost` counted them on 2026-11-22."""

SHOWN = {
    "stored GB": "GB stored",
    "downloaded GB": "GB downloaded",
    "calls": "calls",
    "vCPU s": "vCPU-seconds",
    "GiB s": "GiB-seconds",
    "jobs": "schedules",
    "tasks": "tasks",
}
DAY_S = 86_400
MAIN = (ROOT / "functions" / "main.py").read_text(encoding="utf-8")
TIMEOUT_S = max(map(int, re.findall(r'"timeout_sec": (\d+)', MAIN)))  # a run's
READERS, RUNNERS = (
    int(re.findall(rf'"{name}", default=(\d+)', MAIN)[0]) for name in ("READER_INSTANCES", "RUN_INSTANCES")
)
RUN_S = (RUN["unchanged"].seconds + RUN["1% changed"].seconds) / 2 + 5  # five pages, one a second


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: what it is, how much of it there is, what one unit takes of it, and what to do where it is met."""

    what: str
    most: float
    unit: str
    each: float
    beyond: str


def test_the_price_of_typical_projects_is_what_the_arithmetic_says() -> None:
    rows = []
    for project in cost.PROJECTS:
        amounts = cost.bill(project, RUN, READ)
        over = [SHOWN[what] for what, amount in amounts.items() if amount > cost.FREE[what]]
        told = [f"{amounts[what]:,.3g}" if amounts[what] < 1_000 else f"{amounts[what]:,.0f}" for what in SHOWN]
        rows.append([project.name, *told, f"{cost.price(amounts):,.2f}", ", ".join(over) or "nothing"])
    rows.append(["free each month", *(f"{cost.FREE[what]:,.0f}" for what in SHOWN), "", ""])
    rows.append(["US$ beyond", *(f"{cost.PRICE[what]:.10f}".rstrip("0").rstrip(".") for what in SHOWN), "", ""])
    check("operations.md", "costs", table(["Project", *SHOWN.values(), "US$ a month", "beyond what is free"], rows))


def test_the_price_of_the_worst_day_is_what_the_caps_let_it_be() -> None:
    caps = jobs.caps()
    runs_s = min(caps.project * TIMEOUT_S, RUNNERS * DAY_S)
    reads_s = READERS * DAY_S
    cpu = cost.PRICE["vCPU s"]
    memory = cost.PRICE["GiB s"]
    rows = [
        [
            f"{caps.project:,} runs of {RUN_S:.0f} s",
            f"{caps.project * RUN_S * (cpu + cost.RUN_GIB * memory):,.2f}",
        ],
        [
            f"all {RUNNERS} instances of runs busy all day, each run ended by its {TIMEOUT_S} s",
            f"{runs_s * (cpu + cost.RUN_GIB * memory):,.2f}",
        ],
        [
            f"one reading function flooded all day, its {READERS} instances busy",
            f"{reads_s * (cpu + cost.READER_GIB * memory):,.2f}",
        ],
        [
            "100 GB downloaded from the database past the cache",
            f"{100 * cost.PRICE['downloaded GB']:,.2f}",
        ],
    ]
    check("operations.md", "worst", table(["What happens", "US$ a day at most"], rows))


def test_what_one_project_carries_is_what_the_limits_divide_to() -> None:
    hour_s = 3_600
    ticks = hour_s / 300
    limits = [
        Limit("`RUNS_PER_DAY`", jobs.caps().project, "sources run hourly", 24, "raise the setting"),
        Limit(
            "sources handed over in a tick of the clock",
            jobs.DUE_MAX * ticks,
            "sources run hourly",
            1,
            "the rest are due at the next tick",
        ),
        Limit(
            f"runs at once, {RUNNERS} instances of one run each",
            RUNNERS * hour_s / RUN_S,
            "sources run hourly",
            1,
            "raise `RUN_INSTANCES`",
        ),
        Limit(
            "one run at a time on a host, a page a second",
            hour_s,
            "pages of one host an hour",
            1,
            "nothing: it is politeness",
        ),
        Limit("Cloud Tasks, 500 a second", 500 * hour_s, "sources run hourly", 1, "several queues"),
        Limit(
            "the database, 1,000 writes a second",
            1_000 * hour_s,
            "sources run hourly",
            RUN["1% changed"].operations,
            "another instance",
        ),
        Limit(
            "the database, 100,000 answers a second",
            100_000,
            "reads a second that no cache has",
            READ["a new question"].operations,
            "another instance",
        ),
        Limit(
            f"a reading function, {READERS} instances of one processor",
            READERS,
            "new questions a second",
            READ["a new question"].seconds,
            "raise `READER_INSTANCES`",
        ),
        Limit("Hosting's CDN", float("inf"), "reads of public data that somebody just asked", 1, ""),
        Limit(
            "1 GB stored, free",
            1e9,
            "records of 400 bytes with their history",
            400 * cost.DOCUMENT_STORED,
            "5 US$ a GB, up to the size Google allows an instance",
        ),
        Limit("one query, documents", READ_MAX, "documents read without an index", 1, "declare an index"),
        Limit("one query, bytes", READ_MAX_BYTES, "documents of 2 KB read without an index", 2_000, "declare an index"),
    ]
    rows = [
        [
            limit.what,
            "no number" if limit.most == float("inf") else f"{limit.most / limit.each:,.0f} {limit.unit}",
            limit.beyond,
        ]
        for limit in limits
    ]
    check("scale.md", "limits", table(["What bites", "At", "Beyond it"], rows))


def test_a_tick_of_the_clock_reads_what_was_measured() -> None:
    performance, *pages = ((DOCS / name).read_text() for name in ("performance.md", "scale.md", "operations.md"))
    sizes = re.search(r"a tick of the clock with n sources, bytes read: .*, 1,000: ([\d.e+]+)\)", performance)
    assert sizes is not None
    assert round(float(sizes[1]) / 1_000, -1) == cost.TICK_BYTES
    assert [re.findall(r"(\d+) bytes a source", page) for page in pages] == [[str(cost.TICK_BYTES)]] * len(pages)


def test_the_settings_that_guard_are_told_with_their_defaults() -> None:
    names = ("RUNS_PER_DAY", "RUNS_PER_SOURCE")
    rows = [[f"`{one.name}`", one.default, one.help] for one in settings.TABLE if one.name in names]
    check("operations.md", "guards", table(["Setting", "Default", "What it holds"], rows))
    assert plan.Caps(source=300, project=5_000) == jobs.caps()
