"""Secrets in request headers: each is bound to the origins it may be sent to.

A source writes `Authorization: "Bearer {shop_token}"`; SOURCE_SECRETS says
`{"shop_token": {"value": "…", "origins": ["https://api.shop.example"]}}`. Values appear in no message and no repr.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kindling.errors import FetchFailed, SettingInvalid
from kindling.fetch import place as places
from kindling.fetch.place import Place

_NAMED = re.compile(r"\{([A-Za-z][A-Za-z0-9_-]*)\}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

OURS = frozenset(
    {
        *("host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect"),
        *("keep-alive", "proxy-connection", "proxy-authorization", "accept-encoding", "user-agent", "range"),
        *("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range"),
    }
)
"""Headers a source may not set: they belong to the exchange, or say who we are."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value and the origins it may be sent to."""

    value: str = field(repr=False)
    origins: frozenset[str]


class Secrets:
    """The secrets by name."""

    def __init__(self, secrets: Mapping[str, Secret] | None = None) -> None:
        self._secrets = dict(secrets or {})

    @classmethod
    def parse(cls, text: str) -> Secrets:
        """Read SOURCE_SECRETS; SettingInvalid if it is not what the settings table says."""
        try:
            entries = json.loads(text or "{}")
        except ValueError:
            raise SettingInvalid("SOURCE_SECRETS is not JSON; it maps names to value and origins.") from None
        if not isinstance(entries, dict):
            raise SettingInvalid("SOURCE_SECRETS is not a JSON object; it maps names to value and origins.")
        return cls({name: _secret(name, entry) for name, entry in entries.items()})

    def fill(self, headers: Mapping[str, str], place: Place) -> dict[str, str]:
        """The headers as they may be sent to the place: one that names a secret of other origins is left out.

        FetchFailed (`bad-header`) if a header is not one a source may set, or names a secret that does not exist.
        """
        filled = {}
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or name.lower() in OURS:
                raise _bad(place, name, "is not a header that a source may set")
            names = _NAMED.findall(value)
            if unknown := [n for n in names if n not in self._secrets]:
                raise _bad(place, name, f"names the secret {unknown[0]!r}, which SOURCE_SECRETS does not hold")
            if any(place.origin not in self._secrets[n].origins for n in names):
                continue
            text = _NAMED.sub(lambda match: self._secrets[match[1]].value, value)
            if not _HEADER_VALUE.fullmatch(text):
                raise _bad(place, name, "has a value with characters that no header can carry")
            filled[name] = text
        return filled


def _secret(name: str, entry: object) -> Secret:
    if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
        raise SettingInvalid(f"SOURCE_SECRETS: {name}: has no value; write {{'value': …, 'origins': […]}}.")
    origins = entry.get("origins")
    if not isinstance(origins, list) or not origins:
        raise SettingInvalid(f"SOURCE_SECRETS: {name}: has no origins; name each one it may be sent to.")
    try:
        return Secret(entry["value"], frozenset(places.read(str(origin)).origin for origin in origins))
    except FetchFailed:
        raise SettingInvalid(f"SOURCE_SECRETS: {name}: an origin is a URL such as https://api.example.com.") from None


def _bad(place: Place, name: str, what: str) -> FetchFailed:
    return FetchFailed("bad-header", f"{place.url}: the header {name!r} {what}.", url=place.url)
