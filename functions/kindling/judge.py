"""Whether a run's result may replace what is kept. Pure.

A site that changed its layout, blocks us or breaks looks like a page with nothing or little on it; a reader must keep
the last good snapshot then. The thresholds are the project's own choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .flow import Page, SourceState

COLLAPSE_SHARE = 0.5  # fewer than half of the usual records: a redesign is likelier than a clear-out
COLLAPSE_MIN = 10  # below ten records half of them may well be gone
FILL_USUAL_MIN = 0.5  # a field that most records have …
FILL_DROP_SHARE = 0.5  # … and now fewer than half as many: its selector broke
NOTHING_FOUND = "no record was found; `records:` may not fit the page"

_BLOCK_SIGNS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("a captcha", re.compile(rb"g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|captcha-delivery\.com", re.I)),
    ("a browser check", re.compile(rb"cf-browser-verification|/cdn-cgi/challenge-platform/|Just a moment\.\.\.", re.I)),
    (
        "an access denial",
        re.compile(rb"<title>[^<]{0,40}(?:access denied|attention required|are you a robot|forbidden)", re.I),
    ),
    ("a soft 404", re.compile(rb"<title>[^<]{0,40}(?:404|page not found|not found)", re.I)),
)
_SIGN_BYTES = 65_536  # such pages say it early; a long article may quote the words anywhere


@dataclass(frozen=True, slots=True)
class Tally:
    """What a walk found: records in all, and per field the share of the `looked` at records that has it."""

    records: int
    fill: Mapping[str, float]
    looked: Mapping[str, int]


def suspicion(found: Tally, usual: SourceState, *, same_definition: bool, complete: bool) -> str | None:
    """Why a result must not replace what is kept, in a sentence for a person; None if it may.

    After the definition changed a result is compared with nothing but emptiness; an incomplete walk is not counted.
    """
    if found.records == 0 and complete and usual.usual > 0:
        return f"no record was found, usually {usual.usual}; the page may have a new layout"
    if found.records == 0 and complete and usual.last_success_ms is None:
        return f"{NOTHING_FOUND} (accept the result if it is empty today)"
    if not same_definition:
        return None
    if complete and usual.usual >= COLLAPSE_MIN and found.records < usual.usual * COLLAPSE_SHARE:
        return f"only {found.records} records were found, usually {usual.usual}"
    for name, now in found.fill.items():
        was = usual.fill.get(name, 0.0)
        enough = found.looked[name] >= COLLAPSE_MIN  # most pages are unchanged: a last page's two records say nothing
        if enough and was >= FILL_USUAL_MIN and now < was * FILL_DROP_SHARE:
            return f"{name} filled in {now:.0%} of records, usually {was:.0%}"
    return None


def usual_fill(found: Tally, usual: SourceState, *, same_definition: bool) -> dict[str, float]:
    """What the next run's fields are judged by: a field that too few records were looked at for keeps its share."""
    kept = dict(usual.fill) if same_definition else {}
    told = {name: now for name, now in found.fill.items() if name not in kept or found.looked[name] >= COLLAPSE_MIN}
    return kept | told


def block_page(page: Page) -> str | None:
    """What an empty page looks like instead of a list: a captcha, a browser check, a denial, a soft 404; else None.

    Meant for pages on which no record was found: words on a full page mean nothing.
    """
    head = page.body[:_SIGN_BYTES]
    return next((what for what, sign in _BLOCK_SIGNS if sign.search(head)), None)
