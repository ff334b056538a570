"""When a run's result may not replace what is kept."""

from __future__ import annotations

import pytest
from kindling.flow import Page, SourceState
from kindling.judge import Tally, block_page, suspicion, usual_fill

USUAL = SourceState(status="ok", usual=100, fill={"price": 0.99, "note": 0.2})


def tally(records: int, fill: dict[str, float], looked: int | None = None) -> Tally:
    return Tally(records, fill, dict.fromkeys(fill, records if looked is None else looked))


@pytest.mark.parametrize(
    ("found", "same", "complete", "reason"),
    [
        pytest.param(tally(98, {"price": 0.97, "note": 0.0}), True, True, None, id="a usual result passes"),
        pytest.param(
            tally(0, {}), True, True, "no record was found, usually 100; the page may have a new layout", id="nothing"
        ),
        pytest.param(
            tally(0, {}),
            False,
            True,
            "no record was found, usually 100; the page may have a new layout",
            id="nothing, after the definition changed",
        ),
        pytest.param(tally(49, {"price": 0.99}), True, True, "only 49 records were found, usually 100", id="half gone"),
        pytest.param(tally(50, {"price": 0.99}), True, True, None, id="half is there"),
        pytest.param(tally(49, {"price": 0.99}), True, False, None, id="half gone, but the walk was not finished"),
        pytest.param(tally(49, {}), False, True, None, id="half gone after the definition changed"),
        pytest.param(
            tally(100, {"price": 0.03, "note": 0.2}),
            True,
            True,
            "price filled in 3% of records, usually 99%",
            id="a field that most had is gone",
        ),
        pytest.param(tally(100, {"price": 0.9, "note": 0.0}), True, True, None, id="a field that few had is gone"),
        pytest.param(
            tally(100, {"price": 0.0}, 9), True, True, None, id="a field is missing in the few records looked at"
        ),
        pytest.param(
            tally(100, {"price": 0.0}, 10),
            True,
            True,
            "price filled in 0% of records, usually 99%",
            id="a field is missing in the ten records looked at",
        ),
        pytest.param(tally(100, {}), True, True, None, id="no page changed, so no field was looked at"),
    ],
)
def test_ours_suspicion(found: Tally, same: bool, complete: bool, reason: str | None) -> None:
    assert suspicion(found, USUAL, same_definition=same, complete=complete) == reason


@pytest.mark.parametrize(("usual", "reason"), [(9, None), (10, "only 4 records were found, usually 10")])
def test_ours_of_fewer_than_ten_records_half_may_be_gone(usual: int, reason: str | None) -> None:
    known = SourceState(status="ok", usual=usual)
    assert suspicion(tally(4, {}), known, same_definition=True, complete=True) == reason


def test_ours_a_first_run_that_finds_nothing_is_doubted_and_one_of_an_empty_source_is_not() -> None:
    nothing = tally(0, {})
    why = "no record was found; `records:` may not fit the page (accept the result if it is empty today)"
    assert suspicion(nothing, SourceState(), same_definition=True, complete=True) == why
    assert suspicion(nothing, SourceState(last_success_ms=1), same_definition=True, complete=True) is None


@pytest.mark.parametrize(
    ("found", "same", "fill"),
    [
        pytest.param(tally(100, {"price": 0.9}), True, {"price": 0.9, "note": 0.2}, id="what was looked at is new"),
        pytest.param(tally(100, {"price": 0.0}, 9), True, dict(USUAL.fill), id="a few records change nothing"),
        pytest.param(tally(100, {"price": 0.0}, 10), True, {"price": 0.0, "note": 0.2}, id="ten are enough"),
        pytest.param(
            tally(100, {"fresh": 1.0}, 2), True, {**USUAL.fill, "fresh": 1.0}, id="a few are better than nothing"
        ),
        pytest.param(tally(3, {"price": 0.5}), False, {"price": 0.5}, id="a new definition starts anew"),
    ],
)
def test_ours_usual_fill(found: Tally, same: bool, fill: dict[str, float]) -> None:
    assert usual_fill(found, USUAL, same_definition=same) == fill


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        pytest.param("<h1>Nothing today</h1>", None, id="an empty list is no block page"),
        pytest.param('<div class="g-recaptcha"></div>', "a captcha", id="a captcha"),
        pytest.param("<title>Just a moment...</title>", "a browser check", id="a browser check"),
        pytest.param("<title>Access denied</title>", "an access denial", id="a denial"),
        pytest.param("<title>Page not found - Shop</title>", "a soft 404", id="a 404 that says 200"),
        pytest.param(" " * 65_536 + "<title>Access denied</title>", None, id="words far down a long page"),
    ],
)
def test_ours_block_pages(body: str, sign: str | None) -> None:
    page = Page("http://x/", 200, "text/html", None, body.encode(), 0)
    assert block_page(page) == sign
