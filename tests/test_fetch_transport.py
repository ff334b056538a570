"""Where a connection really goes: to the address that was checked, in the name that was asked for."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event

import pytest
from kindling.errors import FetchFailed
from kindling.fetch import Gate, Limits, Target
from kindling.fetch.place import Place
from kindling.fetch.transport import Transport
from kindling.flow import Page

from tests.faultsite import GIVE_UP_S, Exchange, FaultSite, ManualClock, answer, moved, page, says
from tests.faultsite_rig import fetcher
from tests.faultsite_tls import authority

NAME = "shop.example"


def ask(target: Target, tls: ssl.SSLContext | None = None, limits: Limits | None = None) -> bytes:
    """The body of one exchange with the target."""
    transport = Transport(limits or Limits(connect_s=0.5), tls)
    try:
        return b"".join(transport.send(target, {}, total_s=5.0).body())
    finally:
        transport.close()


def at(site: FaultSite, host: str, *addresses: str, scheme: str = "http") -> Target:
    return Target(Place(scheme, host, site.port, "/"), addresses or (site.address,))


def test_ours_the_checked_address_is_asked_in_the_name_that_nobody_can_look_up() -> None:
    with FaultSite({"/": page(b"mine")}) as site:
        assert ask(at(site, NAME)) == b"mine"
    assert [asked.headers["host"] for asked in site.asked] == [f"{NAME}:{site.port}"]


@pytest.mark.parametrize(("port_of", "host"), [(80, NAME), (8080, f"{NAME}:8080")])
def test_spec_the_host_header_has_the_port_unless_it_is_the_schemes_own(port_of: int, host: str) -> None:
    assert Place("http", NAME, port_of, "/").authority == host


def test_ours_an_ipv6_address_is_asked() -> None:
    with FaultSite({"/": page(b"six")}, address="::1") as site:
        assert ask(at(site, "::1")) == b"six"
    assert [asked.headers["host"] for asked in site.asked] == [f"[::1]:{site.port}"]


def test_ours_the_next_address_is_tried_if_one_takes_no_connection() -> None:
    with FaultSite({"/": page(b"second")}) as site:
        assert ask(at(site, NAME, "127.0.0.9", "127.0.0.1")) == b"second"


def test_ours_no_more_than_three_addresses_are_tried() -> None:
    with FaultSite({"/": page(b"fourth")}) as site, pytest.raises(FetchFailed) as failed:
        ask(at(site, NAME, "127.0.0.6", "127.0.0.7", "127.0.0.8", "127.0.0.1"))
    assert failed.value.code == "connect"


def test_ours_an_address_that_answered_badly_is_the_answer() -> None:
    with FaultSite({"/": lambda exchange: exchange.reset()}) as site, pytest.raises(FetchFailed) as failed:
        ask(at(site, NAME, "127.0.0.1", "127.0.0.1"))
    assert (failed.value.code, len(site.asked)) == ("reset", 1)


@contextmanager
def deaf() -> Iterator[int]:
    """A port where connections are neither taken nor refused: its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        try:
            for sock in waiting:
                sock.setblocking(False)
                sock.connect_ex(("127.0.0.1", port))
            yield port
        finally:
            for sock in waiting:
                sock.close()


def test_ours_a_host_that_takes_no_connection_is_given_up_in_time() -> None:
    with deaf() as port, pytest.raises(FetchFailed) as failed:
        ask(Target(Place("http", NAME, port, "/"), ("127.0.0.1",)), limits=Limits(connect_s=0.1))
    assert failed.value.code == "connect-timeout"


def test_ours_tls_is_verified_on_the_name_though_an_address_is_asked() -> None:
    with FaultSite({"/": page(b"safe")}, tls=authority().serving(NAME)) as site:
        assert ask(at(site, NAME, scheme="https"), authority().trusting()) == b"safe"


def test_ours_tls_tells_the_server_the_name() -> None:
    named: list[str | None] = []
    context = authority().serving(NAME)
    context.sni_callback = lambda sock, name, _: named.append(name)
    with FaultSite({"/": page(b"safe")}, tls=context) as site:
        ask(at(site, NAME, scheme="https"), authority().trusting())
    assert named == [NAME]


