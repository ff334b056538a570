"""When a run's result may not replace what is kept."""

from __future__ import annotations

import pytest
from kindling.flow import Page, SourceState
from kindling.judge import Tally, block_page, suspicion

USUAL = SourceState(status="ok", usual=100, fill={"price": 0.99, "note": 0.2})


@pytest.mark.parametrize(
    ("tally", "same", "complete", "reason"),
    [
        pytest.param(Tally(98, {"price": 0.97, "note": 0.0}), True, True, None, id="a usual result passes"),
        pytest.param(
            Tally(0, {}), True, True, "no record was found, usually 100; the page may have a new layout", id="nothing"
        ),
        pytest.param(
            Tally(0, {}),
            False,
            True,
            "no record was found, usually 100; the page may have a new layout",
            id="nothing, after the definition changed",
        ),
        pytest.param(Tally(49, {"price": 0.99}), True, True, "only 49 records were found, usually 100", id="half gone"),
        pytest.param(Tally(49, {"price": 0.99}), True, False, None, id="half gone, but the walk was not finished"),
        pytest.param(Tally(49, {}), False, True, None, id="half gone after the definition changed"),
        pytest.param(
            Tally(100, {"price": 0.03, "note": 0.2}),
            True,
            True,
            "price filled in 3% of records, usually 99%",
            id="a field that most had is gone",
        ),
        pytest.param(Tally(100, {"price": 0.9, "note": 0.0}), True, True, None, id="a field that few had is gone"),
        pytest.param(Tally(100, {}), True, True, None, id="no page changed, so no field was looked at"),
    ],
)
def test_suspicion_ours(tally: Tally, same: bool, complete: bool, reason: str | None) -> None:
    assert suspicion(tally, USUAL, same_definition=same, complete=complete) == reason


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        pytest.param("<h1>Nothing today</h1>", None, id="an empty list is no block page"),
        pytest.param('<div class="g-recaptcha"></div>', "a captcha", id="a captcha"),
        pytest.param("<title>Just a moment...</title>", "a browser check", id="a browser check"),
        pytest.param("<title>Access denied</title>", "an access denial", id="a denial"),
        pytest.param("<title>Page not found - Shop</title>", "a soft 404", id="a 404 that says 200"),
    ],
)
def test_block_pages_ours(body: str, sign: str | None) -> None:
    page = Page("http://x/", 200, "text/html", None, body.encode(), 0)
    assert block_page(page) == sign
