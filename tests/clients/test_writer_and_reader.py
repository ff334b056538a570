"""One client pages through a collection while another writes to it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from tests.clients.served import Asked
from tests.running_suite import DEADLINE_S

pytestmark = pytest.mark.suite

STAY = 120  # documents that are there all the time
ORDERS = {"by id": "", "by a field that is written to": "&_sort=-rank", "by a field with ties": "&_sort=group"}


def documents(start: int, count: int, prefix: str) -> list[dict[str, Any]]:
    return [{"id": f"{prefix}{n:04d}", "rank": n, "group": n % 3} for n in range(start, start + count)]


def write_until(done: threading.Event, site: Asked, collection: str, written: threading.Event) -> None:
    """Adds documents before, between and behind the others, and deletes every second one again."""
    with requests.Session() as session:
        session.headers["X-API-Key"] = site.key
        turn = 0
        while not done.is_set():
            [one] = documents(turn, 1, "bdz"[turn % 3])
            path = f"{site.hosting}/{{}}/{collection}/{one['id']}"
            session.put(path.format("save_data"), json=one, timeout=DEADLINE_S).raise_for_status()
            if turn % 2:
                session.delete(path.format("delete_data"), timeout=DEADLINE_S).raise_for_status()
            turn += 1
            written.set()


@pytest.mark.parametrize("name", ORDERS)
def test_spec_no_item_comes_twice_and_none_that_stays_is_left_out(site: Asked, name: str) -> None:
    collection, order = f"moving-{name.replace(' ', '-')}", ORDERS[name]
    stay = documents(0, STAY, "c")
    site.save(collection, stay)
    done, written = threading.Event(), threading.Event()
    writer = threading.Thread(target=write_until, args=(done, site, collection, written))
    writer.start()
    seen: list[str] = []
    try:
        path: str | None = f"/get_data/{collection}?_limit=7{order}"
        while path:
            assert written.wait(DEADLINE_S), "the writer has come to nothing"
            written.clear()
            answer = site.get(path)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            seen += [item["_id"] for item in page["items"]]
            path = f"/get_data/{collection}?_limit=7{order}&_after={page['next']}" if page["next"] else None
    finally:
        done.set()
        writer.join(DEADLINE_S)
    assert len(seen) == len(set(seen)), "an item came twice"
    assert {one["id"] for one in stay} <= set(seen), "one that was there throughout was left out"
