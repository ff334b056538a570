"""Who asks: nobody in particular, the admin key, or a Firebase user whose claim `admin` is true.

An unset key admits nobody. Wrong credentials are refused on every route, also where none are needed, so that a
mistyped key is noticed. A good token without the claim is a stranger who may be told so.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from werkzeug.datastructures import Headers

from .. import settings
from ..errors import ApiError
from .answer import STRANGER, Caller

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="kindling", ApiKey realm="kindling"'}


def identify(headers: Headers) -> Caller:
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
    if not wanted or not hmac.compare_digest(key.encode(), wanted.encode()):
        raise ApiError(401, "X-API-Key holds no key that is known here.", kind="unauthorized", headers=CHALLENGE)
    return Caller(admin=True, credentials=True, by="key")


def _by_token(authorization: str) -> Caller:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError(
            401, "Authorization must be 'Bearer' and a Firebase ID token.", kind="unauthorized", headers=CHALLENGE
        )
    claims = _claims(token.strip())
    return Caller(admin=claims.get("admin") is True, credentials=True, by=f"user:{claims.get('uid', '')}")


def _claims(token: str) -> Mapping[str, object]:
    # imported here: it costs a cold start, and hardly a reader sends a token
    from firebase_admin import auth, exceptions
    from google.auth.exceptions import DefaultCredentialsError

    from ..store import store

    store().ping()  # the SDK checks tokens in the name of the app that the store opens
    try:
        found: Mapping[str, object] = auth.verify_id_token(token)
    except auth.CertificateFetchError as error:
        raise ApiError(
            503, "The token's signature cannot be checked now; try again.", headers={"Retry-After": "5"}
        ) from error
    except DefaultCredentialsError as error:
        raise ApiError(
            401,
            "ID tokens cannot be checked on this machine without the Auth emulator; use X-API-Key.",
            kind="unauthorized",
            headers=CHALLENGE,
        ) from error
    except (ValueError, exceptions.FirebaseError) as error:
        raise ApiError(
            401, "The ID token is not valid here, or no longer; sign in again.", kind="unauthorized", headers=CHALLENGE
        ) from error
    return found


def demand_admin(caller: Caller) -> None:
    """Raises ApiError 401 for a caller without credentials, 403 for one whose credentials are too little."""
    if not caller.credentials:
        raise ApiError(
            401,
            "This needs the admin key in the header X-API-Key, or an ID token with the claim admin.",
            kind="unauthorized",
            headers=CHALLENGE,
        )
    if not caller.admin:
        raise ApiError(403, "You are known here, but only a user with the claim admin may do this.", kind="forbidden")
