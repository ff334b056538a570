"""The schedule that scrapes, run through its own endpoint, as both suites take it."""

from __future__ import annotations

from typing import Any

import requests

from tests.official.asking import ADMIN
from tests.official.suites import PROJECT, START_S, OfficialSuite, eventually
from tests.running_suite import RunningSuite

DEMO = ("movies", "users")  # the sources that need no internet
JOB = {"X-CloudScheduler-JobName": "scrape_due", "X-CloudScheduler-ScheduleTime": "2026-11-22T12:00:00Z"}


def fire(running: OfficialSuite | RunningSuite, function: str) -> requests.Response:
    """Sets a schedule off."""
    at = f"{running.functions}/functions/projects/{PROJECT}/triggers/us-central1-{function}-0"
    return requests.post(at, headers=JOB, timeout=START_S)


def runs(running: OfficialSuite | RunningSuite, source: str) -> list[dict[str, Any]]:
    """The runs of a source."""
    answer = requests.get(f"{running.hosting}/get_runs/{source}", headers=ADMIN, timeout=START_S)
    found: list[dict[str, Any]] = answer.json()["runs"]
    return found


def scrape_what_is_due(running: OfficialSuite | RunningSuite) -> None:
    """Fires the schedule and returns when each of DEMO, which are all its sources, was scraped."""
    assert fire(running, "scrape_due").status_code == 200
    eventually(lambda: statuses(running) == dict.fromkeys(DEMO, "ok"))


def statuses(running: OfficialSuite | RunningSuite) -> dict[str, str]:
    """How the sources are."""
    answer = requests.get(f"{running.hosting}/get_sources", timeout=START_S)
    return {source["name"]: source["status"] for source in answer.json()["sources"]}
