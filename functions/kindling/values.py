"""What the database keeps: ids <-> keys, documents <-> nodes, fingerprints. Pure.

Facts relied on: the Realtime Database drops null, {} and []; refuses `. $ # [ ] /` and control characters in keys and
keys over 768 bytes; returns a node whose keys are 0..n as a list; keeps numbers as doubles; allows 32 levels.
Everything it would lose is escaped here and nowhere else, so that an ordinary document is stored as it is:

    an object's key      each byte that the database refuses, and `~`, becomes ~XX; so does the first character of a
                         key of digits only, and of a key that is `_` alone; the empty key becomes `~`
    any other value      that would not survive (null, {}, [], integers beyond 2^53, lone surrogates, an object
                         with an over-long key) becomes {"_": "its JSON text"}
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from .errors import KindlingError
from .flow import Document

ID_MAX_BYTES = 300  # a database key holds 768 bytes, an index slot needs room for value and id in one key-sized string
ID_HEAD_BYTES = 200  # of an over-long id: readable, and room for the digest
LEVELS_MAX = 28  # the database holds 32: three above a document, one for an escaped value
KEY_MAX_BYTES = 768  # the database's own limit
INTEGER_MAX = 2**53  # beyond it a double loses integers
NAME_CHARS = 64  # of a name whose key is remembered, as nearly every field's is
FOLDER_CHARS = 200  # of an address whose folder is remembered
NAMES_MAX = 4_096  # names remembered: names that are data shall not fill the memory
EMPTY_KEY = "~"  # the empty key: no other key gives a lone tilde
ESCAPED = "_"  # the one key of a node that holds a value as JSON text

_DIGITS = "0123456789"
_INTEGER_LIKE = re.compile(r"-?[0-9]+\Z")
_CANONICAL_ID = re.compile(r"(?:[A-Za-z0-9_-]|~[0-9A-F]{2})+\Z")
_KEY_REFUSED = re.compile(r"[.$#\[\]/~\x00-\x1f\x7f\ud800-\udfff]")
# what is its own database key, as nearly every field name is
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")
_TILDE = re.compile(rb"~([0-9A-F]{2})")


class NotStorable(KindlingError):
    """A document cannot be kept; the message names the place and the reason."""


def _escape(char: str) -> str:
    return "".join(f"~{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


class _IdTable(dict[int, str]):
    """What stands in an id for each character: for `str.translate`, which takes a tenth of a regex's time."""

    def __missing__(self, code: int) -> str:
        return _escape(chr(code))


_ID_TABLE = _IdTable(
    (code, chr(code) if chr(code).isalnum() or chr(code) in "_-" else _escape(chr(code))) for code in range(128)
)


def _unescape(key: str) -> str:
    raw = _TILDE.sub(lambda m: bytes([int(m[1], 16)]), key.encode("utf-8", "surrogatepass"))
    return raw.decode("utf-8", "surrogatepass")


def encode_id(raw: str) -> str:
    """The database key and URL segment of an id: reversible up to 300 bytes, beyond that a readable head and a digest.

    An id that looks like an integer has its first character escaped, so that no collection reads as a list.
    """
    if not raw:
        raise NotStorable("an id is empty; give each record a key that is not")
    number = raw[-1] in _DIGITS and _INTEGER_LIKE.match(raw)
    key = _escape(raw[0]) + raw[1:] if number else _id_text(raw)
    if len(key) <= ID_MAX_BYTES:
        return key
    digest = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    heads = itertools.accumulate(_id_text(char) for char in raw[:ID_HEAD_BYTES])
    return list(itertools.takewhile(lambda head: len(head) <= ID_HEAD_BYTES, heads))[-1] + "--" + digest


def _id_text(raw: str) -> str:
    folder, slash, name = raw.rpartition("/")
    if slash and len(folder) <= FOLDER_CHARS:
        return _id_folder(folder) + name.translate(_ID_TABLE)
    return raw.translate(_ID_TABLE)


@lru_cache(maxsize=1_024)
def _id_folder(folder: str) -> str:
    """What stands in an id for a folder and the slash behind it: addresses of one page's records share theirs."""
    return f"{folder}/".translate(_ID_TABLE)


def canonical_id(segment: str) -> str:
    """The id a path segment means: itself where it is one, else the id of that text (`42` means `~342`)."""
    if len(segment) <= ID_MAX_BYTES and _CANONICAL_ID.match(segment) and not _INTEGER_LIKE.match(segment):
        return segment
    return encode_id(segment)


def decode_id(key: str) -> str:
    """The text an id was made from; of an over-long one its head and digest."""
    return _unescape(key)


def encode_key(key: str) -> str:
    """An object's key as the database takes it. May exceed KEY_MAX_BYTES; the caller decides what then."""
    if _PLAIN_NAME.match(key):
        return key
    if _INTEGER_LIKE.match(key) or key == ESCAPED:
        return _escape(key[0]) + key[1:]
    if not key:
        return EMPTY_KEY
    return _KEY_REFUSED.sub(lambda m: _escape(m[0]), key)


def decode_key(key: str) -> str:
    """The reverse of `encode_key`."""
    if key == EMPTY_KEY:
        return ""
    return _unescape(key) if "~" in key else key


