"""One connection to a site: a request goes out in one write, its answer is read by the parser of Node (`httptools`).

Knows sockets and HTTP/1.1, nothing of places, limits or what an answer means. Each step is allowed by the watch.

Facts relied on: the parser forgives what sites get wrong without harm (see `FORGIVEN`, and `heads` for what it would
not) and refuses what has two meanings, several lengths above all. It cannot be told that the connection ended, so that
`_ends_with_connection` says where this is the end of an answer (RFC 9112 section 6.3).
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import suppress

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from kindling.fetch import heads
from kindling.fetch.watch import BUFFER_BYTES, Watch

NOT_HTTP = (HttpParserError, HttpParserUpgrade)
"""What is raised for an answer that is not HTTP as it should be."""

_FIRST = b"HTTP/"
_TWO_ENDS = {"transfer-encoding", "content-length"}  # with both, whose are the next words? (RFC 9112 section 6.1)
_FIRST_FINAL = 200  # a status below it is news on the way to the answer

FORGIVEN = {
    "lenient_headers": True,  # one header on several lines, control characters in a value
    "lenient_chunked_length": True,  # a length beside chunks, which then count alone
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
}


class Connection:
    """A connection with at most one exchange under way. The methods that begin with `on_` are its parser's.

    Of the answer under way it knows `status` and `headers` (names in small letters, those of one name joined by commas)
    and, once nothing more will come, that it is `whole`. OSError, NOT_HTTP, EOFError (too early an end) or Cut end it.
    """

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self.watch = watch
        self._sock = sock
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(**FORGIVEN)
        self._begin()

    def ask(self, request: bytes) -> None:
        """Send a request and read as far as its answer's headers."""
        self._begin()
        self.watch.allow(self._sock)
        with suppress(BrokenPipeError, ConnectionResetError):  # a site may answer before it has read everything
            self._sock.sendall(request)
        while not self._headed:
            self._read()

    def body(self) -> Iterator[bytes]:
        """The answer's body, piece by piece as it comes."""
        while True:
            if self._parts:
                piece = b"".join(self._parts)
                self._parts.clear()
                yield piece
            if self.whole:
                return
            self._read()

    def is_free(self) -> bool:
        """Whether another request may follow: the site keeps the connection, and has not closed it since."""
        if not self._kept:
            return False
        waiting = select.poll()
        waiting.register(self._sock, select.POLLIN)
        return not waiting.poll(0)  # what can be read of an idle connection is its end, or words that are nobody's

    def close(self) -> None:
        """Hang up."""
        self._kept = False
        self._sock.close()

    def on_message_begin(self) -> None:
        if self.whole:
            raise ValueError("there are words behind the answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if not self._headed:  # else it is a trailer
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self._headed = self.status >= _FIRST_FINAL

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        self.whole = self._headed
        self._kept = self._parser.should_keep_alive() and not self.headers.keys() >= _TWO_ENDS
        if not self._headed:
            self._begin()

    def _begin(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.whole = False
        self._headed = False
        self._kept = False
        self._head = b""
        self._parts: list[bytes] = []

    def _read(self) -> None:
        self.watch.allow(self._sock)
        try:
            data = self._sock.recv(BUFFER_BYTES)
        except TimeoutError:
            self.watch.allow(self._sock)  # says so if it was the whole answer's time that ran out
            raise
        self.watch.bytes_read += len(data)
        if not data:
            self._ended()
            return
        try:
            self._feed(data)
        except NOT_HTTP:
            if not self.whole:
                raise
            self._kept = False  # what is behind an answer is nobody's
        if self._parts:
            self.watch.went_on()

    def _feed(self, data: bytes) -> None:
        """Gives the parser what came, each head whole and mended."""
        while not self._headed:
            looked = max(0, len(self._head) - heads.END_BYTES)
            self._head += data
            if not self._head.startswith(_FIRST[: len(self._head)]):
                raise HttpParserError(f"it begins with {self._head[: len(_FIRST)]!r}")
            end = heads.END.search(self._head, looked)
            if end is None:
                return
            head, data = self._head[: end.end()], self._head[end.end() :]
            self._head = b""
            self._parser.feed_data(heads.mended(head))
        self._parser.feed_data(data)

    def _ended(self) -> None:
        if not self.watch.bytes_read:
            raise ConnectionResetError("the site hung up without a word")
        if not self._headed or not self._ends_with_connection():
            raise EOFError
        self.whole = True

    def _ends_with_connection(self) -> bool:
        coding = self.headers.get("transfer-encoding")
        return "content-length" not in self.headers if coding is None else not coding.lower().endswith("chunked")
