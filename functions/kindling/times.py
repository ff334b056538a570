"""Times as people and programs write and read them: ISO 8601 in UTC, to milliseconds. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

_SPACE_FOR_PLUS = re.compile(r" (\d\d:?\d\d)\Z")


def instant(text: str) -> int:
    """The milliseconds since 1970 that an ISO 8601 date or time means; UTC where no offset is given.

    A `+` that arrived as the space it stands for in a query is taken for what was meant. Raises ValueError.
    """
    try:
        moment = datetime.fromisoformat(_SPACE_FOR_PLUS.sub(r"+\1", text) if "T" in text else text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"'{text[:40]}' is no time; write it as 2026-01-31 or 2026-01-31T12:00:00Z") from error


def iso(ms: int) -> str:
    """The time `ms` as ISO 8601 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_if(ms: int | None) -> str | None:
    """The same for a time that may be missing: None for None."""
    return None if ms is None else iso(ms)


@lru_cache(256)
def http_date(ms: int) -> str:
    """The time `ms` as HTTP writes it, to the second."""
    return format_datetime(datetime.fromtimestamp(ms // 1000, UTC), usegmt=True)


def from_http_date(text: str) -> int | None:
    """The milliseconds of an HTTP date, None for a text that is none."""
    try:
        return round(parsedate_to_datetime(text).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None