def dumps(value: Any) -> str:
    """Compact JSON with sorted keys, ASCII only: equal values give equal text, lone surrogates survive."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def packed(value: Any) -> bytes:
    """As `dumps`, in a fifth of its time: for values without NaN, in UTF-8 where that can hold them."""
    try:
        return _PACKER.encode(value)
    except UnicodeEncodeError:  # half a character
        return dumps(value).encode()


_PACKER = msgspec.json.Encoder(order="sorted")


def json_bytes(value: Any) -> bytes:
    """Any value that JSON has words for, keys in the order in which they stand: for answers, and what is sent."""
    try:
        return _WRITER.encode(value)
    except (UnicodeEncodeError, OverflowError, msgspec.MsgspecError):
        # lone surrogates and integers beyond 64 bits, which JSON allows and the fast encoder does not
        return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


_WRITER = msgspec.json.Encoder()


def encode(document: Document) -> dict[str, Any]:
    """The node that keeps `document`; `decode` gives an equal document back.

    Raises NotStorable for a document nested deeper than LEVELS_MAX, a number that JSON has no word for, and a field
    name that is longer than a key of the database.
    """
    node = _object(document, "", 2)
    if None in node:
        long = next(name for name in document if _KEYS[name] is None)
        raise NotStorable(f"{long[:100]}…: a field name is longer than {KEY_MAX_BYTES} bytes as a database key")
    return node


def _text(value: Any) -> dict[str, str]:
    return {ESCAPED: dumps(value)}


def _object(value: Mapping[str, Any], where: str, level: int) -> dict[Any, Any]:
    """The node of an object; under None what has no key."""
    node = {}
    for name, item in value.items():
        kind = type(item)
        if kind is str:
            plain = item.isascii()
        else:
            plain = (kind is int or (kind is float and not item.is_integer())) and -INTEGER_MAX <= item <= INTEGER_MAX
        node[_KEYS[name]] = item if plain else _encode(item, f"{where}.{name}" if where else name, level)
    return node


def _encode(value: Any, where: str, level: int) -> Any:
    """The node of a value, `level` levels deep with the document's own as the first."""
    if isinstance(value, str):
        return value if value.isascii() or _encodable(value) else _text(value)
    if value and level > LEVELS_MAX and isinstance(value, dict | list):
        raise NotStorable(f"{where[:100]}: nested deeper than {LEVELS_MAX} levels; flatten it")
    if isinstance(value, dict):
        node = _object(value, where, level + 1)
        return _text(value) if not node or None in node else node
    if value is None or value is True or value is False:
        return _text(None) if value is None else value
    if isinstance(value, int):
        return value if -INTEGER_MAX <= value <= INTEGER_MAX else _text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotStorable(f"{where[:100]}: {value} is not a JSON number")
        return int(value) if value.is_integer() and abs(value) <= INTEGER_MAX else value
    items = [_encode(item, f"{where}[{n}]", level + 1) for n, item in enumerate(value)]
    return items or _text([])


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Keys(dict[str, str | None]):
    """The database key of each name, None where it is longer than one may be; short names are remembered."""

    def __missing__(self, name: str) -> str | None:
        made = encode_key(name)
        key = made if len(made.encode()) <= KEY_MAX_BYTES else None
        if len(name) <= NAME_CHARS and len(self) < NAMES_MAX:
            self[name] = key
        return key


_KEYS = _Keys()


def decode(node: Any) -> Any:
    """The value a node keeps; the reverse of `encode` for any part of a document."""
    if isinstance(node, list):
        return [decode(item) for item in node]
    if not isinstance(node, dict):
        return node
    if len(node) == 1 and ESCAPED in node:
        return json.loads(node[ESCAPED])
    return {decode_key(name): decode(value) for name, value in node.items()}


def surely_plain(text: bytes) -> bool:
    """Whether `decode` changes nothing of what is kept in `text`, JSON as the database writes it.

    It writes `~` and `_` as themselves, so that one look through the bytes spares one at each value.
    """
    return b"~" not in text and text.rfind(b'"_"') < 0  # from behind, which takes half the time


class Kept(Struct, frozen=True, gc=False):
    """A document as it will come back from the database, the node that keeps it, its fingerprint, and how many bytes
    of JSON it has."""

    document: Document
    node: Mapping[str, Any]
    print: str
    bytes: int


def kept(document: Document) -> Kept:
    """How an equal document is kept. Raises NotStorable as `encode` does."""
    node = encode(document)
    found = _of(node, document)
    text = packed(found)
    return Kept(found, node, _digest(text), len(text))


def normal(document: Document) -> Document:
    """An equal document as it will come back from the database: 1.0 is 1. Raises NotStorable as `encode` does."""
    return _of(encode(document), document)


def _of(node: dict[str, Any], document: Document) -> Document:
    """The document that the node of `document` keeps: itself where nothing was escaped, so that nothing is undone."""
    found: Document = node if node == document else decode(node)
    return found


def fingerprint(document: Document) -> str:
    """A short digest, equal exactly for equal documents: 20 URL-safe characters of 80 bits."""
    return _digest(packed(document))


def _digest(text: bytes) -> str:
    hashed = _HASH.copy()  # takes a third less than a new one with its settings
    hashed.update(text)
    return hashed.hexdigest()


_HASH = hashlib.blake2b(digest_size=10)
