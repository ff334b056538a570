"""Addresses as a page writes them, made absolute the way a browser does."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from .faults import Bad, Missing

URL_MAX = 4_096  # characters; servers refuse longer ones
SCHEMES = frozenset(("http", "https", "ftp", "mailto", "tel"))
"""What a link may lead to: nothing that runs in the page it is shown in, and no data."""

_STRIPPED = re.compile(r"[\t\n\r]")
_SAFE = "%/:=&?~#+!$,;'@()*[]|"


def read(raw: Any, base: str) -> str:
    """The absolute address. Raises Bad, or Missing for an empty one."""
    if not isinstance(raw, str):
        raise Bad("not an address")
    text = _STRIPPED.sub("", raw).strip(" \x00\x0c\x0b\x1f\u00a0")
    if not text:
        raise Missing
    if len(text) > URL_MAX:
        raise Bad(f"an address longer than {URL_MAX:,} characters")
    try:
        url = urljoin(base, text)
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or (parts.scheme in ("http", "https", "ftp") and not parts.hostname):
            raise Bad("not a web address")
        return url if url.isascii() and " " not in url else _encoded(url, parts.netloc)
    except ValueError as error:  # of urlsplit and of the host's encoding: [ without ], a label over 63 characters
        raise Bad("not a web address") from error


def _encoded(url: str, netloc: str) -> str:
    """The address in ASCII: the host by IDNA, everything else percent-encoded as UTF-8."""
    head, _, rest = url.partition("//") if netloc else ("", "", url)
    host = "" if netloc.isascii() else netloc.encode("idna").decode()
    tail = quote(rest[len(netloc) :] if netloc else rest, safe=_SAFE)
    return f"{head}//{host or netloc}{tail}" if netloc else tail
