"""Every way in which a fetch can fail: one table of stable codes.

A code is what run records, tests and `docs/reliability.md` speak of. `again` says whether the same request is worth
another try within the run; `host` whether the failure counts against the host, so that it is left alone for longer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One code: what it means to a person, whether it is tried again in the run, whether the host is backed off."""

    code: str
    meaning: str
    again: bool = False
    host: bool = False


_TABLE = (
    Fault("refused-url", "the address is not one that a browser and we would read alike"),
    Fault("refused-scheme", "only http and https are fetched"),
    Fault("refused-host", "the name stands for a machine inside a network"),
    Fault("refused-port", "the port belongs to another service than the web"),
    Fault("refused-address", "the address belongs to a private or special network"),
    Fault("refused-downgrade", "an https page sends on to plain http"),
    Fault("robots", "the site's robots.txt does not want this page fetched"),
    Fault("robots-unreachable", "the site's robots.txt could not be read, so nothing may be fetched", host=True),
    Fault("dns", "the name has no address"),
    Fault("connect", "nothing takes the connection", host=True),
    Fault("connect-timeout", "nothing took the connection in time", host=True),
    Fault("tls", "the certificate or the handshake is wrong", host=True),
    Fault("timeout", "the site fell silent", again=True, host=True),
    Fault("too-slow", "the answer took longer than one may", host=True),
    Fault("reset", "the connection broke", again=True, host=True),
    Fault("truncated", "the answer ended too early", again=True, host=True),
    Fault("bad-answer", "the answer is not HTTP as it should be", again=True, host=True),
    Fault("big-headers", "the headers or a line of framing are longer than they may be"),
    Fault("too-big", "the page is bigger than one may be"),
    Fault("bomb", "the compressed body blows up beyond reason"),
    Fault("encoding", "the body is not compressed as its header says"),
    Fault("redirect-loop", "the redirects go in a circle"),
    Fault("redirects", "too many redirects"),
    Fault("backing-off", "the site failed or asked for a pause, which is not over"),
    Fault("host-busy", "another run is fetching from this host"),
    Fault("bad-header", "a header of the source cannot be sent"),
    Fault("budget-requests", "the run may send no more requests"),
    Fault("budget-megabytes", "the run may read no more bytes"),
    Fault("budget-seconds", "the run may take no longer"),
)

FAULTS = {fault.code: fault for fault in _TABLE}


def of_status(status: int) -> Fault:
    """What an HTTP status that is not a page means: 429 and every 5xx are the host's trouble and pass."""
    passing = status == 429 or status >= 500
    return Fault(f"http-{status}", f"the site answered {status}", again=passing, host=passing)


def of_code(code: str) -> Fault:
    """The fault behind a code, those of HTTP statuses (`http-503`) included."""
    return FAULTS[code] if code in FAULTS else of_status(int(code.removeprefix("http-")))
