"""The gate: which places may be asked. Forms of addresses, names and URLs, from the specifications and from attacks."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kindling.errors import FetchFailed, Refused
from kindling.fetch.address import REFUSED_V4, REFUSED_V6
from kindling.fetch.gate import Gate, Target
from kindling.fetch.place import Place

PUBLIC = "93.184.215.14"


def to(*addresses: str) -> Gate:
    """A gate whose every name has these addresses."""
    return Gate(resolve=lambda host, port: addresses)


def code_of(gate: Gate, url: str) -> str:
    """The code with which the gate refuses the URL, or `open`."""
    try:
        gate.check(url)
    except FetchFailed as failure:
        return failure.code
    return "open"


FORMS = {
    "a decimal number is an address": ("http://2130706433/", "refused-address"),
    "a hexadecimal number is an address": ("http://0x7f000001/", "refused-address"),
    "hexadecimal parts are an address": ("http://0x7f.0.0.0x1/", "refused-address"),
    "an octal part is an address": ("http://0177.0.0.1/", "refused-address"),
    "two parts are an address": ("http://127.1/", "refused-address"),
    "three parts are an address": ("http://127.0.1/", "refused-address"),
    "a public address as a number is refused all the same": ("http://1572395020/", "refused-address"),
    "a dot after an address changes nothing": ("http://127.0.0.1./", "refused-address"),
    "wide digits are digits": ("http://１２７.０.０.１/", "refused-address"),
    "circled digits are digits": ("http://①②⑦.⓪.⓪.①/", "refused-address"),
    "an ideographic full stop is a dot": ("http://127。0。0。1/", "refused-address"),
    "IPv6 loopback": ("http://[::1]/", "refused-address"),
    "IPv6 unspecified": ("http://[::]/", "refused-address"),
    "IPv4 mapped into IPv6": ("http://[::ffff:127.0.0.1]/", "refused-address"),
    "IPv4 mapped, in hexadecimal": ("http://[::ffff:7f00:1]/", "refused-address"),
    "a public IPv4 address mapped": (f"http://[::ffff:{PUBLIC}]/", "refused-address"),
    "IPv4-compatible IPv6": ("http://[::127.0.0.1]/", "refused-address"),
    "NAT64 of a private address": ("http://[64:ff9b::7f00:1]/", "refused-address"),
    "6to4 of a private address": ("http://[2002:7f00:1::]/", "refused-address"),
    "Teredo": ("http://[2001:0:7f00:1::]/", "refused-address"),
    "link-local IPv6": ("http://[fe80::1]/", "refused-address"),
    "IPv6 with a zone": ("http://[fe80::1%25eth0]/", "refused-url"),
    "Amazon's metadata over IPv6": ("http://[fd00:ec2::254]/", "refused-address"),
    "the cloud's metadata": ("http://169.254.169.254/latest/meta-data/", "refused-address"),
    "Alibaba's metadata": ("http://100.100.100.200/", "refused-address"),
    "Azure's host agent": ("http://168.63.129.16/", "refused-address"),
    "Google's metadata by name": ("http://metadata.google.internal/", "refused-host"),
    "the same in capitals with a dot": ("http://METADATA.Google.Internal./", "refused-host"),
    "localhost": ("http://localhost/", "refused-host"),
    "a name below localhost": ("http://app.localhost/", "refused-host"),
    "a name without a dot": ("http://intranet/", "refused-host"),
    "a printer's name": ("http://printer.local/", "refused-host"),
    "a user in front of the host": ("http://example.com@127.0.0.1/", "refused-url"),
    "a user and a password": ("http://a:b@example.com/", "refused-url"),
    "a backslash before the host": ("http:\\\\127.0.0.1/", "refused-url"),
    "a backslash after the host": ("http://example.com\\@127.0.0.1/", "refused-url"),
    "a backslash in the path": ("http://example.com/a\\b", "refused-url"),
    "a tab inside the host": ("http://exa\tmple.com/", "refused-url"),
    "a line break": ("http://example.com/\r\nHost: other", "refused-url"),
    "a null byte": ("http://example.com/\x00", "refused-url"),
    "a space in front": (" http://example.com/", "refused-url"),
    "a percent sign in the host": ("http://127.0.0.1%2f@example.com/", "refused-url"),
    "a percent-encoded host": ("http://%31%32%37.0.0.1/", "refused-url"),
    "half a character": ("http://example.com/\ud800", "refused-url"),
    "no scheme": ("//example.com/", "refused-url"),
    "no slashes": ("http:example.com", "refused-url"),
    "one slash": ("http:/example.com", "refused-url"),
    "no host": ("http:///etc/passwd", "refused-url"),
    "an empty name": ("http://.example.com/", "refused-url"),
    "two dots": ("http://example..com/", "refused-url"),
    "a port of words": ("http://example.com:http/", "refused-url"),
    "port 0": ("http://example.com:0/", "refused-url"),
    "a port too high": ("http://example.com:65536/", "refused-url"),
    "two ports": ("http://example.com:80:80/", "refused-url"),
    "the mail port": ("http://example.com:25/", "refused-port"),
    "the shell port": ("http://example.com:22/", "refused-port"),
    "a file": ("file:///etc/passwd", "refused-scheme"),
    "a file without a host": ("file:/etc/passwd", "refused-url"),
    "gopher": ("gopher://example.com/_x", "refused-scheme"),
    "ftp": ("ftp://example.com/", "refused-scheme"),
    "a script": ("javascript:alert(1)", "refused-url"),
    "a jar": ("jar:http://example.com!/", "refused-url"),
    "view-source in front": ("source:http://example.com/", "refused-url"),
    "a URL too long": ("http://example.com/" + "a" * 8192, "refused-url"),
    "a name too long": ("http://" + "a." * 127 + "com/", "refused-url"),
    "a label too long": ("http://" + "a" * 64 + ".com/", "refused-url"),
    "a variable of a shell": ("http://${HOST}/", "refused-url"),
}


@pytest.mark.parametrize(("url", "code"), FORMS.values(), ids=FORMS)
def test_ours_form_is_refused_whatever_the_name_resolves_to(url: str, code: str) -> None:
    assert code_of(to(PUBLIC), url) == code


NETWORKS = [network for network, _ in (*REFUSED_V4, *REFUSED_V6)]


@pytest.mark.parametrize("network", NETWORKS)
def test_spec_special_network_is_refused_at_both_ends_and_by_name(network: str) -> None:
    block = ip_network(network)
    for address in (str(block[0]), str(block[-1])):
        host = f"[{address}]" if ":" in address else address
        assert code_of(to(PUBLIC), f"http://{host}/") == "refused-address"
        assert code_of(to(address), "http://example.com/") == "refused-address"


BESIDE = [
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
]
PUBLIC_V6 = ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450:4001:81b::200e"]


@pytest.mark.parametrize("address", [*BESIDE, *PUBLIC_V6, PUBLIC])
def test_spec_public_address_is_open_by_number_and_by_name(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert to(PUBLIC).check(f"http://{host}/") == Target(Place("http", address, 80, "/"), (address,))
    assert to(address).check("https://example.com/") == Target(Place("https", "example.com", 443, "/"), (address,))


READ = {
    "scheme and host are lower case": ("HTTP://EXAMPLE.com/A", Place("http", "example.com", 80, "/A")),
    "an empty path is a slash": ("https://example.com?q", Place("https", "example.com", 443, "/?q")),
    "a fragment is dropped": ("https://example.com/a#b", Place("https", "example.com", 443, "/a")),
    "a final dot is dropped": ("https://example.com./", Place("https", "example.com", 443, "/")),
    "an odd port stays": ("https://example.com:8443/", Place("https", "example.com", 8443, "/")),
    "other scripts in names": ("https://bücher.example/", Place("https", "xn--bcher-kva.example", 443, "/")),
    "other scripts in paths": ("https://example.com/ä?ö", Place("https", "example.com", 443, "/%C3%A4?%C3%B6")),
    "what is encoded stays": ("https://example.com/%2e%2E/%", Place("https", "example.com", 443, "/%2e%2E/%")),
    "dots in paths stay": ("https://example.com/a/../b", Place("https", "example.com", 443, "/a/../b")),
    "quotes are encoded": ('https://example.com/"<>`{}', Place("https", "example.com", 443, "/%22%3C%3E%60%7B%7D")),
    "an at sign in the path": ("https://example.com/@user", Place("https", "example.com", 443, "/@user")),
    "IPv6 in short form": ("http://[2606:2800:0:0::1]/", Place("http", "2606:2800::1", 80, "/")),
}


@pytest.mark.parametrize(("url", "place"), READ.values(), ids=READ)
def test_ours_url_is_read_as(url: str, place: Place) -> None:
    assert to(PUBLIC).read(url) == place


def test_ours_every_address_of_a_name_must_be_public() -> None:
    gate = to(PUBLIC, "10.0.0.1")
    with pytest.raises(Refused, match=r"leads to 10\.0\.0\.1: private") as refused:
        gate.check("https://example.com/")
    assert refused.value.code == "refused-address"


def test_ours_an_address_with_a_zone_is_refused_though_it_looks_global() -> None:
    assert code_of(to("2606:2800::1%eth0"), "https://example.com/") == "refused-address"


def test_ours_a_name_that_moves_inside_is_refused_at_the_next_look() -> None:
    answers: list[Sequence[str]] = [[PUBLIC], ["127.0.0.1"]]
    gate = Gate(resolve=lambda host, port: answers.pop(0))
    place = gate.check("http://rebind.example/").place
    with pytest.raises(Refused):
        gate.look_up(place)


def test_ours_a_name_without_address_says_so() -> None:
    def none(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    with pytest.raises(FetchFailed, match=r"gone\.example: the name has no address") as failed:
        Gate(resolve=none).check("https://gone.example/")
    assert failed.value.code == "dns"
    assert code_of(to(), "https://gone.example/") == "dns"


EXCEPTIONS = {
    "the address and port that were named": ("http://127.0.0.1:8000/x", "open"),
    "another port": ("http://127.0.0.1:8001/", "refused-address"),
    "another address": ("http://127.0.0.2:8000/", "refused-address"),
    "another form of the same address": ("http://127.1:8000/", "refused-address"),
    "a name that was named": ("http://LOCALHOST:8000/", "open"),
    "a name that leads there but was not named": ("http://inside.example:8000/", "refused-address"),
    "the own site": ("http://127.0.0.1:5000/demo/movies.html", "open"),
    "IPv6 that was named": ("http://[::1]:8000/", "open"),
    "a file, in spite of all": ("file://127.0.0.1:8000/", "refused-scheme"),
    "a user, in spite of all": ("http://a@127.0.0.1:8000/", "refused-url"),
}


@pytest.mark.parametrize(("url", "code"), EXCEPTIONS.values(), ids=EXCEPTIONS)
def test_ours_exceptions_open_exactly_what_they_name(url: str, code: str) -> None:
    gate = Gate(
        ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"],
        site="http://127.0.0.1:5000",
        resolve=lambda host, port: ["127.0.0.1"],
    )
    assert code_of(gate, url) == code


def test_ours_only_the_own_origin_is_own() -> None:
    gate = Gate(["127.0.0.1:8000"], site="https://project.web.app")
    urls = ["https://project.web.app/a", "http://project.web.app/a", "http://127.0.0.1:8000/a"]
    assert [gate.is_own(gate.read(url)) for url in urls] == [True, False, False]


@pytest.mark.parametrize(
    "entry", ["127.0.0.1", "127.0.0.1:", ":8000", "http://127.0.0.1:8000", "a b:80", "user@host:80"]
)
def test_ours_an_exception_that_is_not_host_and_port_is_an_error(entry: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        Gate([entry])


def test_ours_a_refusal_tells_what_where_and_the_mend() -> None:
    with pytest.raises(Refused) as refused:
        Gate().read("http://127.0.0.1:8000/a")
    assert str(refused.value) == (
        "'http://127.0.0.1:8000/a' leads inside a network (loopback); "
        "on a laptop `dev.py serve --allow 127.0.0.1:8000` opens it."
    )


@given(st.text(max_size=60) | st.text("htps:/@[]\\#?%.0127aex-_ ", max_size=40).map("http://".__add__))
@example("http://[")
@example("http://[::1")
@example("http://a]/")
def test_ours_any_text_is_a_place_in_normal_form_or_refused(text: str) -> None:
    gate = to(PUBLIC)
    try:
        place = gate.read(text)
    except Refused:
        return
    assert gate.read(place.url) == place
    assert place.url.isascii()
    assert place.url.isprintable()
    assert " " not in place.url
