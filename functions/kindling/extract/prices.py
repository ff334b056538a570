"""Prices: an amount and the currency that the text, the field or the locale's country settles.

`$` alone is a guess between twenty currencies: without a `currency` or a locale with its country it is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..sources import names
from . import numbers
from .faults import Bad

SHORT_CHARS = 100  # of a text whose currency is remembered: a price has some ten
_DIGITS = re.compile(r"[0-9]+")
_SIGNS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH", "₪": "ILS", "₫": "VND",
    "฿": "THB", "₱": "PHP", "₦": "NGN", "₸": "KZT", "₾": "GEL", "₿": "BTC", "zł": "PLN", "Kč": "CZK",
    "Ft": "HUF", "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "HK$": "HKD", "NZ$": "NZD",
    "R$": "BRL", "S$": "SGD", "Euro": "EUR", "EURO": "EUR", "euro": "EUR", "руб": "RUB", "Fr.": "CHF",
    "лв": "BGN", "lei": "RON", "NT$": "TWD", "CN¥": "CNY", "JP¥": "JPY",
}  # fmt: skip
"""Signs that mean one currency everywhere."""
_SHARED = frozenset(("$", "¥", "￥", "kr", "kr.", "Kr"))
"""Signs that mean another currency from country to country."""


def read(raw: Any, locale: str | None, currency: str | None) -> dict[str, Any]:
    """`{"amount", "currency"}`; without the currency where nothing tells it. Raises Bad."""
    if not isinstance(raw, str):
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise Bad("not a price")
        return _priced(raw, currency)
    if locale is None and (simple := numbers.SIMPLE.match(raw)):
        sign, digits, fraction = simple.groups()
        amount: int | float = float(digits) if fraction else int(digits)
    else:
        amount = numbers.read(raw, locale)
        shape = _DIGITS.sub("0", raw)
        sign = _sign_of_shape(shape) if len(shape) <= SHORT_CHARS else _sign(shape)
    return _priced(amount, _SIGNS.get(sign) or _currency(sign, locale, currency) if sign else currency)


def _priced(amount: float, currency: str | None) -> dict[str, Any]:
    return {"amount": amount, "currency": currency} if currency else {"amount": amount}


def _sign(text: str) -> str | None:
    """The sign or code of a currency as it stands in the text."""
    from price_parser import Price

    found: str | None = Price.fromstring(text).currency
    return found


_sign_of_shape = lru_cache(maxsize=1_024)(_sign)  # no currency has a digit, and without them prices are few texts


def _currency(sign: str, locale: str | None, declared: str | None) -> str | None:
    """The currency of a sign or code that does not mean the same one everywhere."""
    if sign in _SHARED:
        country = (locale or "").partition("-")[2]
        settled = declared or names.TERRITORY_CURRENCY.get(country)
        if settled is None:
            raise Bad(f"ambiguous currency {sign}; give a currency")
        return settled
    if len(sign) == 3 and sign.isascii() and sign.isalpha():
        return sign.upper()
    return declared
