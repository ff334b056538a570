"""The change log as it is asked for: in the order it happened, the latest first, of one document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.api import ADMIN, Api, served

DOCUMENTS = ("a", "b")
EDITS = 3
NAMES = (f"log{n}" for n in count())


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with served() as running:
        yield running


@pytest.fixture
def name(api: Api) -> str:
    """A public collection of two documents, each of them added and edited in turn."""
    found = next(NAMES)
    api.save(found, [{"id": key, "n": 0} for key in DOCUMENTS], query="?_key=id")
    for n in range(1, EDITS + 1):
        for key in DOCUMENTS:
            api.ask("PATCH", f"/save_data/{found}/{key}", json={"n": n}, headers=ADMIN)
    return found


def told(items: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Id and new value of each entry."""
    return [(item["id"], item["fields"]["n"].get("new")) for item in items]


def pages(api: Api, url: str, takes: str) -> list[list[tuple[str, Any]]]:
    """Every page from the first until `next` is null."""
    found, token = [], ""
    for _ in range(20):
        page = api.get(url + (f"&{takes}={token}" if token else "")).json
        assert page is not None
        found.append(told(page["items"]))
        token = page["next"]
        if token is None:
            return found
    raise AssertionError(f"{url} does not end")


HAPPENED = [(key, n) for n in range(EDITS + 1) for key in DOCUMENTS]
OF_B = [("b", n) for n in range(EDITS + 1)]
ASKED = {
    "everything as it happened": ("?_limit=3", "_since", [*HAPPENED]),
    "everything, the latest first": ("?_limit=3&_sort=-at", "_after", HAPPENED[::-1]),
    "one document as it happened": ("?_limit=3&_id=b", "_since", OF_B),
    "one document, the latest first": ("?_limit=3&_id=b&_sort=-at", "_after", OF_B[::-1]),
    "a document that never was": ("?_limit=3&_id=c", "_since", []),
}


@pytest.mark.parametrize(("asked", "takes", "wanted"), ASKED.values(), ids=ASKED)
def test_spec_pages_of_the_log_tell_each_entry_once(
    api: Api, name: str, asked: str, takes: str, wanted: list[Any]
) -> None:
    found = pages(api, f"/get_changes/{name}{asked}", takes)
    assert [entry for page in found for entry in page] == wanted
    assert all(len(page) <= 3 for page in found)


def test_ours_the_latest_first_ends_with_the_log(api: Api, name: str) -> None:
    whole = api.get(f"/get_changes/{name}?_sort=-at").json
    assert whole is not None
    assert (told(whole["items"]), whole["next"]) == (HAPPENED[::-1], None)


def test_spec_the_link_to_the_next_page_leads_there(api: Api, name: str) -> None:
    for asked in ("?_limit=2&_id=b", "?_limit=2&_id=b&_sort=-at"):
        first = api.get(f"/get_changes/{name}{asked}")
        link = first.headers["Link"].removeprefix("<").partition(">")[0]
        second = api.get(f"/get_changes/{name}{link}").json
        assert second is not None
        assert told(second["items"]) == (OF_B if "_sort" not in asked else OF_B[::-1])[2:4]


def test_spec_a_feed_takes_one_document_too(api: Api, name: str) -> None:
    feed = api.get(f"/get_changes/{name}.jsonfeed?_id=b").json
    assert feed is not None
    assert {item["url"].rpartition("/")[2] for item in feed["items"]} == {"b"}
    assert len(feed["items"]) == len(OF_B)


WRONG = {
    "an order that is none": ("?_sort=when", "_sort"),
    "a cursor of the other order, as it happened": ("?_after=x", "_after"),
    "a cursor of the other order, the latest first": ("?_sort=-at&_since=x", "_since"),
    "no cursor at all": ("?_sort=-at&_after=x", "_after"),
}


@pytest.mark.parametrize(("asked", "where"), WRONG.values(), ids=WRONG)
def test_spec_what_is_wrong_is_named(api: Api, name: str, asked: str, where: str) -> None:
    answer = api.get(f"/get_changes/{name}{asked}")
    assert answer.json is not None
    assert (answer.status_code, [one["where"] for one in answer.json["errors"]]) == (400, [where])


def test_ours_a_cursor_belongs_to_its_document_and_order(api: Api, name: str) -> None:
    token = (api.get(f"/get_changes/{name}?_limit=1&_id=b&_sort=-at").json or {})["next"]
    assert api.get(f"/get_changes/{name}?_limit=1&_id=a&_sort=-at&_after={token}").status_code == 400
    assert api.get(f"/get_changes/{name}?_limit=1&_sort=-at&_after={token}").status_code == 400
