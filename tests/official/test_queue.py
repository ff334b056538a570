"""Tasks of the official queue: what comes twice does no harm, and what fails comes again.

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

from tests.official.asking import ADMIN
from tests.official.scraping import runs
from tests.official.suites import PROJECT, START_S, OfficialSuite, eventually

pytestmark = [pytest.mark.official, pytest.mark.usefixtures("first")]

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


def executions(official: OfficialSuite) -> int:
    """How many tasks the function was given so far, and answered."""
    return len([line for line in official.lines if 'Finished "us-central1-scrapesource"' in line])


def told(official: OfficialSuite, event: str, run: str) -> list[str]:
    """The log lines about a run."""
    return [line for line in official.lines if f'"event": "{event}"' in line and f'"run": "{run}"' in line]


def test_spec_a_task_that_comes_again_runs_nothing_again(official: OfficialSuite) -> None:
    run = requests.post(f"{official.hosting}/scrape_now/{SOURCE}?_wait=50", headers=ADMIN, timeout=START_S).json()
    assert run["status"] == "unchanged"
    eventually(lambda: len(told(official, "run-ended", run["run"])) == 1)
    before, answered = runs(official, SOURCE), executions(official)
    for _ in range(2):
        deliver(official, {"source": SOURCE, "run": run["run"]})
    eventually(lambda: executions(official) >= answered + 2)
    assert runs(official, SOURCE) == before
    assert len(told(official, "run-ended", run["run"])) == 1


def test_spec_the_task_of_a_run_that_was_killed_fails_and_comes_again_until_the_lease_is_free(
    official: OfficialSuite, official_store: Store
) -> None:
    run, leases = f"killed-{uuid4().hex}", Runs(official_store)
    lease = leases.acquire(SOURCE, run, time.time_ns() // 1_000_000, hold_s=HOUR_S)
    assert lease is not None
    deliver(official, {"source": SOURCE, "run": run})
    eventually(lambda: len(told(official, "run-waits", run)) >= 2)
    assert told(official, "run-ended", run) == []
    leases.release(lease)
    eventually(lambda: len(told(official, "run-ended", run)) == 1)
    assert [one["status"] for one in runs(official, SOURCE) if one["run"] == run] == ["unchanged"]


NOBODYS = {"a source that is gone": {"source": "nosuch", "run": "x"}, "no run": {"source": SOURCE}, "nothing": None}


@pytest.mark.parametrize("data", NOBODYS.values(), ids=NOBODYS.keys())
def test_spec_a_task_that_nobody_can_do_is_dropped(official: OfficialSuite, data: Any) -> None:
    """It is answered as done: one that failed would come eight times."""
    answer = requests.post(
        f"{official.functions}/{PROJECT}/us-central1/scrapesource", json={"data": data}, timeout=START_S
    )
    assert (answer.status_code, answer.json()) == (200, {"result": None})
