"""HTTP to the database: kept connections, tries, bounds and trust, against a server that misbehaves by script."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kindling.errors import TooBig, Unavailable
from kindling.store import wire
from kindling.store.wire import Reply, Wire

from tests.faultsite_tls import authority
from tests.scripted import DEADLINE_S, HUSH, SILENCE, Scripted, answer, scripted

CLOSING = "Connection: close"
CLOSED = b"Connection: close"  # ends the connection wherever it stands in what a script says
PACKED = "Content-Encoding: gzip"
BUSY = answer(503)
OTHER_PROTOCOL = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
BOUND = 1_000
BIG = bytes(range(256)) * 2**15  # 8 MB: more than the buffers of both sides hold


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PAUSES_S", (0.001, 0.001))
    monkeypatch.setattr(wire, "ANSWER_MAX_BYTES", BOUND)


@contextmanager
def opened(*script: bytes | None) -> Iterator[tuple[Scripted, Wire]]:
    """A server with that script and a wire to it."""
    with scripted(script) as server:
        made = Wire(f"http://127.0.0.1:{server.port}")
        try:
            yield server, made
        finally:
            made.close()


def ask(one: Wire, method: str = "GET") -> Reply:
    """One request without anything special about it."""
    return one.send(method, "/x.json?a=1", headers=lambda: {"Authorization": "Bearer t"}, body=b"{}")


def test_ours_a_connection_is_kept_from_one_request_to_the_next() -> None:
    with opened(answer(200, b"1"), answer(304, b""), answer(200, b"2")) as (server, one):
        assert [(reply.status, reply.body) for reply in (ask(one), ask(one), ask(one))] == [
            (200, b"1"),
            (304, b""),
            (200, b"2"),
        ]
        assert (server.connections, server.asked) == (1, ["GET /x.json?a=1"] * 3)


def test_spec_a_header_is_found_however_its_name_is_written() -> None:
    with opened(answer(200, b"1", "eTaG: abc")) as (_, one):
        reply = ask(one)
        assert (reply.header(b"etag"), reply.header(b"age")) == ("abc", None)


def test_ours_an_answer_may_come_in_chunks_and_after_other_news() -> None:
    words = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with opened(words + b"2\r\n12\r\n1\r\n3\r\n0\r\n\r\n", answer(200)) as (server, one):
        assert ask(one) == Reply(200, [(b"Transfer-Encoding", b"chunked")], b"123")
        assert (ask(one).status, server.connections) == (200, 1)


LAST = {
    "an answer that says so": answer(200, b"{}", CLOSING),
    "one of an older version": answer(200).replace(b"HTTP/1.1", b"HTTP/1.0"),
}


@pytest.mark.parametrize("words", LAST.values(), ids=LAST.keys())
def test_ours_a_connection_is_not_used_after(words: bytes) -> None:
    with opened(words, answer(200, b"2")) as (server, one):
        assert (ask(one).body, ask(one).body, server.connections) == (b"{}", b"2", 2)


AGAIN = {
    "a GET whose connection ends is sent again": ("GET", [SILENCE, answer(200)], 2),
    "a PATCH too, since it does the same twice": ("PATCH", [SILENCE, answer(200)], 2),
    "a server that is busy twice is asked three times": ("GET", [BUSY, BUSY, answer(200)], 3),
    "so is a write that it refused to take now": ("PUT", [BUSY, BUSY, answer(200)], 3),
    "an answer that ends too early is asked for again": (
        "GET",
        [answer(200, b"12", CLOSING).replace(b"Length: 2", b"Length: 9"), answer(200)],
        2,
    ),
    "a broken compressed answer too": ("GET", [answer(200, b"no gzip", PACKED), answer(200)], 2),
    "and one that is cut short": ("GET", [answer(200, gzip.compress(b"1" * 99)[:-9], PACKED), answer(200)], 2),
    "an answer that does not say where it ends too": ("GET", [b"HTTP/1.1 200 OK\r\n\r\n1" + CLOSED, answer(200)], 2),
    "two answers to one question too": ("GET", [answer(200) + answer(200, b'"of whom?"'), answer(200)], 2),
    "words that are no HTTP too": ("GET", [b"SSH-2.0-OpenSSH\r\n", answer(200)], 2),
    "a change to another protocol too": ("GET", [OTHER_PROTOCOL, answer(200)], 2),
}


@pytest.mark.parametrize(("method", "script", "times"), AGAIN.values(), ids=AGAIN.keys())
def test_ours_what_may_be_sent_again_is(method: str, script: list[bytes | None], times: int) -> None:
    with opened(*script) as (server, one):
        assert (ask(one, method).status, len(server.asked)) == (200, times)


ENDS = {
    "a PUT whose connection ends is not sent twice": ("PUT", [SILENCE]),
    "after three tries nothing is left to hope for": ("GET", [SILENCE] * 3),
}


@pytest.mark.parametrize(("method", "script"), ENDS.values(), ids=ENDS.keys())
def test_ours_no_answer_is_unavailable(method: str, script: list[bytes | None]) -> None:
    with opened(*script) as (server, one):
        with pytest.raises(Unavailable, match=f"127.0.0.1:{server.port} does not answer; try again"):
            ask(one, method)
        assert len(server.asked) == len(script)


def test_ours_a_server_that_stays_busy_says_so_itself() -> None:
    with opened(BUSY, BUSY, BUSY) as (server, one):
        assert (ask(one).status, len(server.asked)) == (503, 3)


def test_ours_waiting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "TIMEOUT_S", 0.1)
    with opened(HUSH, HUSH, HUSH) as (_, one), pytest.raises(Unavailable):
        ask(one)


def test_ours_waiting_ends_over_tls_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "TIMEOUT_S", 0.5)
    with scripted([HUSH] * 3, authority().serving("127.0.0.1")) as server:
        one = Wire(f"https://127.0.0.1:{server.port}", trust=authority().trusting())
        with pytest.raises(Unavailable):
            ask(one)
        one.close()


def test_ours_the_time_that_sending_took_is_not_there_for_waiting() -> None:
    with opened(HUSH) as (_, one):
        made = one._opened(wire.TIMEOUT_S)
        made.ask(b"GET /x.json HTTP/1.1\r\n\r\n", time.monotonic() + wire.TIMEOUT_S)
        with made.sock, pytest.raises(TimeoutError):
            made.answer(time.monotonic())


def test_ours_sending_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        one = Wire(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        with pytest.raises(Unavailable):
            one.send("PUT", "/x.json", headers=dict, body=BIG)


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "over TLS"])
def test_ours_what_is_too_big_for_one_write_or_read_goes_in_several(
    monkeypatch: pytest.MonkeyPatch, secure: bool
) -> None:
    monkeypatch.setattr(wire, "ANSWER_MAX_BYTES", 2 * len(BIG))
    with scripted([answer(200, BIG)], authority().serving("127.0.0.1") if secure else None) as server:
        one = Wire(f"http{'s' * secure}://127.0.0.1:{server.port}", trust=authority().trusting())
        found = one.send("PATCH", "/x.json", headers=dict, body=BIG)
        assert (found.body == BIG, server.bodies == [BIG], server.connections) == (True, True, 1)
        one.close()


def test_ours_a_request_is_on_its_way_before_its_answer_is_waited_for() -> None:
    with opened(answer(200, b"1"), answer(200, b"2")) as (server, one):
        first = one.begin("GET", "/a.json", headers=dict)
        second = one.begin("GET", "/b.json", headers=dict)
        assert {second().body, first().body} == {b"1", b"2"}
        assert (sorted(server.asked), server.connections) == (["GET /a.json", "GET /b.json"], 2)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_ours_what_cannot_even_be_sent_is_told_when_the_answer_is_wanted(method: str) -> None:
    with scripted([]) as server:
        gone = server.port
    asked = Wire(f"http://127.0.0.1:{gone}").begin(method, "/a.json", headers=dict)
    with pytest.raises(Unavailable):
        asked()


def test_ours_nobody_there_is_unavailable() -> None:
    with scripted([]) as server:
        gone = server.port
    with pytest.raises(Unavailable):
        ask(Wire(f"http://127.0.0.1:{gone}"))


def end(kept: wire._Connection) -> None:
    """Has the server end an idle connection."""
    kept.sock.shutdown(socket.SHUT_WR)  # the server sees its end, and ends it too
    kept.sock.settimeout(DEADLINE_S)
    assert kept.sock.recv(1, socket.MSG_PEEK) == b""  # that has come back


def test_ours_a_connection_that_the_server_ended_while_idle_is_not_used_for_a_write() -> None:
    with opened(answer(200), answer(200)) as (server, one):
        ask(one)
        end(one._idle[0])
        assert (ask(one, "PUT").status, server.connections) == (200, 2)


def test_ours_after_one_ended_connection_no_other_is_trusted() -> None:
    with opened(*[answer(200)] * 4) as (server, one):
        kept = []
        for _ in range(3):  # as many as there are tries
            ask(one)
            kept.append(one._idle.pop())
        for each in kept:
            end(each)
        one._idle += kept
        assert (ask(one).status, server.connections, len(one._idle)) == (200, 4, 1)


def test_ours_a_connection_is_opened_in_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[float] = []
    connect = socket.create_connection

    def connecting(address: tuple[str, int], timeout: float) -> socket.socket:
        allowed.append(timeout)
        return connect(address, timeout)

    with opened() as (_, one):
        monkeypatch.setattr(socket, "create_connection", connecting)
        for left_s in (9.0, -1.0):
            one._connection(time.monotonic() + left_s, sure=False).sock.close()
    assert (8.0 < allowed[0] <= 9.0, allowed[1:]) == (True, [wire.LEAST_S])


BOUNDED = {
    "plain": answer(200, b"1" * (BOUND + 1)),
    "compressed": answer(200, gzip.compress(b"1" * (BOUND + 1)), PACKED),
    "a head without end": b"HTTP/1.1 200 OK\r\nX: " + b"1" * BOUND,
    "a bomb": answer(200, gzip.compress(b"1" * 10_000_000)[:BOUND], PACKED),
}


@pytest.mark.parametrize("words", BOUNDED.values(), ids=BOUNDED.keys())
def test_ours_an_answer_over_the_bound_is_too_big(words: bytes) -> None:
    with opened(words) as (_, one), pytest.raises(TooBig, match="ask for less"):
        ask(one)


def test_ours_a_compressed_answer_is_unpacked() -> None:
    with opened(answer(200, gzip.compress(b"1" * BOUND), PACKED)) as (_, one):
        assert ask(one).body == b"1" * BOUND


def test_ours_a_closed_wire_keeps_nothing() -> None:
    with opened(answer(200)) as (_, one):
        one.close()
        ask(one)
        assert one._idle == []


def test_ours_proxy_variables_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with opened(answer(200)) as (_, one):
        assert ask(one).status == 200


TRUST = {
    "a server that the authority vouches for is spoken to": ("127.0.0.1", True, 200),
    "one that nobody vouches for is not": ("127.0.0.1", False, None),
    "one that goes by another name is not": ("other.example", True, None),
}


@pytest.mark.parametrize(("name", "trusted", "status"), TRUST.values(), ids=TRUST.keys())
def test_spec_tls_proves_who_answers(name: str, trusted: bool, status: int | None) -> None:
    with scripted([answer(200)] * 3, authority().serving(name)) as server:
        one = Wire(f"https://127.0.0.1:{server.port}", trust=authority().trusting() if trusted else None)
        if status is None:
            with pytest.raises(Unavailable):
                ask(one)
            assert server.asked == []
        else:
            assert ask(one).status == status
        one.close()
