"""The backup, rehearsed: a service with data, history, keys and sources is exported, put into an empty place, and there
answers every question as before; and it goes on, its next run changing nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.faultsite import FaultSite, page
from tests.running_suite import DEADLINE_S, RunningSuite
from tests.typed import typed

pytestmark = pytest.mark.suite

SHOP = """
url: {url}
every: 30d
records: li
key: name
fields: {{name: b, price: {{select: i, type: number}}}}
public: true
index: [price]
"""
QUESTIONS = (
    "/get_data",
    "/get_data/shop?_meta=1&_gone=1&_sort=-price",
    "/get_data/shop?price__gte=3",
    "/get_data/shop/pear?_meta=1&_gone=1",
    "/get_changes/shop",
    "/get_series/shop/apple/price",
    "/get_data/notes?_meta=1",
    "/get_changes/notes",
    "/get_sources",
    "/get_sources/later",
    "/get_runs/shop",
    "/openapi.json",
)


def prices(**found: int) -> bytes:
    return "".join(f"<li><b>{name}</b><i>{price}</i></li>" for name, price in found.items()).encode()


def dev(*arguments: str) -> str:
    """What a command of dev.py prints."""
    done = typed(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Service:
    """A suite on one folder of data, and what it answers."""

    def __init__(self, folder: Path, sources: Path, site: FaultSite) -> None:
        self.suite = RunningSuite(
            "--no-schedule", f"--sources={sources}", f"--allow={site.door}", folder=folder, env={"WEBHOOK_URL": ""}
        )
        self.data = folder / "data"

    def ask(self, method: str, path: str, *, key: str | None = None, **options: Any) -> requests.Response:
        headers = {"X-API-Key": key or self.suite.key}
        answer = requests.request(method, self.suite.hosting + path, headers=headers, timeout=DEADLINE_S, **options)
        assert answer.ok, answer.text
        return answer

    def scrape(self) -> dict[str, Any]:
        run: dict[str, Any] = self.ask("POST", "/scrape_now/shop?_wait=50").json()
        return run

    def answers(self, then: str, key: str) -> dict[str, Any]:
        """Every question's answer, also as it was `then`, and what the key `key` is told."""
        asked = [*QUESTIONS, f"/get_data/shop?_as_of={then}", f"/get_data/notes/n1?_as_of={then}"]
        told = {path: self.ask("GET", path).json() for path in asked}
        here = json.loads(json.dumps(told).replace(self.suite.hosting, "SITE"))
        return {**here, "by key": self.ask("GET", "/get_data/notes", key=key).json()}


@pytest.fixture
def site() -> Iterator[FaultSite]:
    with FaultSite({"/shop": page(prices(apple=1, pear=2, plum=3)), "/later": page(prices(x=1))}) as made:
        yield made


def fill(service: Service, site: FaultSite) -> tuple[str, str]:
    """Gives the service a past; returns a moment of it and a reader's key."""
    assert service.scrape()["status"] == "ok"
    service.ask("PUT", "/save_data/notes/n1", json={"text": "first", "odd": [[], {}, None, 2**60, "a.b/c"]})
    service.ask("PUT", "/save_source/later", json={"url": site.url("/later"), "every": "30d", "fields": {"name": "b"}})
    then = service.ask("GET", "/get_changes/notes").json()["items"][-1]["at"]
    site.handlers["/shop"] = page(prices(apple=4, plum=3, quince=5))
    assert service.scrape()["status"] == "ok"
    service.ask("PATCH", "/save_data/notes/n1", json={"text": "second"})
    service.ask("DELETE", "/delete_data/shop/plum?_forget=1")
    assert service.scrape()["removed"] == 0
    service.ask("PATCH", "/save_source/later", json={"paused": True})
    told = dev("keys", "add", "reader", "--scope", "read", "--collections", "notes", f"--data={service.data}")
    key = next(word for word in told.split() if word.startswith("kindling_reader_"))
    return then, key


def test_what_was_exported_is_served_the_same_after_the_import_and_goes_on(site: FaultSite, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "shop.yaml").write_text(SHOP.format(url=site.url("/shop")))
    backup = tmp_path / "backup.json"
    places = [tmp_path / name for name in ("first", "second")]
    for place in places:
        place.mkdir()

    first = Service(places[0], sources, site)
    then, key = fill(first, site)
    before = first.answers(then, key)
    dev("export", str(backup), f"--data={first.data}")
    assert first.suite.stop() == 0
    assert key.rpartition("_")[2] not in backup.read_text(encoding="utf-8")

    dev("import", str(backup), f"--data={places[1] / 'data'}")
    second = Service(places[1], sources, site)
    assert second.answers(then, key) == before
    run = second.scrape()
    assert (run["status"], run["added"], run["changed"], run["removed"]) == ("unchanged", 0, 0, 0)
    for path in ("/get_changes/shop", "/get_data/shop?price__gte=3"):
        assert second.ask("GET", path).json() == before[path]
    assert second.suite.stop() == 0