TLS_FAULTS = {
    "a certificate for another name": ("other.example", True),
    "a certificate for the address only": ("127.0.0.1", True),
    "an authority that nobody knows": (NAME, False),
}


@pytest.mark.parametrize(("certified", "trusted"), TLS_FAULTS.values(), ids=TLS_FAULTS)
def test_ours_tls_refuses(certified: str, trusted: bool) -> None:
    with FaultSite({"/": page()}, tls=authority().serving(certified)) as site, pytest.raises(FetchFailed) as failed:
        ask(at(site, NAME, scheme="https"), authority().trusting() if trusted else None)
    assert failed.value.code == "tls"
    assert "certificate" in str(failed.value)
    assert site.asked == []


def test_ours_a_connection_over_tls_is_kept() -> None:
    with FaultSite({"/": page(b"safe")}, tls=authority().serving(NAME)) as site:
        transport = Transport(Limits(), authority().trusting())
        bodies = [b"".join(transport.send(at(site, NAME, scheme="https"), {}, total_s=5.0).body()) for _ in range(3)]
        transport.close()
    assert (bodies, [asked.connection for asked in site.asked]) == ([b"safe"] * 3, [1, 1, 1])


def test_ours_a_site_that_speaks_no_tls_says_so() -> None:
    with FaultSite({"/": page()}) as site, pytest.raises(FetchFailed) as failed:
        ask(at(site, NAME, scheme="https"), authority().trusting())
    assert failed.value.code == "tls"


def test_ours_https_that_redirects_to_http_is_refused() -> None:
    with FaultSite() as plain, FaultSite(tls=authority().serving("127.0.0.1")) as safe:
        safe.handlers["/"] = moved(plain.url())
        with fetcher(plain, safe, tls=authority().trusting()) as fetching, pytest.raises(FetchFailed) as failed:
            fetching.get(safe.url())
    assert (failed.value.code, plain.asked) == ("refused-downgrade", [])


def test_ours_http_that_redirects_to_https_is_followed() -> None:
    with FaultSite() as plain, FaultSite({"/": page(b"safe")}, tls=authority().serving("127.0.0.1")) as safe:
        plain.handlers["/"] = moved(safe.url())
        with fetcher(plain, safe, tls=authority().trusting()) as fetching:
            found = fetching.get(plain.url())
    assert isinstance(found, Page)
    assert (found.url, found.body) == (safe.url(), b"safe")


class Rebinding:
    """A resolver whose answers differ from call to call."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_ours_a_name_is_looked_up_once_and_the_connection_stays_with_that_answer() -> None:
    resolve = Rebinding(["127.0.0.1"], ["127.0.0.2"])
    with FaultSite({"/": page(b"first")}) as site:
        gate = Gate([f"{NAME}:{site.port}"], resolve=resolve)
        with fetcher(gate=gate) as fetching:
            bodies = [_body(fetching.get(site.url(host=NAME))) for _ in range(3)]
    assert (bodies, resolve.asked) == ([b"first"] * 3, 1)


def test_ours_a_dropped_connection_is_made_again_to_the_same_address() -> None:
    resolve = Rebinding(["127.0.0.1"], ["127.0.0.2"])
    with FaultSite({"/": page(b"first", Connection="close")}) as site:
        gate = Gate([f"{NAME}:{site.port}"], resolve=resolve)
        with fetcher(gate=gate) as fetching:
            bodies = [_body(fetching.get(site.url(host=NAME))) for _ in range(3)]
    assert (bodies, resolve.asked) == ([b"first"] * 3, 1)


def test_ours_after_a_minute_a_name_is_looked_up_and_checked_again() -> None:
    clock = ManualClock()
    resolve = Rebinding(["127.0.0.1"], ["10.0.0.1"])
    with FaultSite({"/": page(b"first")}) as site:
        gate = Closing([f"{NAME}:{site.port}"], resolve=resolve)
        with fetcher(gate=gate, clock=clock) as fetching:
            fetching.get(site.url(host=NAME))
            gate.closed = True
            fetching.get(site.url(host=NAME))
            clock.pass_s(61)
            with pytest.raises(FetchFailed) as failed:
                fetching.get(site.url(host=NAME))
    assert (failed.value.code, resolve.asked) == ("refused-address", 2)


class Closing(Gate):
    """A gate that forgets its exceptions' addresses at some point, as if the name had been public at first."""

    closed = False

    def look_up(self, place: Place) -> Target:
        return Gate(resolve=self._resolve).look_up(place) if self.closed else super().look_up(place)


