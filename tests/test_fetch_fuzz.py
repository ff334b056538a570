"""Whatever bytes a site sends, a fetch ends in a page or in a failure with a known code, never in anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kindling.errors import FetchFailed
from kindling.fetch import Limits
from kindling.fetch.faults import of_code
from kindling.flow import Page

from tests.faultsite import Exchange, FaultSite
from tests.faultsite_rig import fetcher

NAMES = st.sampled_from(
    [
        *("Content-Length", "Content-Encoding", "Content-Type", "Transfer-Encoding", "Location", "Retry-After"),
        *("ETag", "Last-Modified", "Connection", "Set-Cookie", "X"),
    ]
)
VALUES = st.sampled_from(
    [
        *("", "0", "5", "-1", "1e9", "99999999999999999999", "chunked", "gzip", "br", "deflate, gzip", "close"),
        *("//", "http://[", "http://[::1", "?", "\\", "http://example.com:99999/", "text/html; charset=", '"', "é"),
    ]
) | st.text(st.characters(max_codepoint=255), max_size=20)
STATUSES = st.sampled_from(
    [b"200", b"203", b"204", b"302", b"304", b"404", b"429", b"503", b"000", b"999", b"-1", b"2"]
)
HEADERS = st.lists(st.tuples(NAMES, VALUES).map(lambda pair: f"{pair[0]}: {pair[1]}\r\n".encode("latin-1")), max_size=4)
BODIES = st.binary(max_size=60) | st.sampled_from(
    [b"5\r\nhello\r\n0\r\n\r\n", b"\x1f\x8b\x08", b"-1\r\n", b"ffffffffff\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]
)
ANSWERS = st.builds(
    lambda status, headers, body: b"HTTP/1.1 " + status + b" X\r\n" + b"".join(headers) + b"\r\n" + body,
    STATUSES,
    HEADERS,
    BODIES,
)


@pytest.fixture(scope="module")
def outcome() -> Iterator[Callable[[bytes], str]]:
    """Fetch from a site that sends these bytes and hangs up; the outcome is `page` or a code."""
    sends = b""

    def handle(exchange: Exchange) -> None:
        exchange.send(sends)
        exchange.close()

    def fetch(data: bytes) -> str:
        nonlocal sends
        sends = data
        with fetcher(site, pace_s=0.0, limits=Limits(attempts=1)) as fetching:
            try:
                return "page" if isinstance(fetching.get(site.url()), Page) else "no page"
            except FetchFailed as failure:
                return failure.code

    with FaultSite({"/": handle}) as site:
        yield fetch


@given(ANSWERS | st.binary(max_size=80))
@example(b"HTTP/1.1 503 X\r\nRetry-After: Fri, 31 Dec 99999999999 23:59:59 GMT\r\n\r\n")
@example(b"HTTP/1.1 302 X\r\nLocation: http://[\r\n\r\n")
def test_ours_any_bytes_are_a_page_or_a_failure_that_has_a_name(outcome: Callable[[bytes], str], data: bytes) -> None:
    found = outcome(data)
    assert found == "page" or of_code(found).code == found
