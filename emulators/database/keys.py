"""Keys and paths: which are allowed, and in which order the database lists them.

Facts: keys are UTF-8, not empty, without `. $ # [ ] /` and ASCII control characters, at most 768 bytes; paths are at
most 32 levels. Keys that read as 32-bit integers come first, in numeric order; all others follow by UTF-16 code unit.

Pure; knows no value and no tree.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

Path = tuple[str, ...]

MAX_KEY_BYTES = 768  # the service's limit
MAX_DEPTH = 32  # the service's limit, counted from the root of the namespace
PRIORITY = ".priority"  # the one pseudo child that may be written by path
KEY_CACHE = 65_536  # field names recur in every document; their check and order are remembered
PATH_CACHE = 256  # the same few places are asked for again and again

_FORBIDDEN = re.compile(r"[.$#\[\]/\x00-\x1f\x7f]")
_INTEGER = re.compile(r"-?0*[0-9]{1,10}")
_INT32 = range(-(2**31), 2**31)
_CANONICAL_INDEX = re.compile(r"0|[1-9][0-9]*")


class BadKey(ValueError):
    """A key or path that the database refuses; the text says which rule it breaks."""


@lru_cache(KEY_CACHE)
def check_key(key: str) -> str:
    """Return the key itself, or raise BadKey saying what is wrong with it."""
    if not key:
        raise BadKey("a key is empty; keys must have at least one character")
    forbidden = _FORBIDDEN.search(key)
    if forbidden:
        raise BadKey(
            f"key {shown(key)} contains {forbidden[0]!r}; keys can't contain . $ # [ ] / or control characters"
        )
    try:
        size = len(key.encode())
    except UnicodeEncodeError as error:
        raise BadKey(f"key {shown(key)} is not valid Unicode; lone surrogates can't be stored") from error
    if size > MAX_KEY_BYTES:
        raise BadKey(f"key {shown(key)} has {size} bytes; keys can have at most {MAX_KEY_BYTES}")
    return key


def shown(key: str) -> str:
    """The key as an error message quotes it: printable and short."""
    return ascii(key if len(key) <= 40 else key[:37] + "...")


def parse_path(text: str) -> Path:
    """Split `a/b/c` into checked keys; empty segments are dropped, as the service does. May end in `.priority`."""
    segments = [segment for segment in text.split("/") if segment]
    tail = segments[-1:] if segments[-1:] == [PRIORITY] else []
    path = tuple(check_key(segment) for segment in segments[: len(segments) - len(tail)])
    if len(path) > MAX_DEPTH:
        raise BadKey(f"path of {len(path)} levels; the database has at most {MAX_DEPTH}")
    return (*path, *tail)


def node_of(path: Path) -> Path:
    """The node that a path is about: where it names a priority, the node that has it."""
    return path[:-1] if path[-1:] == (PRIORITY,) else path


@lru_cache(PATH_CACHE)
def decode_path(raw: str) -> Path:
    """The path of a percent-encoded URL path. An encoded slash separates like a plain one."""
    try:
        return parse_path(unquote_to_bytes(raw).decode())
    except UnicodeDecodeError as error:
        raise BadKey("the path is not valid percent-encoded UTF-8") from error


def integer_key(key: str) -> int | None:
    """The 32-bit integer this key reads as, or None."""
    if key[0] > "9" or not _INTEGER.fullmatch(key):
        return None
    number = int(key)
    return number if number in _INT32 else None


def is_array_index(key: str) -> bool:
    """Whether the key may be a position in a JSON array: 0, 1, 2 … without leading zeros."""
    return _CANONICAL_INDEX.fullmatch(key) is not None


def code_units(text: str) -> str:
    """A string that compares by code point as `text` compares by UTF-16 code unit."""
    if text.isascii() or max(text) < "\U00010000":
        return text
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(units[at] << 8 | units[at + 1]) for at in range(0, len(units), 2))


@lru_cache(KEY_CACHE)
def key_order(key: str) -> str:
    """A string that sorts as the key does among its siblings.

    Ordinary keys are their own order. Integer keys get a prefix below every legal character; those equal in value
    (`1`, `01`) follow by length.
    """
    number = integer_key(key)
    if number is None:
        return code_units(key)
    return f"\x00{number - _INT32.start:010d}{len(key):04d}{key}"


def key_of_order(order: str) -> str:
    """The key whose `key_order` this is."""
    if order[:1] == "\x00":
        return order[15:]
    return order if order.isascii() else order.encode("utf-16-be", "surrogatepass").decode("utf-16-be")
