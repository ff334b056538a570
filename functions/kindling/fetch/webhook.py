"""The one thing that is sent: a message to the operator's webhook, through the same gate, signed.

The receiver computes HMAC-SHA256 of `t.body` with the shared secret and compares it with v1 of
`Kindling-Signature: t=1700000000,v1=HEX`; t (seconds) lets it refuse a message that is replayed later.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import ssl
from collections.abc import Callable

from kindling.errors import FetchFailed
from kindling.fetch import page as pages
from kindling.fetch.clock import Clock
from kindling.fetch.faults import of_code
from kindling.fetch.gate import Gate
from kindling.fetch.limits import Limits
from kindling.fetch.pace import BACKOFF_FIRST_S
from kindling.fetch.transport import Transport

SIGNATURE = "Kindling-Signature"


def sign(body: bytes, secret: str, now_s: int) -> str:
    """The signature header's value for a body sent at `now_s` (seconds since 1970)."""
    digest = hmac.new(secret.encode(), b"%d." % now_s + body, hashlib.sha256).hexdigest()
    return f"t={now_s},v1={digest}"


def post_webhook(
    url: str,
    body: bytes,
    *,
    gate: Gate,
    agent: str,
    secret: str,
    clock: Clock,
    limits: Limits | None = None,
    chance: Callable[[], float] = random.random,
    tls: ssl.SSLContext | None = None,
) -> None:
    """POST the JSON `body` to `url`, tried `limits.attempts` times; FetchFailed or Refused if it was not taken.

    Any 2xx takes it. Redirects are failures: a message with the project's news goes where it was told to. An empty
    `secret` sends no signature. The receiver may get a message twice, if an answer was lost.
    """
    limits = limits or Limits()
    target = gate.check(url)
    transport = Transport(limits, tls)
    try:
        for attempt in range(1, limits.attempts + 1):
            headers = {"User-Agent": agent, "Content-Type": "application/json", "Accept-Encoding": "identity"}
            if secret:
                headers[SIGNATURE] = sign(body, secret, clock.now_ms() // 1000)
            try:
                answer = transport.send(target, headers, total_s=limits.total_s, method="POST", body=body)
                answer.close()
                if 200 <= answer.status < 300:
                    return
                raise pages.status_failure(answer, clock.now_ms())
            except FetchFailed as failure:
                if attempt == limits.attempts or not of_code(failure.code).host:
                    raise
            clock.sleep(BACKOFF_FIRST_S * 2 ** (attempt - 1) * chance())
    finally:
        transport.close()
