"""The admin SDK, unchanged, against the emulator: every method of `firebase_admin.db`."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import firebase_admin
import pytest
from firebase_admin import credentials, db, exceptions
from google.auth.credentials import AnonymousCredentials

from tests.emulators.database_server import TIMEOUT_S, DatabaseServer

RULES = {
    "rules": {
        "$case": {
            ".indexOn": ["n", "a/b", ".value"],
            "own": {"$uid": {".read": "auth.uid === $uid", ".write": "auth.uid === $uid"}},
        }
    }
}
_numbers = itertools.count()


class NoAccount(credentials.Base):  # type: ignore[misc]  # the SDK has no types
    """What the SDK signs in with where there is nothing to sign in to."""

    def get_credential(self) -> AnonymousCredentials:
        return AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth has none here


@contextmanager
def admin_app(server: DatabaseServer, **options: Any) -> Iterator[Any]:
    """An app of the admin SDK for the server's default database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIREBASE_DATABASE_EMULATOR_HOST", server.host)
        options["databaseURL"] = "https://demo-kindling-default-rtdb.firebaseio.com"
        app = firebase_admin.initialize_app(NoAccount(), options, name=f"app{next(_numbers)}")
        try:
            yield app
        finally:
            firebase_admin.delete_app(app)


@pytest.fixture(scope="module")
def app(server: DatabaseServer) -> Iterator[Any]:
    with admin_app(server) as app:
        yield app


@pytest.fixture
def place(app: Any) -> Any:
    return db.reference(f"/case{next(_numbers)}", app)


def test_set_get_and_delete(place: Any) -> None:
    place.set({"a": 1, "b": [1, 2], "ü": {"日": "本"}, "gone": None})
    assert place.get() == {"a": 1, "b": [1, 2], "ü": {"日": "本"}}
    assert place.child("ü/日").get() == "本"
    place.delete()
    assert place.get() is None


def test_get_shallow(place: Any) -> None:
    place.set({"a": {"b": 1}, "c": 2})
    assert place.get(shallow=True) == {"a": True, "c": True}


def test_get_with_etag_get_if_changed_and_set_if_unchanged(place: Any) -> None:
    assert place.get(etag=True) == (None, "null_etag")
    place.set("one")
    value, etag = place.get(etag=True)
    assert value == "one"
    assert place.get_if_changed(etag) == (False, None, None)
    assert place.get_if_changed("other") == (True, "one", etag)
    assert place.set_if_unchanged("other", "two") == (False, "one", etag)
    done, value, new_etag = place.set_if_unchanged(etag, "two")
    assert (done, value, place.get(etag=True)) == (True, "two", ("two", new_etag))


def test_push_makes_keys_in_order(place: Any) -> None:
    keys = [place.push({"n": n}).key for n in range(3)]
    assert place.push().get() == ""
    assert [place.child(key).get() for key in keys] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert keys == sorted(keys)


def test_update_takes_deep_paths_and_nulls(place: Any) -> None:
    place.set({"a": {"b": 1, "c": 2}, "d": 3})
    place.update({"a/b": 5, "d": None, "e/f": {".sv": {"increment": 2}}})
    assert place.get() == {"a": {"b": 5, "c": 2}, "e": {"f": 2}}


def test_transactions_of_several_threads_lose_nothing(place: Any) -> None:
    def add() -> None:
        for _ in range(10):
            place.transaction(lambda present: (present or 0) + 1)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT_S)
    assert place.get() == 40


def test_a_transaction_that_returns_nothing_is_refused_by_the_sdk(place: Any) -> None:
    with pytest.raises(ValueError, match="must not be none"):
        place.transaction(lambda present: None)


@pytest.mark.parametrize(
    ("ask", "keys"),
    [
        (lambda place: place.order_by_child("n").start_at(2).end_at(3), ["b", "c"]),
        (lambda place: place.order_by_child("n").equal_to(2), ["b"]),
        (lambda place: place.order_by_child("a/b").limit_to_first(1), ["d"]),
        (lambda place: place.order_by_child("a/b").equal_to("x y"), ["c"]),
        (lambda place: place.order_by_key().limit_to_last(2), ["c", "d"]),
        (lambda place: place.order_by_key().start_at("b").limit_to_first(2), ["b", "c"]),
        (lambda place: place.order_by_value().limit_to_first(1), ["a"]),
    ],
    ids=[
        "a range",
        "equality",
        "the lowest by a deep child",
        "text with a space",
        "the last keys",
        "a page by key",
        "by value",
    ],
)
def test_queries(place: Any, ask: Any, keys: list[str]) -> None:
    data = {"a": {"n": 1, "a": {"b": 9}}, "b": {"n": 2, "a": {"b": 8}}, "c": {"n": 3, "a": {"b": "x y"}}, "d": {"n": 4}}
    place.set(data)
    assert ask(place).get() == {key: data[key] for key in keys}


@pytest.mark.parametrize(
    ("ask", "kind", "text"),
    [
        (
            lambda place: place.order_by_child("zip").get(),
            exceptions.InvalidArgumentError,
            'Index not defined, add ".indexOn": "zip"',
        ),
        (lambda place: place.update({"a": 1, "a/b": 2}), exceptions.InvalidArgumentError, "is an ancestor of"),
        (lambda place: place.set({"a.b": 1}), exceptions.InvalidArgumentError, "contains '.'"),
    ],
    ids=["a missing index", "an ancestor conflict", "a bad key"],
)
def test_errors_come_as_the_sdks_own(place: Any, ask: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=re.escape(text)):
        ask(place)


def test_the_auth_override_makes_rules_apply(server: DatabaseServer, place: Any) -> None:
    path = f"{place.path}/own"
    with admin_app(server, databaseAuthVariableOverride={"uid": "ann"}) as ann:
        db.reference(f"{path}/ann", ann).set("mine")
        assert db.reference(f"{path}/ann", ann).get() == "mine"
        with pytest.raises(exceptions.UnauthenticatedError, match="Permission denied"):
            db.reference(f"{path}/bob", ann).set("not mine")
    with (
        admin_app(server, databaseAuthVariableOverride=None) as nobody,
        pytest.raises(exceptions.UnauthenticatedError, match="Permission denied"),
    ):
        db.reference(f"{path}/ann", nobody).get()
    assert place.get() == {"own": {"ann": "mine"}}


def close(listening: Any, place: Any) -> None:
    """The SDK's close() waits until its reader, which knows of nothing, is woken by one more event."""
    closing = threading.Thread(target=listening.close)
    closing.start()
    deadline = time.monotonic() + TIMEOUT_S
    while closing.is_alive() and time.monotonic() < deadline:
        place.child("wake").set(True)
        closing.join(0.02)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"
)  # the SDK's close() breaks its own reader
def test_listen_tells_puts_and_patches(place: Any) -> None:
    events: list[tuple[str, str, Any]] = []
    seen = threading.Semaphore(0)

    def note(event: Any) -> None:
        events.append((event.event_type, event.path, event.data))
        seen.release()

    place.set({"a": 1})
    listening = place.listen(note)
    try:
        assert seen.acquire(timeout=TIMEOUT_S)
        place.child("b/c").set("ü")
        place.update({"d": 1, "e/f": None})
        place.delete()
        assert all(seen.acquire(timeout=TIMEOUT_S) for _ in range(3))
    finally:
        close(listening, place)
    assert events[:4] == [
        ("put", "/", {"a": 1}),
        ("put", "/b/c", "ü"),
        ("patch", "/", {"d": 1, "e/f": None}),
        ("put", "/", None),
    ]
