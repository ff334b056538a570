"""Modules of the dashboard, run in Chromium without a page: paths, lists, JSON are to them what they are to the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kindling.query.operators import OPERATORS, split_commas
from kindling.store import join_path, split_path
from playwright.sync_api import Browser, Page

from tests.browser.watched import PATIENCE_MS, opened
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]

EXAMPLES = settings(max_examples=80)
DATA = "/dashboard/data"
NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(["a.b", "\\", "x\\.", ","]),
    min_size=1,
    max_size=4,
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc<&", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """Any page of the dashboard, from which its modules are imported."""
    with opened(browser, site.hosting) as one:
        yield one.go("#/changes")


def run(page: Page, module: str, body: str, argument: Any) -> Any:
    """What an expression over the module `m` and the argument `a` gives."""
    return page.evaluate(f"async (a) => {{ const m = await import('{module}.js'); return {body}; }}", argument)


@EXAMPLES
@given(names=NAMES)
def test_spec_a_path_is_written_and_read_as_the_api_does(page: Page, names: list[str]) -> None:
    path = join_path(names)
    assert run(page, f"{DATA}/fields", "[m.joined(a.names), m.names(a.path)]", {"names": names, "path": path}) == [
        path,
        names,
    ]
    assert split_path(path) == names


@EXAMPLES
@given(names=NAMES)
def test_spec_a_list_with_commas_is_written_and_read_as_the_api_does(page: Page, names: list[str]) -> None:
    text = run(page, f"{DATA}/question", "a.map(m.escaped).join(',')", names)
    assert split_commas(text) == names
    assert run(page, f"{DATA}/question", "m.split(a)", text) == (split_commas(text) if text else [])


@EXAMPLES
@given(value=VALUES)
def test_spec_json_is_read_and_written_without_loss(page: Page, value: Any) -> None:
    assert json.loads(run(page, "/lib/json", "m.writeJson(m.readJson(a))", json.dumps(value))) == value


def test_spec_every_operator_of_the_api_can_be_clicked(page: Page) -> None:
    assert sorted(run(page, f"{DATA}/fields", "m.OPERATORS.map((one) => one.op)", None)) == sorted(OPERATORS)


def test_ours_a_field_is_filtered_as_a_type_that_is_known_here_else_as_the_api_says(page: Page) -> None:
    fields = {
        "n": "number|text",
        "at": "datetime",
        "cost": "price",
        "page": "url",
        "new": "isbn",
        "constructor": "isbn",
    }
    told = {"at": "date", "cost": "object", "page": "text", "new": "text"}
    assert run(page, f"{DATA}/fields", "m.filtered(a)", {"fields": fields, "kinds": told}) == {
        **fields,
        "at": "date",
        "page": "text",
        "new": "text",
    }
    assert run(page, f"{DATA}/fields", "a.map(m.kinds)", ["isbn", "number|text"]) == [["json"], ["number", "text"]]


RUNG_DURING_A_LOOK = """new Promise((resolve) => {
    let looks = 0;
    const leaving = new AbortController();
    const look = async () => {
        looks += 1;
        if (looks === 1) return 0;
        if (looks === 2) (await ringing)();
        else leaving.abort(resolve(looks));
        return 3_600;
    };
    const ringing = m.live(look, leaving.signal);
    setTimeout(() => resolve(looks), a);
})"""


def test_ours_a_ring_during_a_look_is_not_lost(page: Page) -> None:
    assert run(page, "/dashboard/live", f"await {RUNG_DURING_A_LOOK}", PATIENCE_MS) == 3
