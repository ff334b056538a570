"""Bytes to text: the order of what declares an encoding, and that any bytes are some text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling.extract.decoding import decode, prescan

CASES = [
    ("spec: a byte order mark beats the header", b"\xef\xbb\xbf\xc3\xa4", "iso-8859-1", None, "ä", "utf-8", True),
    ("spec: UTF-16 by its mark", b"\xff\xfeA\x00", None, None, "A", "utf-16le", True),
    ("spec: the header beats meta", b'<meta charset="utf-8">\xe4', "iso-8859-15", None, '<meta charset="utf-8">ä',
     "iso-8859-15", True),
    ("spec: an unknown header counts for nothing", b'<meta charset="iso-8859-15">\xa4', "bogus", None,
     '<meta charset="iso-8859-15">€', "iso-8859-15", True),
    ("spec: iso-8859-1 means windows-1252", b"\x80", "iso-8859-1", None, "€", "windows-1252", True),
    ("spec: bytes that windows-1252 lacks are control characters", b"\x81", "latin1", None, "\x81",
     "windows-1252", True),
    ("spec: bytes wrong in the encoding are replaced, not guessed", b"A\xc3\xb1adir \xa9", "utf-8", None,
     "Añadir \ufffd", "utf-8", True),
    ("ours: nothing declared and valid UTF-8", "ä€".encode(), None, None, "ä€", "utf-8", False),
    ("ours: nothing declared and not UTF-8", b"\xe4", None, None, "ä", "windows-1252", False),
    ("ours: the source's word beats the header", "мир".encode("cp1251"), "utf-8", "windows-1251", "мир", "windows-1251",
     True),
    ("ours: gb2312 is read by its superset", "€".encode("gb18030"), "gb2312", None, "€", "gbk", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "charset", "forced", "text", "encoding", "declared"),
    [row[1:] for row in CASES],
    ids=[row[0] for row in CASES],
)
def test_the_order_of_declarations(
    body: bytes, charset: str | None, forced: str | None, text: str, encoding: str, declared: bool
) -> None:
    found = decode(body, charset, forced=forced)
    assert (found.text, found.encoding, found.declared) == (text, encoding, declared)


def test_spec_an_xml_declaration_counts_for_feeds() -> None:
    body = '<?xml version="1.0" encoding="ISO-8859-15"?><a>€</a>'.encode("iso-8859-15")
    assert decode(body, None, xml=True).text.endswith("<a>€</a>")


@given(st.binary(max_size=200), st.none() | st.text(max_size=20), st.booleans())
def test_any_bytes_are_some_text(body: bytes, charset: str | None, xml: bool) -> None:
    assert isinstance(decode(body, charset, xml=xml).text, str)


@given(st.binary(max_size=60))
def test_the_prescan_ends_on_any_bytes(tail: bytes) -> None:
    prescan(b"<meta " + tail)
    prescan(b"<a " + tail)
