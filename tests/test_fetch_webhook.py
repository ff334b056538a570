"""The webhook: one signed message, through the gate, to where it was told to go and nowhere else."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from kindling.errors import FetchFailed
from kindling.fetch.webhook import SIGNATURE, post_webhook

from tests.faultsite import Asked, Exchange, FaultSite, Handler, ManualClock, in_turn, moved, page
from tests.faultsite_rig import AGENT, gate_to

BODY = b'{"source": "books", "status": "failing"}'
SECRET = "shared"


def post(*handlers: Handler, secret: str = SECRET, clock: ManualClock | None = None) -> list[Asked]:
    """The requests that one message took."""
    with FaultSite({"/hook?a=b": in_turn(*handlers)}) as site:
        post_webhook(
            site.url("/hook?a=b"),
            BODY,
            gate=gate_to(site),
            agent=AGENT,
            secret=secret,
            clock=clock or ManualClock(),
            chance=lambda: 0.5,
        )
    return site.asked


def test_ours_a_message_is_signed_with_its_time() -> None:
    (asked,) = post(page(status=204, body=b""), clock=ManualClock(1_700_000_000_999))
    digest = hmac.new(SECRET.encode(), b"1700000000." + BODY, hashlib.sha256).hexdigest()
    assert (asked.method, asked.path, asked.body) == ("POST", "/hook?a=b", BODY)
    assert asked.headers[SIGNATURE.lower()] == f"t=1700000000,v1={digest}"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["user-agent"] == AGENT


def test_ours_without_a_secret_there_is_no_signature() -> None:
    (asked,) = post(page(), secret="")
    assert SIGNATURE.lower() not in asked.headers


def reset(exchange: Exchange) -> None:
    exchange.reset()


RETRIED = {
    "a receiver that is down": page(b"", 503),
    "a receiver that has too much": page(b"", 429),
    "a broken connection": reset,
}


@pytest.mark.parametrize("fault", RETRIED.values(), ids=RETRIED)
def test_ours_it_is_sent_again_after(fault: Handler) -> None:
    clock = ManualClock()
    assert len(post(fault, fault, page(), clock=clock)) == 3
    assert clock.slept == [1.0, 2.0]


def test_ours_it_is_given_up_after_three_times() -> None:
    with FaultSite({"/": page(b"", 503)}) as site, pytest.raises(FetchFailed) as failed:
        post_webhook(site.url(), BODY, gate=gate_to(site), agent=AGENT, secret=SECRET, clock=ManualClock())
    assert (failed.value.code, len(site.asked)) == ("http-503", 3)


FINAL = {"a refusal": (page(b"", 403), "http-403"), "a redirect": (moved("/elsewhere", 307), "http-307")}


@pytest.mark.parametrize(("handler", "code"), FINAL.values(), ids=FINAL)
def test_ours_it_is_not_sent_again_after(handler: Handler, code: str) -> None:
    with FaultSite({"/": handler, "/elsewhere": page()}) as site, pytest.raises(FetchFailed) as failed:
        post_webhook(site.url(), BODY, gate=gate_to(site), agent=AGENT, secret=SECRET, clock=ManualClock())
    assert (failed.value.code, len(site.asked)) == (code, 1)
