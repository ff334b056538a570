"""The main job in the official suite: the schedule through its endpoint, the queue, runs, preview; nothing runs twice.

The trap they stand against: each process of a function is asked for `/__/health` first, which reaches the function.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.official.asking import ADMIN
from tests.official.conftest import First
from tests.official.scraping import fire
from tests.official.suites import PROJECT, START_S, OfficialSuite, eventually

pytestmark = [pytest.mark.official, pytest.mark.usefixtures("first")]

QUEUE = f"queue:{PROJECT}-us-central1-scrapesource"
TOGETHER = 6  # requests at once: the official emulator starts a process for each


def post(official: OfficialSuite, path: str, body: Any = None) -> requests.Response:
    return requests.post(official.hosting + path, json=body, headers=ADMIN, timeout=START_S)


def items(official: OfficialSuite, collection: str) -> list[dict[str, Any]]:
    url = f"{official.hosting}/get_data/{collection}?_limit=1000&_shape=array"
    found: list[dict[str, Any]] = requests.get(url, headers=ADMIN, timeout=START_S).json()
    return found


def kept(official: OfficialSuite) -> list[Any]:
    """What the suite tells that it keeps: collections, sources, their latest runs."""
    paths = ("/get_data", "/get_sources", "/get_runs")
    return [requests.get(official.hosting + path, headers=ADMIN, timeout=START_S).json() for path in paths]


@pytest.mark.parametrize(("source", "records"), [("users", 10), ("movies", 14)])
def test_spec_the_schedule_hands_each_source_to_the_queue_once_and_it_is_served(
    official: OfficialSuite, first: First, source: str, records: int
) -> None:
    facts = [{key: run[key] for key in ("status", "records", "added", "error")} for run in first.runs[source]]
    assert facts == [{"status": "ok", "records": records, "added": records, "error": None}]
    assert len(items(official, source)) == records


def test_spec_the_probe_does_not_run_the_schedule(official: OfficialSuite) -> None:
    said = [line.partition('"message": ')[2] for line in official.lines if "sources are due" in line]
    assert [text.partition(",")[0] for text in said] == ['"2 sources are due"']


def test_spec_the_queue_is_drained(official: OfficialSuite) -> None:
    def waiting() -> int:
        stats = requests.get(f"{official.origin('tasks')}/queueStats", timeout=START_S).json()[QUEUE]
        return int(stats["numberOfTasks"])

    eventually(lambda: waiting() == 0)


def test_spec_a_run_is_waited_for(official: OfficialSuite) -> None:
    answer = post(official, "/scrape_now/users?_wait=20")
    run = answer.json()
    assert answer.status_code == 200
    assert (run["status"], run["records"], run["added"], run["error"]) == ("unchanged", 10, 0, None)


def test_spec_a_preview_stores_nothing(official: OfficialSuite) -> None:
    definition = {"url": "/demo/users.html", "every": "1d", "records": "li.person", "fields": {"name": ".name"}}
    before = kept(official)
    answer = post(official, "/preview_source", definition)
    assert (answer.status_code, len(answer.json()["records"]), answer.json()["rejects"]) == (200, 10, [])
    assert kept(official) == before


def test_spec_requests_at_once_are_executed_once_each(official: OfficialSuite) -> None:
    documents = [{"n": number} for number in range(TOGETHER)]
    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = list(pool.map(lambda document: post(official, "/save_data/counted", document), documents))
    assert [answer.status_code for answer in answers] == [201] * TOGETHER
    assert sorted(item["n"] for item in items(official, "counted")) == list(range(TOGETHER))


def test_spec_retention_runs_through_its_endpoint(official: OfficialSuite) -> None:
    assert fire(official, "prune").status_code == 200
