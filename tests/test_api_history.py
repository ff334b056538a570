"""What a client sees of the past: changes, series, and what was served at a time, under functions-framework."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api import ADMIN, Api, served


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The endpoints on an empty database; each test has a collection of its own in it."""
    with served() as found:
        yield found


def test_spec_changes_are_told_once_each_and_go_on_from_the_cursor(api: Api) -> None:
    key = api.save("told", {"price": 1})[0]
    first = api.get("/get_changes/told").json
    assert first is not None
    [added] = first["items"]
    assert (added["id"], added["op"], added["fields"], added["by"], added["run"]) == (
        key,
        "added",
        {"price": {"new": 1}},
        "key",
        None,
    )
    nothing = api.get(f"/get_changes/told?_since={first['next']}").json
    assert nothing == {"items": [], "next": None}
    api.ask("PATCH", f"/save_data/told/{key}", json={"price": 2}, headers=ADMIN)
    api.ask("DELETE", f"/delete_data/told/{key}", headers=ADMIN)
    since, ops = first["next"], []
    for _ in range(4):
        page = api.get(f"/get_changes/told?_since={since}&_limit=1").json
        assert page is not None
        if page["next"] is None:
            break
        ops += [(item["op"], item["fields"]) for item in page["items"]]
        since = page["next"]
    assert ops == [("changed", {"price": {"old": 1, "new": 2}}), ("removed", {"price": {"old": 2}})]


def test_spec_a_series_is_the_values_of_a_field_over_time(api: Api) -> None:
    key = api.save("priced", {"price": {"amount": 1}, "n": 0})[0]
    for amount in (2, 2, 3):
        api.ask("PATCH", f"/save_data/priced/{key}", json={"price": {"amount": amount}, "n": amount}, headers=ADMIN)
    answer = api.get(f"/get_series/priced/{key}/price.amount")
    assert answer.json is not None
    assert [point["value"] for point in answer.json["items"]] == [1, 2, 3]
    lines = api.get(f"/get_series/priced/{key}/price.amount?_format=csv").text.splitlines()
    assert lines[0] == '"at","value"'
    assert [line.rpartition(",")[2] for line in lines[1:]] == ["1", "2", "3"]
    chart = api.get(f"/get_series/priced/{key}/price.amount?_format=svg")
    assert (chart.content_type, "<script" in chart.text, "<svg" in chart.text) == ("image/svg+xml", False, True)


def test_spec_as_of_shows_what_was_served_then(api: Api) -> None:
    """Each state is written down as it is served; later every one of them comes back."""
    first = api.save("dated", [{"id": "a", "n": 1}, {"id": "b", "n": 1}], query="?_key=id")
    assert first == ["a", "b"]
    then: list[tuple[str, Any, Any]] = []

    def note() -> None:
        changes = api.get("/get_changes/dated?_limit=1000").json
        assert changes is not None
        at = changes["items"][-1]["at"]
        then.append((at, api.items("/get_data/dated"), api.get("/get_data/dated/a").json))

    note()
    steps = [
        ("PATCH", "/save_data/dated/a", {"n": 2}),
        ("PUT", "/save_data/dated/c", {"id": "c", "other": [1]}),
        ("DELETE", "/delete_data/dated/b", None),
        ("PATCH", "/save_data/dated/a", {"n": None, "m": {}}),
        ("PUT", "/save_data/dated/b", {"id": "b", "n": 9}),
    ]
    for method, url, body in steps:
        assert api.ask(method, url, json=body, headers=ADMIN).status_code < 300
        note()
    # states of one millisecond are one: only the last of them was served afterwards
    moments = {at: (items, one) for at, items, one in then}
    for at, (items, one) in moments.items():
        assert api.items(f"/get_data/dated?_as_of={at}") == items
        found = api.get(f"/get_data/dated/a?_as_of={at}")
        assert found.json == one
