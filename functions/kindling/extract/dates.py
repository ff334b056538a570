"""Dates and times in text: ISO 8601 and mail dates as they are, month names by language, figures by locale.

`03/04/2020` is two different days in two countries: figures alone need a locale with its country. English month names
need none. Words such as `yesterday` are no dates: they mean another day at each look.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from . import numbers
from .faults import Bad

_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:?[0-9]{2}")
_MAIL = re.compile(r"(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}")
_CLOCK = re.compile(r"(?<![0-9])[0-9]{1,2}[:h][0-9]{2}|[0-9]\s?[ap]\.?m\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_FIGURES = re.compile(r"[0-9]{1,4}\s*[-/.]\s*[0-9]{1,2}\s*[-/.]\s*[0-9]{1,4}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_SPELLED = {"no": "nb"}  # dateparser knows Norwegian by its two written forms
_TEXT_MAX = 100  # characters; longer texts are sentences, and slow to look through
_MS_FROM = 10**11  # Unix times from here on are milliseconds: as seconds they would lie beyond the year 5138


def read_date(raw: Any, locale: str | None, timezone: str | None) -> str:
    """The day as `2020-12-31`; of a moment, the day in its own offset. Raises Bad."""
    if isinstance(raw, str) and _ISO_DATE.match(raw):
        return _iso_date(raw)
    moment, _ = _moment(raw, locale, timezone)
    return moment.date().isoformat()


def read_datetime(raw: Any, locale: str | None, timezone: str | None) -> str:
    """The moment in ISO 8601 with the offset it was written with, else that of `timezone`, else none. Raises Bad."""
    moment, clock = _moment(raw, locale, timezone)
    if not clock:
        raise Bad("a date without a time")
    if moment.tzinfo is None and timezone:
        moment = moment.replace(tzinfo=_zone(timezone))
    return moment.isoformat()


def _iso_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Bad("no day of the calendar") from error


def _moment(raw: Any, locale: str | None, timezone: str | None) -> tuple[datetime, bool]:
    """The moment, and whether it has a time of day."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _unix(raw, timezone), True
    if not isinstance(raw, str):
        raise Bad("not a date")
    text = numbers.ascii_digits(raw.strip())
    if len(text) > _TEXT_MAX:
        raise Bad("not a date")
    try:
        if _ISO_TIME.match(text):
            return datetime.fromisoformat(text.replace("t", "T").replace("z", "Z")), True
        if _ISO_DATE.match(text):
            return datetime.fromisoformat(text), False
        if _MAIL.match(text):
            return _mail(text), True
    except ValueError as error:
        raise Bad("not a date of ISO 8601") from error
    return _spoken(text, locale), bool(_CLOCK.search(text))


def _unix(raw: float, timezone: str | None) -> datetime:
    try:
        seconds = raw / 1000 if abs(raw) >= _MS_FROM else raw
        return datetime.fromtimestamp(seconds, _zone(timezone) if timezone else UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Bad("no moment of Unix time") from error


def _mail(text: str) -> datetime:
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(text)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _spoken(text: str, locale: str | None) -> datetime:
    if not _YEAR.search(text):
        raise Bad("a date without a year of four digits")
    language, _, country = (locale or "en").partition("-")
    if not _WORD.search(_CLOCK.sub("", text)) or _FIGURES.search(text):
        if locale is None:
            raise Bad("ambiguous date; give a locale")
        if language == "en" and not country:
            raise Bad("ambiguous date; give the locale's country, as en-GB or en-US")
    found = _dateparser(language, country)(text)
    if found is None:
        raise Bad(f"not a date{f' as {locale} writes it' if locale else ''}")
    moment: datetime = found
    return moment


@lru_cache(maxsize=64)
def _dateparser(language: str, country: str) -> Any:
    """A function from text to datetime or None that knows one language, and today neither adds to nor shifts it."""
    from dateparser import DateDataParser
    from dateparser.conf import SettingValidationError

    settings = {
        "STRICT_PARSING": True,
        "PARSERS": ["absolute-time"],
        "REQUIRE_PARTS": ["day", "month", "year"],
    }
    try:
        parser = DateDataParser(languages=[_SPELLED.get(language, language)], region=country or None, settings=settings)
    except (ValueError, SettingValidationError) as error:
        raise Bad(f"dates of {language} cannot be read") from error
    return lambda text: parser.get_date_data(text).date_obj
