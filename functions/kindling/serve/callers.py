"""Who asks and what they may: four scopes, each with all that the ones before it may, on every collection or on some.

A route says which scope it needs; nobody else asks what a caller is. What READ guards is public where a collection is,
so a route that needs READ is open to strangers and hides from them what is private. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ..errors import ApiError

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="kindling", ApiKey realm="kindling"'}


class Scope(IntEnum):
    """What a caller may do, and what a route needs."""

    PUBLIC = 0
    """What anyone may."""
    READ = 1
    """Read private collections too."""
    WRITE = 2
    """And save and delete documents."""
    ADMIN = 3
    """And everything else: settings, whole collections, sources, runs."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `by` is what the change log keeps; with `credentials` no cache may keep the answer.

    `collections` are those that `scope` is for, None means all.
    """

    scope: Scope = Scope.PUBLIC
    collections: frozenset[str] | None = None
    credentials: bool = False
    by: str = "anyone"

    @property
    def admin(self) -> bool:
        """Whether the caller may do everything."""
        return self.scope is Scope.ADMIN

    def may(self, needs: Scope, collection: str | None = None) -> bool:
        """Whether the caller has the scope `needs`, for `collection` where one is named."""
        covered = self.collections is None or collection in self.collections
        return needs is Scope.PUBLIC or (self.scope >= needs and covered)

    def reads(self, collection: str, *, public: bool) -> bool:
        """Whether the caller may know of `collection` at all."""
        return public or self.may(Scope.READ, collection)


STRANGER = Caller()


def demand(needs: Scope, caller: Caller, collection: str | None) -> None:
    """Raises ApiError 401 for a caller without credentials, 403 for one whose credentials are too little."""
    if needs <= Scope.READ or caller.may(needs, collection):
        return  # what READ guards is decided per collection: a private one is unknown, not forbidden
    where = f" for {collection[:80]}" if collection else ""
    if not caller.credentials:
        raise ApiError(
            401,
            f"This needs a key with the scope {needs.name.lower()}{where} in the header X-API-Key, "
            "or an ID token with the claim admin.",
            kind="unauthorized",
            headers=CHALLENGE,
        )
    raise ApiError(
        403,
        f"This needs the scope {needs.name.lower()}{where}, or an ID token with the claim admin; "
        f"{caller.by} has {_told(caller)}.",
        kind="forbidden",
        more={
            "scope": caller.scope.name.lower(),
            "collections": None if caller.collections is None else sorted(caller.collections),
        },
    )


def _told(caller: Caller) -> str:
    """What a caller has, in words."""
    if caller.scope is Scope.PUBLIC:
        return "none"
    return caller.scope.name.lower() + (
        "" if caller.collections is None else f" for {', '.join(sorted(caller.collections))}"
    )
