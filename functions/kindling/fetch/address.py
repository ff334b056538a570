"""Which addresses and names are no part of the public web: two tables. Pure, knows no socket.

From the IANA special-purpose registries (RFC 6890 and its updates), written out because Python's `is_global` differs
between the patch releases that a function may run on (CVE-2024-4032).
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from .place import MOST_AUTHORITIES

REFUSED_V4: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared by carriers (CGNAT), Alibaba's metadata"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "Azure's host agent"),
    ("169.254.0.0/16", "link-local, cloud metadata"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "protocol assignments, Oracle's metadata"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarks"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved, broadcast"),
)

REFUSED_V6: tuple[tuple[str, str], ...] = (
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("::ffff:0:0/96", "IPv4-mapped"),
    ("64:ff9b::/96", "NAT64: an IPv4 address inside"),
    ("64:ff9b:1::/48", "NAT64: an IPv4 address inside"),
    ("2001::/32", "Teredo: an IPv4 address inside"),
    ("2001::/23", "protocol assignments"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4: an IPv4 address inside"),
    ("3fff::/20", "documentation"),
    ("fc00::/7", "private, cloud metadata"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)

REFUSED_NAMES: tuple[tuple[str, str], ...] = (
    ("localhost", "this machine"),
    ("local", "the local network (mDNS)"),
    ("internal", "a network's inside, cloud metadata"),
    ("home.arpa", "the home network"),
)
"""A name that is one of these or ends in a dot and one of these."""

_V4 = [(ip_network(block), why) for block, why in REFUSED_V4]
_V6 = [(ip_network(block), why) for block, why in REFUSED_V6]
_GLOBAL_V6 = ip_network("2000::/3")  # all that IANA has ever given out as global unicast


@lru_cache(maxsize=MOST_AUTHORITIES)
def is_address(host: str) -> bool:
    """Whether the host is an address and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def why_not_host(host: str) -> str | None:
    """Why the host of a URL, lower case or a canonical address, is no part of the public web; None if it may be one."""
    return why_not_address(host) if is_address(host) else why_not_name(host)


def why_not_address(text: str) -> str | None:
    """Why the address must not be connected to; None if it is a public one."""
    try:
        address = ip_address(text)
    except ValueError:
        return "not an address"
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "an address of one network interface only"
    for network, why in _V4 if isinstance(address, IPv4Address) else _V6:
        if address in network:
            return why
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return "not given out for public use"
    return None


def why_not_name(host: str) -> str | None:
    """Why the lower-case host name must not be looked up; None if it may be."""
    if "." not in host:
        return "a name without a dot is a machine of the own network"
    for suffix, why in REFUSED_NAMES:
        if host == suffix or host.endswith(f".{suffix}"):
            return why
    return None
