"""Tasks of the official queue: what comes twice does no harm, and what fails comes again. DESIGN, section 7.

They stand against two traps: the queue delivers at least once, and a run may be dead when its task comes again.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from uuid import uuid4

import pytest
import requests
from kindling.store import Store
from kindling.store.runs import Runs

from tests.emulators.conftest import eventually
from tests.official.asking import ADMIN
from tests.official.scraping import runs
from tests.official.suites import PROJECT, START_S, OfficialSuite

pytestmark = [pytest.mark.official, pytest.mark.usefixtures("first_runs")]

SOURCE = "users"
HOUR_S = 3_600


def deliver(official: OfficialSuite, data: Any) -> None:
    """Puts a task into the queue, as the admin SDK does."""
    queue = f"projects/{PROJECT}/locations/us-central1/queues/scrapesource"
    body = base64.b64encode(json.dumps({"data": data}).encode()).decode()
    request = {"url": "", "body": body, "headers": {"Content-Type": "application/json"}}
    answer = requests.post(
        f"{official.origin('tasks')}/{queue}/tasks", json={"task": {"httpRequest": request}}, timeout=START_S
    )
    assert answer.status_code == 200, answer.text


def stats(official: OfficialSuite) -> dict[str, int]:
    """The counters of the queue."""
    every = requests.get(f"{official.origin('tasks')}/queueStats", timeout=START_S).json()
    found: dict[str, int] = every[f"queue:{PROJECT}-us-central1-scrapesource"]
    return found


def drained(official: OfficialSuite) -> bool:
    return stats(official)["numberOfTasks"] == 0


def told(official: OfficialSuite, event: str, run: str) -> list[str]:
    """The log lines about a run."""
    return [line for line in official.lines if f'"event": "{event}"' in line and f'"run": "{run}"' in line]


def test_spec_a_task_that_comes_again_runs_nothing_again(official: OfficialSuite) -> None:
    run = requests.post(f"{official.hosting}/scrape_now/{SOURCE}?_wait=50", headers=ADMIN, timeout=START_S).json()
    assert run["status"] == "unchanged"
    eventually(lambda: drained(official))
    before, done = runs(official, SOURCE), stats(official)["completedTasks"]
    for _ in range(2):
        deliver(official, {"source": SOURCE, "run": run["run"]})
    eventually(lambda: stats(official)["completedTasks"] == done + 2)
    assert runs(official, SOURCE) == before
    assert len(told(official, "run-ended", run["run"])) == 1


def test_spec_the_task_of_a_run_that_was_killed_fails_and_comes_again_until_the_lease_is_free(
    official: OfficialSuite, official_store: Store
) -> None:
    eventually(lambda: drained(official))
    run, leases = f"killed-{uuid4().hex}", Runs(official_store)
    lease = leases.acquire(SOURCE, run, time.time_ns() // 1_000_000, hold_s=HOUR_S)
    assert lease is not None
    deliver(official, {"source": SOURCE, "run": run})
    eventually(lambda: len(told(official, "run-waits", run)) >= 2)
    assert told(official, "run-ended", run) == []
    leases.release(lease)
    eventually(lambda: drained(official))
    assert [one["status"] for one in runs(official, SOURCE) if one["run"] == run] == ["unchanged"]
    assert len(told(official, "run-ended", run)) == 1


@pytest.mark.parametrize("data", [{"source": "nosuch", "run": "x"}, {"source": 1}, None], ids=["gone", "wrong", "none"])
def test_spec_a_task_that_nobody_can_do_is_dropped_and_not_tried_for_ever(official: OfficialSuite, data: Any) -> None:
    eventually(lambda: drained(official))
    before = stats(official)
    deliver(official, data)
    eventually(lambda: stats(official)["completedTasks"] == before["completedTasks"] + 1)
    after = stats(official)
    assert (after["numberOfTasks"], after["failedTasks"]) == (0, before["failedTasks"])
