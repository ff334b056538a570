"""Names and words that a definition may use: fields, languages, time zones. Tables; knows no definition and no page."""

from __future__ import annotations

from functools import lru_cache

INNER_NAME = r"[^\W_][\w-]{0,62}"  # of a field inside another: letters of any script; a dot means "inside"
FIELD_NAME = rf"_?{INNER_NAME}"  # `_` in front: helps, is not stored
HEADER_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"
LOCALE = r"[A-Za-z]{2,3}([_-][A-Za-z]{2})?"
SCRIPT = r"[A-Za-z_][A-Za-z0-9_]{0,62}\.py"
CURRENCY = r"[A-Z]{3}"

COMMA_LANGUAGES = frozenset(
    "af az be bg bs ca cs da de el es et eu fi fo fr fy gl hr hu hy id is it ka kk lb lt lv mk nb nl nn no pl pt ro ru "
    "sk sl sq sr sv tr uk uz vi".split()
)
"""Languages that write a decimal comma (CLDR 45, `symbols-numberSystem-latn/decimal`)."""

POINT_LANGUAGES = frozenset(
    "am ar bn cy en fa fil ga gu he hi ja kn ko ml mr ms mt my ne pa si sw ta te th tl ur zh".split()
)
"""Languages that write a decimal point (same source)."""

SPACE_GROUPS = frozenset("be bg cs et fi fr hu hy ka kk lt lv nb nn no pl pt-PT ru sk sq sv uk uz".split())
"""Locales that group digits with a space of some width (same source, `group`)."""

POINT_LOCALES = frozenset("de-CH de-LI it-CH es-MX es-US es-PR es-DO es-GT es-HN es-NI es-PA es-PE es-SV".split())
"""Locales whose territory writes a decimal point although the language elsewhere has a comma."""

COMMA_LOCALES = frozenset(("en-ZA",))
"""Locales whose territory writes a decimal comma although the language elsewhere has a point."""

TERRITORY_CURRENCY = {
    "AR": "ARS", "AU": "AUD", "BR": "BRL", "CA": "CAD", "CH": "CHF", "CL": "CLP", "CN": "CNY", "CO": "COP", "CZ": "CZK",
    "DK": "DKK", "GB": "GBP", "HK": "HKD", "IN": "INR", "IS": "ISK", "JP": "JPY", "MX": "MXN", "NO": "NOK", "NZ": "NZD",
    "PL": "PLN", "SE": "SEK", "SG": "SGD", "TW": "TWD", "US": "USD", "UY": "UYU", "ZA": "ZAR",
}  # fmt: skip
"""What the sign `$`, `¥` or `kr` means where it is used; with it a locale's territory settles a shared sign."""


def locale(written: str) -> str | None:
    """`nl`, `de-CH` in that spelling, or None if the language is not one this project knows."""
    language, _, territory = written.replace("_", "-").partition("-")
    if language.lower() not in COMMA_LANGUAGES | POINT_LANGUAGES:
        return None
    return f"{language.lower()}-{territory.upper()}" if territory else language.lower()


@lru_cache(maxsize=256)
def is_timezone(name: str) -> bool:
    """Whether `name` is a time zone of the IANA database, such as Europe/Amsterdam."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