def test_ours_one_connection_serves_a_host() -> None:
    handlers = {"/a": page(), "/b": page(b"", 404), "/c": moved("/a"), "/robots.txt": page(b"", 404)}
    with FaultSite(handlers) as site, fetcher(site) as fetching:
        for path in ("/a", "/b", "/c", "/a"):
            try:
                fetching.get(site.url(path))
            except FetchFailed as failure:
                assert failure.code == "http-404"  # noqa: PT017 one of four answers is a failure on purpose
    assert {asked.connection for asked in site.asked} == {1}


def test_ours_a_kept_connection_that_the_site_closed_is_seen_before_it_is_used_again() -> None:
    closed = Event()

    def handle(exchange: Exchange) -> None:
        exchange.send(answer(b"there"))
        exchange.sock.shutdown(socket.SHUT_WR)
        closed.set()

    with FaultSite({"/": handle}) as site, fetcher(site, limits=Limits(attempts=1)) as fetching:
        for _ in range(2):
            assert _body(fetching.get(site.url())) == b"there"
            assert closed.wait(GIVE_UP_S)
            closed.clear()
    assert [(asked.path, asked.connection) for asked in site.asked] == [("/robots.txt", 1), ("/", 1), ("/", 2)]


def test_ours_words_behind_an_answer_are_nobodys_and_cost_the_connection() -> None:
    with FaultSite({"/": says(answer(b"mine") + answer(b"evil"))}) as site, fetcher(site) as fetching:
        bodies = [_body(fetching.get(site.url())) for _ in range(2)]
    assert (bodies, [asked.connection for asked in site.asked]) == ([b"mine", b"mine"], [1, 1, 2])


def test_spec_a_connection_is_not_used_after_an_answer_with_two_ends() -> None:
    both = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n4\r\nmine\r\n0\r\n\r\n"
    with FaultSite({"/": says(both)}) as site, fetcher(site) as fetching:
        bodies = [_body(fetching.get(site.url())) for _ in range(2)]
    assert (bodies, [asked.connection for asked in site.asked]) == ([b"mine", b"mine"], [1, 1, 2])


def test_ours_an_answer_that_is_not_http_is_told_with_its_mistake() -> None:
    with FaultSite({"/": page(Content_Length="99")}) as site, pytest.raises(FetchFailed) as failed:
        ask(at(site, NAME))
    assert str(failed.value) == (
        f"http://{NAME}:{site.port}/: the answer is not HTTP as it should be (Duplicate Content-Length)."
    )


def test_ours_a_header_that_would_be_two_is_not_sent() -> None:
    with FaultSite({"/": page()}) as site, pytest.raises(ValueError, match="line's end"):
        Transport(Limits()).send(at(site, NAME), {"X": "1\r\nX-Key: 2"}, total_s=5.0)
    assert site.asked == []


def test_ours_a_long_body_that_nobody_wants_is_cut_off() -> None:
    with FaultSite({"/a": page(b"x" * 1_000_000, 404), "/b": page()}) as site, fetcher(site) as fetching:
        with pytest.raises(FetchFailed):
            fetching.get(site.url("/a"))
        fetching.get(site.url("/b"))
        assert fetching.spent.wire_bytes < 500_000
    assert [asked.connection for asked in site.asked] == [1, 1, 2]


def test_ours_proxies_and_netrc_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with FaultSite() as proxy, FaultSite({"/": page()}) as site:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        monkeypatch.delenv("no_proxy", raising=False)
        with fetcher(site) as fetching:
            fetching.get(site.url())
    assert proxy.asked == []
    assert all("authorization" not in asked.headers for asked in site.asked)


def _body(found: object) -> bytes:
    assert isinstance(found, Page)
    return found.body
