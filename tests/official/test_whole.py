"""`dev.py emulators` as a person starts it: everything, our database in it, and the same data as `dev.py serve` has."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import requests

from tests.official.asking import ASKS, Told, send, told
from tests.official.scraping import DEMO, scrape_what_is_due
from tests.official.suites import NAMESPACE, OWNER, START_S, OfficialSuite, copy, eventually, left_behind
from tests.running_suite import ROOT, RunningSuite

pytestmark = pytest.mark.official

ASKED = ("a server answers", "the email of every person named Shawn", "as CSV", "an unknown collection", "no key")

READ = {
    "data/users": 200,
    "collections/users": 200,
    "changes/users": 200,
    "data": 401,
    "sources": 401,
    "runs/users": 401,
    "leases": 401,
    "keys": 401,
    "": 401,
}
"""What a stranger may read of the database itself, by the rules that the CLI loaded. To write: nothing."""


def stranger(running: OfficialSuite, method: str, place: str) -> int:
    """The status of a stranger's request of the database."""
    url = f"{running.origin('database')}/{place}.json"
    return requests.request(method, url, params={"ns": NAMESPACE}, json=1, timeout=START_S).status_code


def answers(running: OfficialSuite | RunningSuite) -> dict[str, Told]:
    """The answers through Hosting, of which none depends on the time."""
    origins = (running.hosting, running.functions)
    return {name: told(send("hosting", *origins, ASKS[name]), origins) for name in ASKED}


def namespaces(running: OfficialSuite) -> list[str]:
    """The databases that there are: the functions and the rules must mean the same one."""
    url = f"{running.origin('database')}/.inspect/databases.json?ns={NAMESPACE}"
    listed = requests.get(url, headers=OWNER, timeout=START_S).json()
    return [one["name"] for one in listed]


@pytest.mark.usefixtures("firebase")
def test_spec_all_of_it_runs_until_sigterm_and_our_own_suite_goes_on_with_its_data(folder: Path) -> None:
    project = copy(ROOT, folder / "project", sources=DEMO)
    officially = OfficialSuite(project, data=folder / "data")
    secrets = (project / "functions" / ".secret.local").read_text()
    scrape_what_is_due(officially)
    before = answers(officially)
    assert namespaces(officially) == [NAMESPACE]
    assert {place: stranger(officially, "GET", place) for place in READ} == READ
    assert [stranger(officially, "PUT", place) for place in READ] == [401] * len(READ)
    assert [words for words in left_behind(folder) if "functions-framework" in words] != []
    officially.process.send_signal(signal.SIGTERM)  # the other suites end by Ctrl-C's signal
    assert officially.wait() == 0
    eventually(lambda: left_behind(folder) == [])
    assert not (project / "functions" / ".env.local").exists()
    assert (project / "functions" / ".secret.local").read_text() == secrets
    own = RunningSuite("--no-schedule", folder=folder)
    after = answers(own)
    assert own.stop() == 0
    assert {name: answer.status for name, answer in before.items()} == {name: ASKS[name].status for name in ASKED}
    assert after == before
