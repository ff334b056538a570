"""A request's path, read as Hosting reads it; pure.

Facts relied on (tried on Hosting): `%2F` arrives decoded and `%2e%2e` is resolved away, so a function behind Hosting
sees neither. What leads above the root leads to the root.
"""

from urllib.parse import quote, unquote_to_bytes

PATH_BYTES = 8192  # of a request's path; no file or route of ours comes near
UNRESERVED = "/:@!$&'()*+,;=~"  # RFC 3986 section 3.3: what a path may hold as it is


class BadPathError(ValueError):
    """The path is not percent-encoded UTF-8, or holds control characters, or is too long."""


def clean(raw: str) -> str:
    """The decoded path with dot segments resolved; it starts with a slash and keeps a last one."""
    if len(raw) > PATH_BYTES or not raw.startswith("/"):
        raise BadPathError
    if any(not _hex(piece[:2]) for piece in raw.split("%")[1:]):
        raise BadPathError
    try:
        text = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadPathError from error
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in text):
        raise BadPathError
    return _resolved(text)


def encode(path: str) -> str:
    """The decoded path as it goes into a URL."""
    return quote(path, safe=UNRESERVED)


def as_location(path: str) -> str:
    """The decoded path as a redirect's target on this site: never `//host`, which is another site."""
    return encode("/" + path.lstrip("/\\"))


def _resolved(path: str) -> str:
    segments = path[1:].split("/")
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _hex(digits: str) -> bool:
    return len(digits) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in digits)
