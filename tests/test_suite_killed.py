"""`kill -9` of the whole suite while clients write: what was acknowledged is there afterwards."""

import threading
from pathlib import Path

import pytest
import requests

from tests.running_suite import DEADLINE_S, RunningSuite

ROUNDS = 30
WRITERS = 3


def write_until_it_dies(
    suite: RunningSuite, name: str, acknowledged: dict[str, int], enough: threading.Semaphore
) -> None:
    """Saves one document after another; notes each that was acknowledged."""
    with requests.Session() as client:
        client.headers["X-API-Key"] = suite.key
        for number in range(10_000):
            url = f"{suite.hosting}/save_data/things/{name}-{number}"
            try:
                answer = client.put(url, json={"number": number}, timeout=DEADLINE_S)
            except requests.RequestException:
                return
            if answer.status_code != 201:
                return  # a part of it died first, and the others say so
            acknowledged[f"{name}-{number}"] = number
            enough.release()


@pytest.mark.suite
def test_spec_no_acknowledged_write_is_lost_when_everything_is_killed(tmp_path: Path) -> None:
    acknowledged: dict[str, int] = {}
    for each in range(ROUNDS):
        suite = RunningSuite("--no-schedule", folder=tmp_path)
        enough = threading.Semaphore(0)
        writers = [
            threading.Thread(target=write_until_it_dies, args=(suite, f"r{each}w{writer}", acknowledged, enough))
            for writer in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        for _ in range(3 + each % 7):
            assert enough.acquire(timeout=DEADLINE_S)
        suite.kill_all()
        for writer in writers:
            writer.join(DEADLINE_S)
    suite = RunningSuite("--no-schedule", folder=tmp_path)
    kept: dict[str, int] = {}
    path = "?_limit=1000"
    while path:
        page = suite.get(f"/get_data/things{path}", headers={"X-API-Key": suite.key}).json()
        kept |= {item["_id"]: item["number"] for item in page["items"]}
        path = f"?_limit=1000&_after={page['next']}" if page["next"] else ""
    assert suite.stop() == 0
    assert {name: kept.get(name) for name in acknowledged} == acknowledged
