"""What proves to the database that it is us: an access token of the project's service account, refreshed ahead.

In a function the platform's metadata server gives one, asked directly: the library that knows every other way costs
90 ms of a cold start. Elsewhere (a laptop or CI that works on a deployed project) that library finds the credentials.

Facts relied on: the metadata server keeps a token until five minutes before its end and then gives a new one; K_SERVICE
is set in every function and only there.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import Unavailable
from .place import Place
from .wire import Wire

REFRESH_AHEAD_S = 225  # the metadata server has a new one by then
SCOPES = ("https://www.googleapis.com/auth/firebase.database", "https://www.googleapis.com/auth/userinfo.email")
METADATA = "metadata.google.internal"
TOKEN_PATH = f"/computeMetadata/v1/instance/service-accounts/default/token?scopes={','.join(SCOPES)}"
ASKING = {"Metadata-Flavor": "Google"}


@dataclass(frozen=True, slots=True)
class Token:
    """One access token and the second (`time.time`) it ends."""

    text: str
    until_s: float


class Tokens:
    """The token of this process. Safe to share between threads; one of them fetches, the others wait for it."""

    def __init__(self, fetch: Callable[[], Token]) -> None:
        self._fetch = fetch
        self._kept: Token | None = None
        self._lock = threading.Lock()

    def get(self) -> str:
        """A token that is good for minutes; raises Unavailable where none is to be had."""
        kept = self._kept
        if kept is None or _ending(kept):
            with self._lock:
                kept = self._kept
                if kept is None or _ending(kept):
                    kept = self._kept = self._fetch()
        return kept.text

    def forget(self) -> None:
        """Has the next call fetch a new one: the service did not take this one."""
        self._kept = None


def _ending(token: Token) -> bool:
    return token.until_s - REFRESH_AHEAD_S < time.time()


def tokens(place: Place) -> Tokens:
    """What gives the tokens for `place`."""
    if place.emulated:
        return Tokens(lambda: Token("owner", float("inf")))
    if os.environ.get("K_SERVICE"):
        return Tokens(from_metadata)
    return Tokens(from_library)


def from_metadata() -> Token:
    """The token that the platform gives to its functions."""
    wire = Wire(f"http://{os.environ.get('GCE_METADATA_HOST') or METADATA}")
    try:
        reply = wire.send("GET", TOKEN_PATH, headers=lambda: ASKING)
    finally:
        wire.close()
    try:
        found = json.loads(reply.body)
        return Token(found["access_token"], time.time() + found["expires_in"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            f"the metadata server gives no token ({reply.status}); give the function a service account"
        ) from error


def from_library() -> Token:
    """A token of the credentials that google-auth finds on this machine."""
    import google.auth
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import Request

    try:
        credentials, _ = google.auth.default(scopes=SCOPES)
        credentials.refresh(Request())  # type: ignore[no-untyped-call]  # the library's own
    except GoogleAuthError as error:
        raise Unavailable(
            "no credentials for the database; sign in with gcloud auth application-default login"
        ) from error
    ends = credentials.expiry or datetime.now(UTC)
    return Token(str(credentials.token), ends.replace(tzinfo=UTC).timestamp())
