"""Bytes to text as a browser does it: byte order mark, the header, `meta`, then what the bytes allow.

Rules: WHATWG Encoding (labels, `iso-8859-1` meaning windows-1252) and HTML "prescan a byte stream". Where nothing is
declared, bytes that are valid UTF-8 are UTF-8 and all else is windows-1252, the standard's default: no statistics, so
that one page is never read two ways. Bytes that are wrong in the encoding become U+FFFD.
"""

from __future__ import annotations

import codecs
import re
from functools import cached_property

import webencodings

PRESCAN_BYTES = 1_024  # the standard's own bound for `meta`

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))
_SPACE = b"\t\n\x0c\r "
_CHARSET = re.compile(
    rb"charset[\t\n\x0c\r ]*=[\t\n\x0c\r ]*(?:\"([^\"]*)\"|'([^']*)'|([^\"'\t\n\x0c\r ;][^\t\n\x0c\r ;]*))",
    re.IGNORECASE,
)
_TAG_START = re.compile(rb"</?[A-Za-z]")
_XML = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


class Decoded:
    """A page without its byte order mark, the encoding it is read in, and whether something declared that."""

    def __init__(self, body: bytes, encoding: str, declared: bool) -> None:
        self.encoding = encoding
        self.declared = declared
        self._body = body

    @cached_property
    def text(self) -> str:
        """What the page says."""
        return _text(self._body, self.encoding)

    @property
    def utf8(self) -> bytes:
        """The same in UTF-8: as it came where it is that without a wrong byte, as nearly every page."""
        as_it_came = self.encoding == "utf-8" and _is_utf8(self._body)
        return self._body if as_it_came else self.text.encode("utf-8", "replace")


def decode(body: bytes, charset: str | None, *, forced: str | None = None, xml: bool = False) -> Decoded:
    """A page whose header named `charset`; `forced` is the source's word, `xml` reads its declaration."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :], name, True)
    declared = _label(forced) or _label(charset) or (_xml(body) if xml else prescan(body[:PRESCAN_BYTES]))
    if declared:
        return Decoded(body, declared, True)
    return Decoded(body, "utf-8" if _is_utf8(body) else "windows-1252", False)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _label(written: str | None) -> str | None:
    found = webencodings.lookup(written) if written else None
    return found.name if found else None


_SUPERSETS = {"gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "big5": "big5hkscs"}
"""Python's codecs that decode what the standard's encodings of these names hold."""


def _text(body: bytes, name: str) -> str:
    codec = codecs.lookup(_SUPERSETS[name]) if name in _SUPERSETS else webencodings.lookup(name).codec_info
    text: str = codec.decode(body, "windows-1252" if name == "windows-1252" else "replace")[0]
    return text


def _c1(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that Python's windows-1252 lacks; the standard's has the control characters of their number."""
    assert isinstance(error, UnicodeDecodeError)
    return chr(error.object[error.start]), error.start + 1


codecs.register_error("windows-1252", _c1)


def _xml(body: bytes) -> str | None:
    found = _XML.match(body.lstrip(_SPACE)[:PRESCAN_BYTES])
    return _meta_label(found[1]) if found else None


def prescan(head: bytes) -> str | None:
    """The encoding that a `meta` in the first bytes of a page declares, or None.

    HTML, "prescan a byte stream to determine its encoding", step by step.
    """
    at = 0
    while at < len(head):
        if head.startswith(b"<!--", at):
            end = head.find(b"-->", at + 2)
            at = len(head) if end < 0 else end + 3
        elif head[at : at + 5].lower() == b"<meta" and head[at + 5 : at + 6] in _AFTER_META:
            found, at = _meta(head, at + 5)
            if found:
                return found
        elif _TAG_START.match(head, at):
            at = _first_of(head, at, b"\t\n\x0c\r >")
            name: bytes | None = b""
            while name is not None:
                name, _, at = _attribute(head, at)
        elif head[at : at + 2] in (b"<!", b"</", b"<?"):
            end = head.find(b">", at)
            at = len(head) if end < 0 else end + 1
        else:
            following = head.find(b"<", at + 1)
            at = len(head) if following < 0 else following
    return None


_AFTER_META = tuple(bytes((byte,)) for byte in b"\t\n\x0c\r /")


def _meta(head: bytes, at: int) -> tuple[str | None, int]:
    seen: dict[bytes, bytes] = {}
    while True:
        name, value, at = _attribute(head, at)
        if name is None:
            break
        seen.setdefault(name, value)
    pragma = seen.get(b"http-equiv") == b"content-type"
    if b"charset" in seen:
        return _meta_label(seen[b"charset"]), at
    found = _CHARSET.search(seen.get(b"content", b"")) if pragma else None
    return (_meta_label(found[1] or found[2] or found[3] or b"") if found else None), at


def _meta_label(label: bytes) -> str | None:
    name = _label(label.decode("latin-1"))
    if name in ("utf-16le", "utf-16be"):
        return "utf-8"  # a page whose ASCII declaration could be read is not UTF-16
    return "windows-1252" if name == "x-user-defined" else name


def _first_of(head: bytes, at: int, stops: bytes) -> int:
    while at < len(head) and head[at] not in stops:
        at += 1
    return at


def _attribute(head: bytes, at: int) -> tuple[bytes | None, bytes, int]:
    """The next attribute's name (None where the tag ends) and value in lower case, and the place after it.

    HTML, "get an attribute" of the prescan.
    """
    while at < len(head) and head[at] in _SPACE + b"/":
        at += 1
    if at >= len(head) or head[at] in b">":
        return None, b"", at + 1
    start = at
    while at < len(head) and not (head[at] in b"=" and at > start) and head[at] not in _SPACE + b"/>":
        at += 1
    name = head[start:at].lower()
    after = at
    while after < len(head) and head[after] in _SPACE:
        after += 1
    if head[after : after + 1] != b"=":
        return name, b"", at if after == at else after
    at = after + 1
    while at < len(head) and head[at] in _SPACE:
        at += 1
    if at < len(head) and head[at] in b"\"'":
        end = head.find(head[at : at + 1], at + 1)
        return (name, head[at + 1 : end].lower(), end + 1) if end >= 0 else (None, b"", len(head))
    end = _first_of(head, at, _SPACE + b">")
    return (name, head[at:end].lower(), end) if end < len(head) else (None, b"", len(head))
