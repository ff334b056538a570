"""The database as five calls, and the only importer of firebase_admin.db. Its errors become ours here.

Facts relied on: queried values reach the URL unescaped, so callers pass only what is safe there (keys and slots are);
the SDK sorts results as strings, which is the database's own order for our keys and slots; a refused multi-path update
changes nothing. The service acts as its own uid, for which database.rules.json holds the rules of a commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from threading import Lock
from typing import Any, Literal

import firebase_admin
from firebase_admin import db, exceptions

from ..errors import Denied, StoreError, Unavailable

SERVICE_UID = "kindling"
TIMEOUT_S = 20  # a function has 60 s: an answer that takes longer is of no use to its caller
LOCAL_DATABASE_URL = "https://demo-kindling-default-rtdb.firebaseio.com"

Order = Literal["key"] | str


def _options() -> dict[str, Any]:
    config = json.loads(os.environ.get("FIREBASE_CONFIG") or "{}")
    return {
        "databaseURL": config.get("databaseURL") or LOCAL_DATABASE_URL,
        "projectId": config.get("projectId") or os.environ.get("GCLOUD_PROJECT", "demo-kindling"),
        "databaseAuthVariableOverride": {"uid": SERVICE_UID},
        "httpTimeout": TIMEOUT_S,
    }


_apps_lock = Lock()


def application(name: str = "[DEFAULT]") -> firebase_admin.App:
    """The SDK's app of that name, made at the first call."""
    with _apps_lock:
        try:
            return firebase_admin.get_app(name)
        except ValueError:
            return firebase_admin.initialize_app(options=_options(), name=name)


class Database:
    """One Realtime Database, spoken to as the service, by the SDK's app `name`. Safe to share between threads.

    Every call raises Unavailable when the database does not answer, Denied when its rules say no.
    """

    def __init__(self, name: str = "[DEFAULT]") -> None:
        self._name = name

    @property
    def _root(self) -> Any:
        return db.reference("/", app=application(self._name))

    def close(self) -> None:
        """Lets go of the connections; the next call makes new ones."""
        firebase_admin.delete_app(application(self._name))

    def get(self, path: str) -> Any:
        """The value at `path`, None where there is none."""
        return self._call(lambda: self._root.child(path).get())

    def names(self, path: str) -> list[str]:
        """The keys below `path`, sorted, without what they hold."""
        found = self._call(lambda: self._root.child(path).get(shallow=True))
        return sorted(found) if isinstance(found, dict) else []

    def query(
        self,
        path: str,
        *,
        order: Order = "key",
        start: str | None = None,
        end: str | None = None,
        limit: int | None = None,
        descending: bool = False,
    ) -> list[tuple[str, Any]]:
        """Children of `path` as (key, value), ordered by key or by the text at the child path `order`.

        `start` and `end` are inclusive; `limit` counts from the start, or from the end if `descending`, and then the
        last comes first.
        """

        def ask() -> Any:
            reference = self._root.child(path)
            query = reference.order_by_key() if order == "key" else reference.order_by_child(order)
            if start is not None:
                query = query.start_at(start)
            if end is not None:
                query = query.end_at(end)
            if limit is not None:
                query = query.limit_to_last(limit) if descending else query.limit_to_first(limit)
            return query.get()

        found = list((self._call(ask) or {}).items())
        return found[::-1] if descending else found

    def update(self, changes: Mapping[str, Any]) -> None:
        """Writes all paths of `changes` at once or none; None deletes. Empty changes are no call."""
        if changes:
            self._call(lambda: self._root.update(dict(changes)))

    def swap(self, path: str, decide: Any) -> Any:
        """Replaces the value at `path` by `decide(value)`, atomically; None from `decide` means leave it.

        Returns what was written, or None where it was left. Raises StoreError after too many lost races.
        """
        for _ in range(SWAP_TRIES):
            current, etag = self._call(lambda: self._root.child(path).get(etag=True))
            wanted = decide(current)
            if wanted is None:
                return None
            done, _, _ = self._call(
                lambda etag=etag, wanted=wanted: self._root.child(path).set_if_unchanged(etag, wanted)
            )
            if done:
                return wanted
        raise StoreError(f"{path} changed {SWAP_TRIES} times while it was being written; try again")

    @staticmethod
    def _call(ask: Any) -> Any:
        try:
            return ask()
        except (exceptions.UnauthenticatedError, exceptions.PermissionDeniedError) as error:
            raise Denied("the database's rules refuse the service; deploy database.rules.json") from error
        except (exceptions.InvalidArgumentError, exceptions.NotFoundError) as error:
            raise StoreError(f"the database refuses the call: {error}") from error
        except exceptions.FirebaseError as error:
            raise Unavailable("the database does not answer; try again") from error


SWAP_TRIES = 25  # as many as the SDK's own transactions
