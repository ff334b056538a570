"""One table of what a site may do wrong and what a fetch makes of it; `docs/reliability.md` prints it as measured."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import brotli  # type: ignore[import-untyped]  # ships no types
from kindling.errors import FetchFailed
from kindling.fetch import Fetcher, Limits, MemoryHosts
from kindling.flow import Page

from tests.faultsite import Exchange, FaultSite, Handler, ManualClock, answer, in_turn, moved, page, says
from tests.faultsite_rig import fetcher

HELLO = b"<p>hello</p>"
RAW_DEFLATE = zlib.compress(HELLO)[2:-4]
ZEROS = bytes(2_000_000)
PRIVATE_URL = "http://10.0.0.1/"

NORMAL = Limits(header_bytes=16_384, body_bytes=300_000, ratio_from_bytes=100_000)
SILENCE_IS_SHORT = Limits(read_s=0.2)
ANSWERS_ARE_SHORT = Limits(total_s=0.3)


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a fetch: `page` or a code, how often the page was asked for, whether the host is left alone."""

    outcome: str
    requests: int = 1
    left_alone: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What a site does, and the expected outcome."""

    handlers: Mapping[str, Handler]
    expected: Measured
    limits: Limits = NORMAL


def measure(case: Case) -> Measured:
    """Fetch `/` of a site that behaves as the case says; nobody sleeps, time jumps."""
    clock = ManualClock()
    hosts = MemoryHosts(clock)
    with FaultSite(case.handlers) as site:
        with fetcher(site, clock=clock, hosts=hosts, limits=case.limits) as fetching:
            outcome = _outcome(fetching, site.url())
        left_alone = hosts.enter(site.door).backoff_until_ms > clock.now_ms()
        return Measured(outcome, len(site.paths()), left_alone)


def _outcome(fetching: Fetcher, url: str) -> str:
    try:
        found = fetching.get(url)
    except FetchFailed as failure:
        return failure.code
    assert isinstance(found, Page)
    return "page" if found.body == HELLO else f"{len(found.body)} other bytes"


PAGE = Measured("page")


def gone(outcome: str) -> Measured:
    """A failure that says nothing about the host: it is asked once."""
    return Measured(outcome)


def tired(outcome: str) -> Measured:
    """A failure that may pass: it is tried three times, then the host is left alone."""
    return Measured(outcome, 3, left_alone=True)


def coded(body: bytes, coding: str) -> dict[str, Handler]:
    """A site whose page has a Content-Encoding."""
    return {"/": page(body, Content_Encoding=coding)}


def chunked(data: bytes) -> dict[str, Handler]:
    """A site whose page is sent in chunks that are framed already."""
    return {"/": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data)}


def then(data: bytes, *, reset: bool = False) -> Handler:
    """Send bytes, then end the connection."""

    def handle(exchange: Exchange) -> None:
        exchange.send(data)
        if reset:
            exchange.reset()
        exchange.close()

    return handle


def then_silence(data: bytes) -> Handler:
    """Send bytes, then nothing more."""

    def handle(exchange: Exchange) -> None:
        exchange.send(data)
        exchange.silence()

    return handle


def dripping(data: bytes, drip: bytes) -> Handler:
    """Send bytes, then others one by one."""

    def handle(exchange: Exchange) -> None:
        exchange.send(data)
        exchange.drip(drip)

    return handle


def endless(start: bytes, more: bytes) -> Handler:
    """Send bytes, then others for as long as the client takes them."""

    def handle(exchange: Exchange) -> None:
        exchange.send(start)
        while True:
            exchange.send(more)

    return handle


def chain(hops: int) -> dict[str, Handler]:
    """A site whose page is that many redirects away."""
    paths = ["/", *(f"/{hop}" for hop in range(1, hops + 1))]
    return {**{a: moved(b) for a, b in pairwise(paths)}, paths[-1]: page(HELLO)}


def robots(handler: Handler, **more: Handler) -> dict[str, Handler]:
    """A site with a page and a robots.txt."""
    return {"/": page(HELLO), "/robots.txt": handler, **{f"/{name}": found for name, found in more.items()}}


def robots_chain(hops: int) -> dict[str, Handler]:
    """A site whose robots.txt, which allows nothing, is that many redirects away."""
    paths = ["/robots.txt", *(f"/r{hop}" for hop in range(1, hops + 1))]
    hidden = {a: moved(b) for a, b in pairwise(paths)}
    return {"/": page(HELLO), **hidden, paths[-1]: page(NOTHING)}


NOTHING = b"User-agent: *\nDisallow: /\n"
HEAD = b"HTTP/1.1 200 OK\r\n"
TO_THE_END = HEAD + b"Connection: close\r\n\r\n"
TWENTY = HEAD + b"Content-Length: 20\r\n\r\n"
TWELVE = b"Content-Length: 12\r\n\r\n"
TWO_LENGTHS = HEAD + b"Content-Length: 3, 99\r\n\r\n"

BODIES: dict[str, Case] = {
    "sends gzip": Case(coded(gzip.compress(HELLO), "gzip"), PAGE),
    "sends gzip by its old name, in capitals": Case(coded(gzip.compress(HELLO), "X-GZIP"), PAGE),
    "sends gzip in two members": Case(coded(gzip.compress(HELLO[:5]) + gzip.compress(HELLO[5:]), "gzip"), PAGE),
    "sends gzip with zeros behind it": Case(coded(gzip.compress(HELLO) + bytes(9), "gzip"), PAGE),
    "sends deflate with its header": Case(coded(zlib.compress(HELLO), "deflate"), PAGE),
    "sends deflate without its header": Case(coded(RAW_DEFLATE, "deflate"), PAGE),
    "sends brotli": Case(coded(brotli.compress(HELLO), "br"), PAGE),
    "sends gzip inside brotli": Case(coded(brotli.compress(gzip.compress(HELLO)), "gzip, br"), PAGE),
    "names a charset for a coding": Case(coded(HELLO, "utf-8"), PAGE),
    "names identity for a coding": Case(coded(HELLO, "identity"), PAGE),
    "sends chunks, with extensions and trailers": Case(
        chunked(b"5;name=value\r\n<p>he\r\n7\r\nllo</p>\r\n0\r\nTrailer: x\r\n\r\n"), PAGE
    ),
    "sends until it hangs up, without a length": Case({"/": then(TO_THE_END + HELLO)}, PAGE),
    "speaks HTTP/1.0": Case({"/": then(b"HTTP/1.0 200 OK\r\n\r\n" + HELLO)}, PAGE),
    "sends plain text as gzip": Case(coded(HELLO, "gzip"), gone("encoding")),
    "sends plain text as brotli": Case(coded(b"plain text, in more than a few words", "br"), gone("encoding")),
    "sends plain text as deflate": Case(coded(HELLO, "deflate"), gone("encoding")),
    "sends zstd, which was not offered": Case(coded(HELLO, "zstd"), gone("encoding")),
    "sends gzip three times over": Case(
        coded(gzip.compress(gzip.compress(gzip.compress(HELLO))), "gzip, gzip, gzip"), gone("encoding")
    ),
    "sends a gzip bomb": Case(coded(gzip.compress(ZEROS), "gzip"), gone("bomb")),
    "sends a brotli bomb": Case(coded(brotli.compress(ZEROS), "br"), gone("bomb")),
    "sends a gzip bomb inside gzip": Case(coded(gzip.compress(gzip.compress(ZEROS)), "gzip, gzip"), gone("bomb")),
    "sends a page that is too big": Case({"/": page(b"x" * 300_001)}, gone("too-big")),
    "sends a body without end": Case({"/": endless(TO_THE_END, b"x" * 65_536)}, gone("too-big")),
    "sends chunks without end": Case(
        {"/": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 9_000)}, gone("too-big")
    ),
    "sends a chunk length without end": Case(
        {"/": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 9_000)}, gone("big-headers")
    ),
    "hangs up before the length it promised": Case({"/": then(answer(HELLO, length=99))}, tired("truncated")),
    "hangs up in the middle of a chunk": Case(
        {"/": then(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\n<p>")}, tired("truncated")
    ),
    "hangs up before the last chunk": Case(
        {"/": then(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n")}, tired("truncated")
    ),
    "cuts its gzip short": Case(coded(gzip.compress(HELLO)[:-9], "gzip"), tired("truncated")),
    "cuts its gzip before the checksum": Case(coded(gzip.compress(HELLO)[:-4], "gzip"), tired("truncated")),
    "cuts its brotli short": Case(coded(brotli.compress(HELLO * 99)[:-4], "br"), tired("truncated")),
    "cuts its page short once": Case({"/": in_turn(then(answer(HELLO, length=99)), page(HELLO))}, Measured("page", 2)),
    "sends more than the length it promised": Case({"/": says(answer(HELLO + b"more", length=len(HELLO)))}, PAGE),
    "sends a length beside its chunks": Case(
        {"/": says(HEAD + b"Transfer-Encoding: chunked\r\n" + TWELVE + b"c\r\n" + HELLO + b"\r\n0\r\n\r\n")}, PAGE
    ),
    "names a coding that is none": Case({"/": page(HELLO, Transfer_Encoding="identity")}, PAGE, SILENCE_IS_SHORT),
    "sends another answer behind its own": Case({"/": says(answer(HELLO) + answer(b"<p>evil</p>"))}, PAGE),
    "promises its length twice": Case({"/": page(HELLO, Content_Length="12")}, PAGE),
    "promises its length twice on one line": Case({"/": says(HEAD + b"Content-Length: 12, 12\r\n\r\n" + HELLO)}, PAGE),
    "promises two lengths": Case({"/": page(HELLO, Content_Length="99")}, tired("bad-answer")),
    "promises two lengths on one line": Case({"/": says(TWO_LENGTHS + HELLO)}, tired("bad-answer")),
}

CONNECTIONS: dict[str, Case] = {
    "says nothing": Case({"/": Exchange.silence}, tired("timeout"), SILENCE_IS_SHORT),
    "falls silent among its headers": Case({"/": then_silence(HEAD)}, tired("timeout"), SILENCE_IS_SHORT),
    "falls silent in the middle of the page": Case(
        {"/": then_silence(TWENTY + HELLO)}, tired("timeout"), SILENCE_IS_SHORT
    ),
    "drips its headers": Case(
        {"/": dripping(HEAD, b"X-Long: " + b"x" * 500)}, Measured("too-slow", 1, left_alone=True), ANSWERS_ARE_SHORT
    ),
    "drips its page": Case(
        {"/": dripping(TO_THE_END, b"x" * 500)}, Measured("too-slow", 1, left_alone=True), ANSWERS_ARE_SHORT
    ),
    "sends headers without end": Case({"/": endless(HEAD, b"X-Cookie: 1\r\n" * 50)}, gone("big-headers")),
    "sends long headers": Case({"/": endless(HEAD, b"X: " + b"x" * 9_000 + b"\r\n")}, gone("big-headers")),
    "sends one header line without end": Case({"/": endless(HEAD + b"X: ", b"x" * 9_000)}, gone("big-headers")),
    "says 100 Continue without end": Case({"/": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n")}, gone("big-headers")),
    "hangs up among its headers": Case({"/": then(HEAD + b"Content-Le")}, tired("truncated")),
    "says 103 Early Hints first": Case({"/": says(b"HTTP/1.1 103 X\r\nLink: x\r\n\r\n" + answer(HELLO))}, PAGE),
    "ends its lines with line feeds alone": Case({"/": says(answer(HELLO).replace(b"\r", b""))}, PAGE),
    "writes one header on two lines": Case({"/": says(HEAD + b"X: a\r\n b\r\n" + TWELVE + HELLO)}, PAGE),
    "writes a header without a colon": Case({"/": says(HEAD + b"X\r\n" + TWELVE + HELLO)}, PAGE),
    "writes a space before a colon": Case({"/": says(HEAD + b"Content-Length : 12\r\n\r\n" + HELLO)}, PAGE),
    "writes a header's name with signs that no name has": Case(
        {"/": says(HEAD + b"X@Y: a\r\n" + TWELVE + HELLO)}, PAGE
    ),
    "does not speak HTTP": Case({"/": then(b"SSH-2.0-OpenSSH_9.2\r\n")}, tired("bad-answer")),
    "hangs up without a word": Case({"/": then(b"")}, tired("reset")),
    "resets the connection": Case({"/": then(b"", reset=True)}, tired("reset")),
    "resets it in the middle of the page": Case({"/": then(TWENTY + HELLO, reset=True)}, tired("reset")),
    "resets it once": Case({"/": in_turn(then(b"", reset=True), page(HELLO))}, Measured("page", 2)),
}

STATUSES: dict[str, Case] = {
    **{f"answers {s}": Case({"/": page(HELLO, s)}, gone(f"http-{s}")) for s in (401, 403, 404, 410)},
    **{f"answers {s}": Case({"/": page(HELLO, s)}, tired(f"http-{s}")) for s in (429, 500, 502, 503)},
    "answers 503 twice, then the page": Case(
        {"/": in_turn(page(HELLO, 503), page(HELLO, 503), page(HELLO))}, Measured("page", 3)
    ),
    "answers 404 with a page that drips": Case(
        {"/": dripping(b"HTTP/1.1 404 Not Found\r\n\r\n", b"x" * 500)}, gone("http-404")
    ),
    "answers 503 and wants an hour": Case(
        {"/": page(HELLO, 503, Retry_After="3600")}, Measured("http-503", 1, left_alone=True)
    ),
    "answers 202 in place of a page": Case({"/": page(HELLO, 202)}, gone("http-202")),
    "answers 204": Case({"/": says(b"HTTP/1.1 204 No Content\r\n\r\n")}, gone("http-204")),
    "answers 206, a part of the page": Case({"/": page(HELLO, 206)}, gone("http-206")),
    "answers 304 without being asked": Case({"/": says(b"HTTP/1.1 304 Not Modified\r\n\r\n")}, gone("http-304")),
}

REDIRECTS: dict[str, Case] = {
    **{
        f"redirects with {s}": Case({"/": moved("/a", s), "/a": page(HELLO)}, Measured("page", 2))
        for s in (301, 302, 303, 307, 308)
    },
    "redirects ten times": Case(chain(10), Measured("page", 11)),
    "redirects eleven times": Case(chain(11), Measured("redirects", 11)),
    "redirects to itself": Case({"/": moved("/")}, gone("redirect-loop")),
    "redirects in a circle": Case({"/": moved("/a"), "/a": moved("/")}, Measured("redirect-loop", 2)),
    "redirects nowhere": Case({"/": page(HELLO, 302)}, gone("http-302")),
    "redirects with a space and an umlaut": Case(
        {"/": moved("/a b/Ã¼"), "/a%20b/%C3%BC": page(HELLO)}, Measured("page", 2)
    ),
    "redirects to a file": Case({"/": moved("file:///etc/passwd")}, gone("refused-scheme")),
    "redirects to a script": Case({"/": moved("javascript:alert(1)")}, gone("refused-url")),
    "redirects into a private network": Case({"/": moved(PRIVATE_URL)}, gone("refused-address")),
    "redirects to the cloud's metadata": Case({"/": moved("http://metadata.google.internal/")}, gone("refused-host")),
    "redirects to a URL with a password": Case({"/": moved("http://a:b@example.com/")}, gone("refused-url")),
    "redirects to what its robots.txt forbids": Case(
        {"/": moved("/a"), "/robots.txt": page(b"User-agent: *\nDisallow: /a")}, gone("robots")
    ),
}

ROBOTS: dict[str, Case] = {
    "has no robots.txt (404)": Case(robots(page(b"", 404)), PAGE),
    "guards its robots.txt (401)": Case(robots(page(b"", 401)), PAGE),
    "forbids its robots.txt (403)": Case(robots(page(NOTHING, 403)), PAGE),
    "forbids everything in it": Case(robots(page(NOTHING)), Measured("robots", 0)),
    "forbids everything in it, in gzip": Case(
        robots(page(gzip.compress(NOTHING), Content_Encoding="gzip")), Measured("robots", 0)
    ),
    "sends a page for it": Case(robots(page(b"<html>Not found</html>")), PAGE),
    "fails on it (500)": Case(robots(page(b"", 500)), Measured("robots-unreachable", 0, left_alone=True)),
    "wants a pause on it (429)": Case(robots(page(b"", 429)), Measured("robots-unreachable", 0, left_alone=True)),
    "says nothing on it": Case(
        robots(Exchange.silence), Measured("robots-unreachable", 0, left_alone=True), SILENCE_IS_SHORT
    ),
    "resets the connection on it": Case(
        robots(then(b"", reset=True)), Measured("robots-unreachable", 0, left_alone=True)
    ),
    "cuts it short": Case(robots(then(answer(NOTHING, length=99))), Measured("robots-unreachable", 0, left_alone=True)),
    "sends a bomb for it": Case(
        robots(page(gzip.compress(ZEROS), Content_Encoding="gzip")), Measured("robots-unreachable", 0)
    ),
    "sends an endless one that allows": Case(robots(endless(TO_THE_END, b"Allow: /\n" * 7_000)), PAGE, Limits()),
    "forbids everything after 500 KiB": Case(robots(page(b"#" * 520_000 + b"\n" + NOTHING)), PAGE, Limits()),
    "fails on it once": Case(robots(in_turn(page(b"", 500), page(NOTHING))), Measured("robots", 0)),
    "redirects five times to one that forbids": Case(robots_chain(5), Measured("robots", 5)),
    "redirects six times to one that forbids": Case(robots_chain(6), Measured("page", 6)),
    "redirects it in a circle": Case(robots(moved("/robots.txt")), PAGE),
    "redirects it into a private network": Case(robots(moved(PRIVATE_URL)), Measured("refused-address", 0)),
}

TABLES = {
    "The body": BODIES,
    "The connection": CONNECTIONS,
    "The status": STATUSES,
    "Redirects": REDIRECTS,
    "robots.txt": ROBOTS,
}
