"""One strict reading of a URL. Pure.

The parts found here are the parts that are looked up, connected to and asked for: nothing reads the text again, so
that no second parser can see another host in it. What browsers repair silently (white space, backslashes, a missing
slash, numbers as addresses) is refused, except that characters outside ASCII in path and query are percent-encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin

import idna

from kindling.errors import Refused

LONGEST_URL = 8192
"""What servers take at most in a request line."""

MOST_AUTHORITIES = 1024
"""Hosts whose reading is kept: more than a run asks. Most pages of a run are on one host, which is read once."""

DEFAULT_PORTS = {"http": 80, "https": 443}

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?:\#.*)?",
    re.DOTALL,
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")  # the last are halves of characters, not encodable
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@%]+)(?::(?P<port>[0-9]{1,5}))?")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE = "!#$%&'()*+,/:;=?@[]~^|"  # what browsers send as it is; % because it is encoded already, # cuts a reference


@dataclass(frozen=True)
class Place:
    """Where a URL leads: `host` is lower case ASCII or a canonical address (IPv6 without brackets), `target` what is
    asked for there (path and query, percent-encoded)."""

    scheme: str
    host: str
    port: int
    target: str

    @cached_property
    def authority(self) -> str:
        """Host and port as a Host header has them: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @cached_property
    def origin(self) -> str:
        """Scheme, host and port as one string: what credentials and robots.txt belong to."""
        return f"{self.scheme}://{self.authority}"

    @cached_property
    def url(self) -> str:
        """The URL in its one normal form, without a fragment."""
        return self.origin + self.target

    @property
    def door(self) -> str:
        """HOST:PORT, always with the port: what `--allow` names."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def site(self) -> str:
        """What pace and back-off belong to: the host, http and https as one; other ports are sites of their own."""
        return self.host if self.port in DEFAULT_PORTS.values() else self.door


def read(url: str) -> Place:
    """The place a URL leads to; Refused (`refused-url`, `refused-scheme`) if it cannot be read in one way only."""
    if len(url) > LONGEST_URL:
        raise refusal("refused-url", url, f"is longer than {LONGEST_URL} characters")
    if _FORBIDDEN.search(url):
        raise refusal("refused-url", url, "holds white space, a control character or a backslash; percent-encode them")
    match = _URL.fullmatch(url)
    if match is None:
        raise refusal("refused-url", url, "is not an absolute URL; write it out: https://host/path")
    scheme = match["scheme"].lower()
    if scheme not in DEFAULT_PORTS:
        raise refusal("refused-scheme", url, "is neither http nor https, the only schemes that are fetched")
    try:
        host, port = _authority(match["authority"])
    except _Unreadable as error:
        code, why = error.args
        raise refusal(code, url, why) from error
    target = quote((match["path"] or "/") + (match["query"] or ""), safe=_SAFE)
    return Place(scheme, host, DEFAULT_PORTS[scheme] if port is None else port, target)


def join(base: Place, reference: str) -> Place:
    """The place a Location header leads to from `base`; spaces are encoded as browsers do, all else is `read`.

    What starts with a scheme is never taken for relative, though `http:path` once was.
    """
    encoded = quote(reference.strip(" \t"), safe=_SAFE + "\\", errors="replace")
    return read(encoded if _SCHEME.match(encoded) else urljoin(base.url, encoded))


def refusal(code: str, url: str, what: str) -> Refused:
    """The error that refuses `url`: `what` goes on the sentence that starts with the URL."""
    return Refused(code, f"{url[:200]!r} {what}.", url=url)


class _Unreadable(Exception):
    """An authority that has no one meaning: the code of its refusal, and why."""


@lru_cache(maxsize=MOST_AUTHORITIES)
def _authority(text: str) -> tuple[str, int | None]:
    if "@" in text:
        raise _Unreadable("refused-url", "names a user; put credentials into `headers:` with a secret")
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        raise _Unreadable("refused-url", "has no readable host and port")
    port = None if match["port"] is None else int(match["port"])
    if port is not None and not 0 < port < 65536:
        raise _Unreadable("refused-url", "has a port outside 1 to 65535")
    return _host(match["host"]), port


def _host(text: str) -> str:
    if text.startswith("["):
        return _ipv6(text[1:-1])
    try:
        host = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise _Unreadable("refused-url", "has a host that is not a domain name") from error
    host = host.removesuffix(".")
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise _Unreadable("refused-url", "has a host that is not a domain name")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _ipv4(host)
    return host


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text))  # four decimal parts and no leading zeros, so that it has one meaning only
    except AddressValueError as error:
        raise _Unreadable("refused-address", "has a number for a host; write addresses as 192.0.2.1") from error


def _ipv6(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except AddressValueError as error:
        raise _Unreadable("refused-url", "has a host that is not an IPv6 address") from error
