"""Who asks: nobody in particular, a key, or a Firebase user whose claim `admin` is true.

An unset ADMIN_KEY admits nobody. Wrong credentials are refused on every route, also where none are needed, so that a
mistyped key is noticed; an unknown, an expired and a revoked key are told the same. A good token without the claim is a
stranger who may be told so.

Facts relied on: a token is good for an hour after it was given out, whatever becomes of its user; only the Auth service
knows whether it was revoked, and is asked about administrators alone. With the Auth emulator the SDK looks at neither
signature nor expiry.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping

from .. import logs, settings
from ..errors import ApiError
from ..store import keys, store
from .callers import CHALLENGE, STRANGER, Caller, Scope
from .sent import Sent

SKEW_S = 5  # how far the clocks of two machines may be apart: a token is often used the moment it is given out


def identify(headers: Sent) -> Caller:
    """The caller that the headers prove; ApiError 401 for credentials that prove nothing."""
    key = headers.get("X-API-Key")
    if key is not None:
        return _by_key(key)
    authorization = headers.get("Authorization")
    if authorization is not None:
        return _by_token(authorization)
    return STRANGER


def _by_key(key: str) -> Caller:
    wanted = settings.get("ADMIN_KEY")
    if wanted and hmac.compare_digest(key.encode(), wanted.encode()):
        return Caller(Scope.ADMIN, credentials=True, by="key")
    found = keys.Keys(store().database).find(key, now_ms=time.time_ns() // 1_000_000)
    if found is None:
        raise _unauthorized("X-API-Key holds no key that is good here.")
    return Caller(Scope[found.scope.upper()], found.collections, credentials=True, by=f"key:{found.name}")


def _by_token(authorization: str) -> Caller:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized("Authorization must be 'Bearer' and a Firebase ID token.")
    claims = _claims(token.strip())
    scope = Scope.ADMIN if claims.get("admin") is True else Scope.PUBLIC
    return Caller(scope, credentials=True, by=f"user:{claims.get('uid', '')}")


def _unauthorized(detail: str) -> ApiError:
    return ApiError(401, detail, kind="unauthorized", headers=CHALLENGE)


def _claims(token: str) -> Mapping[str, object]:
    """What a good token says; of an administrator's also that it was not revoked."""
    # imported here: it costs a cold start, and hardly a reader sends a token
    from firebase_admin import auth, exceptions
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError

    from ..firebase import application

    try:
        app = application()
        found: Mapping[str, object] = auth.verify_id_token(token, app=app, clock_skew_seconds=SKEW_S)
        if found.get("admin") is True:
            auth.verify_id_token(token, app=app, check_revoked=True, clock_skew_seconds=SKEW_S)
    except DefaultCredentialsError as error:
        raise _unauthorized(
            "ID tokens cannot be checked on this machine without the Auth emulator; use X-API-Key."
        ) from error
    except (auth.InvalidIdTokenError, auth.UserDisabledError, auth.UserNotFoundError) as error:
        raise _unauthorized("The ID token is not valid here, or no longer; sign in again.") from error
    except (exceptions.FirebaseError, GoogleAuthError) as error:
        logs.tell("auth-failed", "an ID token could not be checked", error=type(error).__name__)
        raise ApiError(
            503, "The token cannot be checked now; try again.", kind="auth-unavailable", headers={"Retry-After": "5"}
        ) from error
    return found
