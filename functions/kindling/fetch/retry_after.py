"""The Retry-After header, as seconds or as a date (RFC 9110 section 10.2.3). Pure."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST_S = 24 * 3600
"""A site cannot silence a source for longer with one header; by then it is asked again."""

_SECONDS = re.compile(r"[0-9]{1,20}(\.[0-9]+)?")  # the RFC has whole seconds; some servers send fractions


def wait_s(header: str | None, now_ms: int) -> float | None:
    """How long the site wants to be left alone: 0 to LONGEST_S seconds, None if it does not say so readably.

    A date in the past is 0; a negative number, a number with a unit or any other text is None.
    """
    if header is None:
        return None
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_S)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):  # the parser's answers to malformed dates, to years too long
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment.timestamp() - now_ms / 1000, 0.0), LONGEST_S)
