"""The gate stands at every way in: a page, its robots.txt, a redirect, the webhook. Each form is tried through each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from kindling.errors import FetchFailed
from kindling.fetch import Gate, Limits
from kindling.fetch.address import REFUSED_NAMES, REFUSED_V4, REFUSED_V6
from kindling.fetch.webhook import post_webhook

from tests.faultsite import FaultSite, ManualClock, moved, page
from tests.faultsite_rig import fetcher
from tests.measured_docs import check, table

pytestmark = pytest.mark.slow

FORMS = {
    "loopback": "http://127.0.0.1/",
    "loopback, another one": "http://127.8.9.10/",
    "loopback as a decimal number": "http://2130706433/",
    "loopback in hexadecimal": "http://0x7f000001/",
    "loopback in octal": "http://0177.0.0.1/",
    "loopback in short": "http://127.1/",
    "zero": "http://0/",
    "a private network": "http://10.1.2.3/",
    "another private network": "http://172.16.0.1/",
    "a home network": "http://192.168.1.1/",
    "a carrier's network (CGNAT)": "http://100.64.0.1/",
    "cloud metadata": "http://169.254.169.254/latest/meta-data/",
    "cloud metadata by name": "http://metadata.google.internal/computeMetadata/v1/",
    "Alibaba's metadata": "http://100.100.100.200/",
    "Oracle's metadata": "http://192.0.0.192/",
    "Azure's host agent": "http://168.63.129.16/",
    "multicast": "http://224.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "IPv6 loopback": "http://[::1]/",
    "IPv6 private": "http://[fd00:ec2::254]/",
    "IPv6 link-local": "http://[fe80::1]/",
    "IPv4 mapped into IPv6": "http://[::ffff:169.254.169.254]/",
    "NAT64": "http://[64:ff9b::a9fe:a9fe]/",
    "6to4": "http://[2002:a9fe:a9fe::]/",
    "Teredo": "http://[2001:0:a9fe:a9fe::]/",
    "IPv6 with a zone": "http://[fe80::1%25lo]/",
    "localhost": "http://localhost/",
    "a name without a dot": "http://metadata/",
    "a public name with a private address": "http://inside.example/",
    "a public name with a public and a private address": "http://mixed.example/",
    "a public name with a mapped address": "http://mapped.example/",
    "a user in front": "http://example.com@127.0.0.1/",
    "a backslash": "http://example.com\\@127.0.0.1/",
    "a host in percent signs": "http://%31%32%37.0.0.1/",
    "the mail port": "http://example.com:25/",
    "a file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:6379/_FLUSHALL",
}

IMPATIENT = Limits(connect_s=0.1)
"""A hole in the gate must not make the tests hang."""

ADDRESSES = {
    "inside.example": ["10.0.0.1"],
    "mixed.example": ["93.184.215.14", "10.0.0.1"],
    "mapped.example": ["::ffff:10.0.0.1"],
}


def open_only_to(*sites: FaultSite) -> Gate:
    """A gate that no other address passes; a name leads where ADDRESSES says, and else to a public one."""
    return Gate([site.door for site in sites], resolve=lambda host, port: ADDRESSES.get(host, ["93.184.215.14"]))


def fetch(url: str, *sites: FaultSite) -> None:
    with fetcher(gate=open_only_to(*sites), limits=IMPATIENT) as fetching:
        fetching.get(url)


def as_page(url: str) -> None:
    with FaultSite() as site:
        fetch(url, site)


def as_robots(url: str) -> None:
    with FaultSite({"/": page(), "/robots.txt": moved(url)}) as site:
        fetch(site.url(), site)


def as_redirect(url: str) -> None:
    with FaultSite({"/": moved(url)}) as site:
        fetch(site.url(), site)


def as_second_redirect(url: str) -> None:
    with FaultSite({"/": moved(url)}) as second, FaultSite({"/": moved(second.url())}) as first:
        fetch(first.url(), first, second)


def as_webhook(url: str) -> None:
    clock = ManualClock()
    post_webhook(url, b"{}", gate=open_only_to(), agent="Kindling/0.1", secret="s", clock=clock, limits=IMPATIENT)


WAYS: dict[str, Callable[[str], None]] = {
    "page": as_page,
    "robots.txt": as_robots,
    "redirect": as_redirect,
    "second redirect": as_second_redirect,
    "webhook": as_webhook,
}


@cache
def outcome(way: str, url: str) -> str:
    """The code with which the way in ends; `open` if nothing stopped it."""
    try:
        WAYS[way](url)
    except FetchFailed as failure:
        return failure.code
    return "open"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("url", FORMS.values(), ids=FORMS)
def test_ours_form_is_refused_through(way: str, url: str) -> None:
    assert outcome(way, url).startswith("refused-")


def test_ours_the_documented_forms_are_the_measured_ones() -> None:
    rows = [(f"{form}: `{url}`", *(outcome(way, url) for way in WAYS)) for form, url in FORMS.items()]
    check("security.md", "gate", table(("Form", *WAYS), rows))


def test_ours_the_documented_networks_and_names_are_the_refused_ones() -> None:
    networks = [(f"`{network}`", why) for network, why in (*REFUSED_V4, *REFUSED_V6)]
    everything_else = ("all of IPv6 but `2000::/3`", "not given out for public use")
    check("security.md", "networks", table(("Network", "What it is"), [*networks, everything_else]))
    check("security.md", "names", table(("Name", "What it is"), [(f"`{n}`", why) for n, why in REFUSED_NAMES]))
