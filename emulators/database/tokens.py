"""Who asks: from the credentials of a request to what rules see as `auth`.

Facts: the emulator's administrator is the token `owner`; with `auth_variable_override` it acts as that user, and rules
apply. Every other token is a JWT, decoded without checking signature or expiry, for the clients' test tokens have
neither. A token may come as `Authorization: Bearer`, `access_token=` or `auth=`. No token is no user: rules apply, and
`auth` is null. Whatever else comes is refused, never taken for no user.

Pure; knows no rules: what a user may do is theirs to say.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from emulators.database.errors import PermissionDenied

OWNER = "owner"
OVERRIDE = "auth_variable_override"
REMEMBERED = 256  # users that somebody acts as: a program is the same one in all its requests
_PARAMETERS = ("access_token", "auth")


class BadToken(ValueError):
    """Credentials that cannot be used; answer 401 with this text."""

    def __init__(self, text: str = "Could not parse auth token.") -> None:
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Access:
    """What a request may do: everything (`admin`), or what rules grant to `auth`."""

    admin: bool = False
    auth: dict[str, Any] | None = None


def credentials(headers: Mapping[str, str], params: Mapping[str, str]) -> Access:
    """The access of a request; the header wins over `access_token`, which wins over `auth`. Raises BadToken."""
    token = _bearer(headers.get("Authorization"))
    for name in _PARAMETERS:
        token = token if token is not None else params.get(name)
    if OVERRIDE in params:
        return _override(token, params[OVERRIDE])
    return Access() if token is None else token_access(token)


def token_access(token: str) -> Access:
    """The access that one token gives. Raises BadToken."""
    if token == OWNER:
        return Access(admin=True)
    claims = _claims(token)
    uid = next((claims[name] for name in ("sub", "user_id", "uid") if name in claims), None)
    if not isinstance(uid, str) or not uid:
        raise BadToken
    return Access(auth={"uid": uid, "token": claims, "provider": _provider(claims)})


def acting_as(access: Access, auth: object) -> Access:
    """The administrator as that user, to whom the rules apply; None is no user. Raises BadToken for anybody else."""
    if not access.admin:
        raise BadToken(f"{OVERRIDE} is for administrators only; send it with the token 'owner'.")
    if auth is not None and not isinstance(auth, dict):
        raise BadToken(f"{OVERRIDE} must be a JSON object, or null for no user.")
    return Access(auth=auth)


def check_origin(origin: str | None, access: Access) -> None:
    """Refuse the owner's word from a page of another machine: any web site could send it from a developer's browser."""
    if access.admin and origin is not None and not _is_of_this_machine(origin):
        raise PermissionDenied(
            f"Permission denied; a page of {origin} may not act as the owner, only one of this machine"
        )


def _is_of_this_machine(origin: str) -> bool:
    try:
        name = urlsplit(origin).hostname or ""
    except ValueError:
        return False  # brackets that hold no address: it is nobody's origin
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _bearer(header: str | None) -> str | None:
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise BadToken
    return token.strip()


@lru_cache(REMEMBERED)
def _override(token: str | None, text: str) -> Access:
    try:
        auth = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadToken(f"{OVERRIDE} is not JSON; send an object, or null for no user.") from error
    return acting_as(Access() if token is None else token_access(token), auth)


def _claims(token: str) -> dict[str, Any]:
    segments = token.split(".")
    if len(segments) != 3:
        raise BadToken
    _decoded(segments[0])
    return _decoded(segments[1])


def _decoded(segment: str) -> dict[str, Any]:
    """The JSON object that a segment of a JWT holds."""
    try:
        value = json.loads(base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadToken from error
    if not isinstance(value, dict):
        raise BadToken
    return value


def _provider(claims: dict[str, Any]) -> str:
    """How the user signed in; a token that does not say is a custom one."""
    firebase = claims.get("firebase")
    provider = firebase.get("sign_in_provider") if isinstance(firebase, dict) else claims.get("provider_id")
    return provider if isinstance(provider, str) else "custom"
