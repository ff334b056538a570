"""Further keys: each with a name, a scope and an end; taken back at once. The database keeps no key, only its hash.

A key is `kindling_NAME_` and 64 hexadecimal digits of chance. Its name says which node to read, so a request with a key
costs one narrow read, and a request with anything else none.

The hash is a plain SHA-256. Slow, salted hashes exist for passwords, which people choose and others can guess; 256 bits
of chance cannot be guessed, at any speed, and a slow hash would only make every request slow.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import KindlingError
from ..naming import NAME, RULE, is_name
from . import paths
from .client import Database

SCOPES = ("read", "write", "admin")  # each may do what the ones before it may
SECRET_BYTES = 32
COLLECTIONS_MAX = 100  # a key's node is read with every request and must stay small
KEPT_AFTER_MS = 90 * 86_400_000  # an ended key is listed that long; then its name may be given again

_KEY = re.compile(rf"kindling_({NAME})_[0-9a-f]{{{2 * SECRET_BYTES}}}")


class KeyInvalid(KindlingError):
    """A key cannot be made or ended as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key without its secret. `collections` None means all; times are None where there is no such moment."""

    name: str
    scope: str
    collections: frozenset[str] | None
    created_ms: int
    expires_ms: int | None = None
    revoked_ms: int | None = None

    def status(self, now_ms: int) -> str:
        """One word: good, expired or revoked."""
        if self.revoked_ms is not None:
            return "revoked"
        return "expired" if self.expires_ms is not None and self.expires_ms <= now_ms else "good"

    def ended_ms(self) -> int | None:
        """When it ended or will end, None for a key that does not end by itself."""
        ends = [end for end in (self.revoked_ms, self.expires_ms) if end is not None]
        return min(ends, default=None)


class Keys:
    """The keys of one database. Every method raises Unavailable when it does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, text: str, *, now_ms: int) -> Key | None:
        """The key that `text` is; None where there is none, or it ended. Reads one node, or nothing."""
        matched = _KEY.fullmatch(text)
        if matched is None:
            return None
        name = matched[1]
        node = self._database.get(paths.key(name))
        if not isinstance(node, dict) or not hmac.compare_digest(str(node.get("hash")), hashed(text)):
            return None
        found = key_from(name, node)
        return found if found and found.status(now_ms) == "good" else None

    def all(self) -> list[Key]:
        """Every key, by name, the ended ones too."""
        nodes = self._database.get(paths.KEYS) or {}
        found = (key_from(name, nodes[name]) for name in sorted(nodes))
        return [key for key in found if key]

    def add(self, key: Key) -> str:
        """Makes a key; returns its text, which nobody can read again. Raises KeyInvalid, also for a name in use."""
        check(key)
        text = f"kindling_{key.name}_{secrets.token_hex(SECRET_BYTES)}"
        node = {**key_node(key), "hash": hashed(text)}
        if self._database.swap(paths.key(key.name), lambda current: node if current is None else None) is None:
            raise KeyInvalid(f"there is a key {key.name} already; choose another name, for the change log keeps it")
        return text

    def revoke(self, name: str, *, now_ms: int) -> Key:
        """Ends a key at once and for good; one that was revoked stays so. Raises KeyInvalid for an unknown name."""
        found = key_from(name, self._database.get(paths.key(name))) if is_name(name) else None
        if found is None:
            raise KeyInvalid(f"there is no key {name[:80]}; `keys list` shows them")
        self._database.swap(
            paths.key(name),
            lambda current: {**current, "revoked": now_ms} if current and "revoked" not in current else None,
        )
        return key_from(name, self._database.get(paths.key(name))) or found

    def prune(self, now_ms: int) -> int:
        """Deletes keys that ended over KEPT_AFTER_MS ago; returns how many."""
        old = [key.name for key in self.all() if (key.ended_ms() or now_ms) < now_ms - KEPT_AFTER_MS]
        self._database.update({paths.key(name): None for name in old})
        return len(old)


def hashed(text: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(text.encode()).hexdigest()


def check(key: Key) -> None:
    """Raises KeyInvalid where a new key is not as keys may be."""
    if not is_name(key.name):
        raise KeyInvalid(f"{key.name[:80]!r} is no name for a key: {RULE}")
    if key.scope not in SCOPES:
        raise KeyInvalid(f"{key.scope!r} is no scope; there are: {', '.join(SCOPES)}")
    wrong = sorted(name for name in key.collections or () if not is_name(name))
    if wrong:
        raise KeyInvalid(f"{wrong[0][:80]!r} is no name of a collection: {RULE}")
    if key.collections is not None and not 0 < len(key.collections) <= COLLECTIONS_MAX:
        raise KeyInvalid(f"a key is for 1 to {COLLECTIONS_MAX} collections, or without --collections for all")
    if key.scope == "admin" and key.collections is not None:
        raise KeyInvalid(
            "a key with the scope admin is for all collections; leave --collections away, or give it write"
        )
    if key.expires_ms is not None and key.expires_ms <= key.created_ms:
        raise KeyInvalid("the key would have expired already; choose a later time")


def key_node(key: Key) -> dict[str, Any]:
    """The node of a key, without its hash. What is for all says so: a node that lost its names is for nothing."""
    covers = {"all": True} if key.collections is None else {"collections": dict.fromkeys(sorted(key.collections), True)}
    times = {"created": key.created_ms, "expires": key.expires_ms}
    return {"scope": key.scope, **covers, **{name: time for name, time in times.items() if time is not None}}


def key_from(name: str, node: Mapping[str, Any] | None) -> Key | None:
    """The key kept in `node`; None where there is none, or none that this code can read: it admits nobody."""
    if not isinstance(node, dict) or node.get("scope") not in SCOPES:
        return None
    created, expires, revoked = (node.get(one) for one in ("created", "expires", "revoked"))
    named = node.get("collections") or {}
    if not isinstance(created, int) or not isinstance(named, dict):
        return None
    if not isinstance(expires, int | None) or not isinstance(revoked, int | None):
        return None
    covered = None if node.get("all") is True else frozenset(one for one, held in named.items() if held is True)
    return Key(name, node["scope"], covered, created, expires, revoked)
