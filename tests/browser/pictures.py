"""Draws the pictures of docs/dashboard.md: `python3 dev.py test tests/browser/pictures.py`. Nothing else draws them.

They show the demo site's data, one source that fails and one that rests, and a price that moved for some weeks. The
browser's clock stands a few minutes after the last run, so that pictures drawn on two days differ little.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.served import served
from tests.browser.watched import Look, opened
from tests.clients.served import Site
from tests.running_suite import DEADLINE_S, ROOT

FOLDER = ROOT / "docs" / "pictures"
BYTES_MAX = 200_000  # of a picture: a page of docs is read on a telephone too
LOOK = Look(1280, 860, "light")
LATER = timedelta(minutes=4)  # between the last run and the picture
NAMESPACE = "demo-kindling-default-rtdb"
PEOPLE = {
    "url": "/demo/users.html",
    "records": "li.person",
    "key": "email",
    "fields": {"name": ".name", "email": ".email"},
}
PRICES = (12.4, 12.4, 11.9, 12.9, 13.5, 13.5, 12.9, 9.9, 9.9, 10.5, 11.9, 11.9)
STEP = timedelta(days=4)  # between two prices


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The suite that is drawn."""
    with served(tmp_path_factory.mktemp("pictures")) as running:
        fill(running)
        yield running


def fill(site: Site) -> None:
    """A source that fails, one that rests, several runs of the others, and a collection with a past."""
    site.ask("PUT", "/save_source/festival", 201, PEOPLE | {"url": "/demo/festival.html", "public": True})
    site.ask("PUT", "/save_source/archive", 201, PEOPLE | {"public": True})
    site.ask("POST", "/scrape_now/festival?_wait=50", 200)
    site.ask("POST", "/scrape_now/archive?_wait=50", 200)
    site.ask("PATCH", "/save_source/archive", 200, {"paused": True})
    for _ in range(3):
        for name in ("movies", "users"):
            site.ask("POST", f"/scrape_now/{name}?_wait=50", 200)
    for number, amount in enumerate(PRICES):
        tea = {
            "title": "Genmaicha",
            "shop": "Tea by the Quay",
            "price": {"amount": amount, "currency": "EUR"},
            "in_stock": number % 5 != 4,
            "tags": ["green", "roasted rice"],
            "url": "https://tea.example/genmaicha",
        }
        site.save("teas", [{"id": "genmaicha", **tea}])
    spread(site, "teas")


def spread(site: Site, collection: str) -> None:
    """Moves the entries of a collection's log apart, as if they had been written over weeks."""
    asked = {"params": {"ns": NAMESPACE}, "headers": {"Authorization": "Bearer owner"}, "timeout": DEADLINE_S}
    entries = _database(site, "GET", f"changes/{collection}", asked)
    now = datetime.now(UTC)
    for back, key in enumerate(sorted(entries, reverse=True)):
        _database(site, "PUT", f"changes/{collection}/{key}/at", asked, int((now - STEP * back).timestamp() * 1000))


def _database(site: Site, method: str, path: str, asked: dict[str, Any], body: Any = None) -> Any:
    answer = requests.request(method, f"{site.database}/{path}.json", json=body, **asked)
    answer.raise_for_status()
    return answer.json()


def overview(page: Page) -> None:
    """Waits until all is there."""
    expect(page.get_by_text("archive").first).to_be_visible()


def collection(page: Page) -> None:
    """Opens the values that occur."""
    page.get_by_text("Values that occur").click()
    expect(page.get_by_role("button", name="Comedy")).to_be_visible()


def document(page: Page) -> None:
    """Waits for the chart."""
    expect(page.locator("img.chart")).to_be_visible()


PICTURES = {
    "dashboard": ("#/", overview),
    "collection": (
        "#/collections/movies?year__gte=2010&_sort=-info.rating&_select=title,year,info.genres,info.rating,info.plot",
        collection,
    ),
    "document": ("#/collections/teas/genmaicha", document),
}


@pytest.mark.parametrize("name", PICTURES)
def test_draw(browser: Browser, site: Site, name: str) -> None:
    path, prepare = PICTURES[name]
    with opened(browser, site.hosting, LOOK) as one:
        one.page.clock.install(time=datetime.now(UTC) + LATER)
        shown = one.go(path)
        one.sign_in(site.key)
        prepare(shown)
        FOLDER.mkdir(exist_ok=True)
        file = FOLDER / f"{name}.png"
        shown.screenshot(path=file)
    assert file.stat().st_size < BYTES_MAX
