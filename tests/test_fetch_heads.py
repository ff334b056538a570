"""Heads of answers as sites write them, and what a parser gets of them."""

from __future__ import annotations

import pytest
from httptools import HttpResponseParser
from hypothesis import given
from hypothesis import strategies as st
from kindling.fetch.connection import FORGIVEN
from kindling.fetch.heads import mended

STATUS = b"HTTP/1.1 200 OK\r\n"
MENDED = {
    "what is good stays": (b"Server: x\r\nETag:  y \r\n", b"Server: x\r\nETag:  y \r\n"),
    "line feeds alone": (b"Server: x\nETag: y\n", b"Server: x\r\nETag: y\r\n"),
    "a line without a colon": (b"oops\r\nETag: y\r\n", b"ETag: y\r\n"),
    "a line without a name": (b": oops\r\nETag: y\r\n", b"ETag: y\r\n"),
    "a blank before the colon": (b"ETag\t : y\r\n", b"ETag: y\r\n"),
    "signs that no name has": (b"E Tag: x\r\nE/Tag: x\r\nETag: y\r\n", b"ETag: y\r\n"),
    "a header on two lines": (b"ETag: y\r\n\t z\r\n", b"ETag: y z\r\n"),
    "a line without a colon on two lines": (b"ETag: y\r\noops\r\n z\r\n", b"ETag: y\r\n"),
    "a second line of nothing": (b" z\r\nETag: y\r\n", b"ETag: y\r\n"),
    "a length said twice": (b"Content-Length: 1\r\ncontent-length:1\r\n", b"Content-Length: 1\r\n"),
    "a length said twice on one line": (b"Content-Length: 1, 1\r\n", b"Content-Length: 1\r\n"),
    "a coding that is none": (b"Transfer-Encoding: Identity\r\nETag: y\r\n", b"ETag: y\r\n"),
    "two lengths": (b"Content-Length: 1\r\nContent-Length: 2\r\n", b"Content-Length: 1\r\nContent-Length: 2\r\n"),
    "signs that no value has": (b"ETag: a\rb\0c\r\n", b"ETag: a b c\r\n"),
}


@pytest.mark.parametrize(("lines", "wanted"), MENDED.values(), ids=MENDED.keys())
def test_ours_lines_that_are_no_header_are_passed_over(lines: bytes, wanted: bytes) -> None:
    assert mended(STATUS + lines + b"\r\n") == STATUS + wanted + b"\r\n"


line = st.lists(st.sampled_from([b"X", b"-Y", b":", b" ", b"\t", b"\r", b"\0", b"\x80", b"\xff", b"@", b'"'])).map(
    b"".join
)


@given(st.lists(line.map(bytes.rstrip).filter(bool), max_size=5))
def test_ours_a_parser_takes_what_is_mended_and_nothing_is_left_to_mend(lines: list[bytes]) -> None:
    class Heard:
        complete = False

        def on_headers_complete(self) -> None:
            self.complete = True

    head = mended(STATUS + b"".join(line + b"\r\n" for line in lines) + b"\r\n")
    heard = Heard()
    parser = HttpResponseParser(heard)
    parser.set_dangerous_leniencies(**FORGIVEN)
    parser.feed_data(head)
    assert (heard.complete, mended(head)) == (True, head)
