"""What the reading benchmark measures with: its client reads whole answers, asks each request once, takes no error.

A peer is measured only where it answers as we do.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks._peers import PEERS, Peer
from benchmarks._rig import CONNECTIONS, asking, get, seconds
from benchmarks.query import agreed, header

LENGTH = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "x"\r\n\r\nhello'
ANSWERS: dict[str, bytes] = {
    "a length": LENGTH,
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "no body, whatever length it says": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
}


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that gives `answer` to every request, in two pieces; its port, and the first lines it was asked with."""
    asked: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while line := self.rfile.readline():
                asked.append(line)
                while self.rfile.readline() not in (b"\r\n", b""):
                    pass
                for piece in (answer[:20], answer[20:]):
                    self.wfile.write(piece)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = CONNECTIONS  # with less, one that finds no room is tried again after a second

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1], asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_ours_an_answer_is_read_to_its_end(answer: bytes) -> None:
    with answering(answer) as (port, _):
        assert get(port, asking("/")) == answer


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_ours_every_request_of_a_round_is_asked_once(answer: bytes) -> None:
    with answering(answer) as (port, asked):
        assert seconds(port, [asking(f"/{number}") for number in range(50)]) > 0
    assert sorted(asked) == sorted(b"GET /%d HTTP/1.1\r\n" % number for number in range(50))


def test_ours_an_error_is_never_measured() -> None:
    with (
        answering(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n") as (port, _),
        pytest.raises(SystemExit, match="500"),
    ):
        seconds(port, [asking("/")])


def test_ours_a_header_is_found_whatever_its_case() -> None:
    assert header(LENGTH, "etag") == '"x"'


SHAPES = {"json-server": "data", "Datasette": "rows"}
"""Under which name each peer answers with its records."""


def whole(name: str, *prices: float) -> bytes:
    """An answer with records under a name."""
    body = json.dumps({name: [{"id": "a", "price": price} for price in prices]}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_ours_a_peer_that_gives_our_records_is_measured(peer: Peer) -> None:
    with (
        answering(whole("items", 9.5, 8)) as (ours, asked),
        answering(whole(SHAPES[peer.name], 9.5, 8)) as (theirs, same),
    ):
        agreed(ours, "/small", peer, theirs, "/theirs")
    assert (asked, same) == ([b"GET /small HTTP/1.1\r\n"], [b"GET /theirs HTTP/1.1\r\n"])


DIFFERENT: dict[str, tuple[list[float], list[float]]] = {
    "who gives nothing": ([9.5, 8], []),
    "who gives another order": ([9.5, 8], [8, 9.5]),
    "who gives less": ([9.5, 8], [9.5]),
    "who gives nothing as we do": ([], []),
}


@pytest.mark.parametrize(("here", "there"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_ours_who_answers_otherwise_is_not_measured(here: list[float], there: list[float]) -> None:
    peer = PEERS[0]
    with (
        answering(whole("items", *here)) as (ours, _),
        answering(whole(SHAPES[peer.name], *there)) as (theirs, _),
        pytest.raises(SystemExit) as ended,
    ):
        agreed(ours, "/small", peer, theirs, "/theirs")
    assert str(ended.value) == f"{peer.name} gives the prices {there} to /theirs, and we {here} to /small"
