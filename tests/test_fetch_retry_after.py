"""Retry-After in every form a server sends it, and what a run makes of it."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kindling.errors import FetchFailed
from kindling.fetch.pace import BACKOFF_FIRST_S
from kindling.fetch.retry_after import LONGEST_S, wait_s

from tests.faultsite import FaultSite, ManualClock, in_turn, page
from tests.faultsite_rig import fetcher
from tests.measured_docs import check, table

NOON_MS = 1_795_348_800_000  # Sun, 22 Nov 2026 12:00:00 GMT
DAY_S = 24 * 3600

FORMS: dict[str, tuple[str | None, float | None]] = {
    "none": (None, None),
    "seconds": ("7", 7.0),
    "seconds with spaces around": (" 7 ", 7.0),
    "no seconds": ("0", 0.0),
    "a fraction": ("1.5", 1.5),
    "a date to come": ("Sun, 22 Nov 2026 12:00:20 GMT", 20.0),
    "a date in the old form of RFC 850": ("Sunday, 22-Nov-26 12:00:20 GMT", 20.0),
    "a date in the old form of asctime": ("Sun Nov 22 12:00:20 2026", 20.0),
    "a date of another zone": ("Sun, 22 Nov 2026 14:00:20 +0200", 20.0),
    "a date gone by": ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
    "a date years away": ("Sun, 22 Nov 2099 12:00:00 GMT", float(DAY_S)),
    "an hour": ("3600", 3600.0),
    "more than a day": ("999999", float(DAY_S)),
    "more than any number": ("9" * 300, None),
    "a negative number": ("-5", None),
    "a number with a unit": ("5 minutes", None),
    "a date that there is not": ("Sun, 99 Foo 2026 99:99:99 GMT", None),
    "words": ("soon", None),
    "nothing": ("", None),
    "two of them": ("7, 9", None),
}


@pytest.mark.parametrize(("header", "expected_s"), FORMS.values(), ids=FORMS)
def test_spec_header_reads_as(header: str | None, expected_s: float | None) -> None:
    assert wait_s(header, NOON_MS) == expected_s


def test_ours_no_header_silences_a_source_for_more_than_a_day() -> None:
    assert LONGEST_S == DAY_S


@given(st.text(max_size=60) | st.text("SunNov 0123456789:,-+GMT", max_size=40) | st.text("0123456789.-e", max_size=40))
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
@example("Fri, 31 Dec 99999999999 23:59:59 GMT")
def test_ours_any_header_is_a_pause_of_at_most_a_day_or_none(header: str) -> None:
    pause_s = wait_s(header, NOON_MS)
    assert pause_s is None or 0 <= pause_s <= LONGEST_S


@cache
def run(status: int, header: str | None) -> str:
    """What becomes of a page that answers once like this and then well. Jitter is three quarters of its range."""
    first = page(b"", status) if header is None else page(b"", status, Retry_After=header)
    clock = ManualClock(NOON_MS)
    with (
        FaultSite({"/": in_turn(first, page())}) as site,
        fetcher(site, clock=clock, pace_s=0.0, chance=lambda: 0.75) as fetching,
    ):
        try:
            fetching.get(site.url())
        except FetchFailed as failure:
            return f"{failure.code}, again after {((failure.retry_at_ms or 0) - NOON_MS) / 1000:g} s"
        return f"page, after {(clock.now_ms() - NOON_MS) / 1000:g} s"


def expected(status: int, pause_s: float | None) -> str:
    """A pause of up to 30 s is waited for, a longer one ends the attempt, none at all is our own back-off."""
    if pause_s is None:
        return f"page, after {BACKOFF_FIRST_S * 0.75:g} s"
    return f"page, after {pause_s:g} s" if pause_s <= 30 else f"http-{status}, again after {pause_s:g} s"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("header", "pause_s"), FORMS.values(), ids=FORMS)
def test_ours_run_waits_or_gives_up(header: str | None, pause_s: float | None, status: int) -> None:
    assert run(status, header) == expected(status, pause_s)


def test_ours_the_documented_outcomes_are_the_measured_ones() -> None:
    rows = [
        (form, f"`{(header or '')[:40]}`" if header else "", run(503, header)) for form, (header, _) in FORMS.items()
    ]
    check("reliability.md", "retry-after", table(("Form", "Retry-After", "Outcome"), rows))
