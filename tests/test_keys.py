"""Keys as the store keeps them: only a hash, one name once, an end that holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling.errors import Denied
from kindling.naming import NAME
from kindling.store import Store
from kindling.store.keys import KEPT_AFTER_MS, SCOPES, Key, KeyInvalid, Keys, hashed, key_from, key_node

NOW = 1_800_000_000_000
DAY_MS = 86_400_000
READ = Key("pandas", "read", frozenset({"movies"}), NOW)


@pytest.fixture
def keys(store: Store) -> Keys:
    """Keys, of which there are none yet."""
    store.database.update({f"keys/{name}": None for name in store.database.names("keys")})
    return Keys(store.database)


def test_spec_a_key_is_found_by_its_text_and_only_its_hash_is_kept(store: Store, keys: Keys) -> None:
    text = keys.add(READ)
    assert text.startswith("kindling_pandas_")
    assert len(bytes.fromhex(text.removeprefix("kindling_pandas_"))) * 8 == 256
    assert keys.find(text, now_ms=NOW) == READ
    kept = {"scope": "read", "collections": {"movies": True}, "created": NOW, "hash": hashed(text)}
    assert store.database.get("keys") == {"pandas": kept}
    assert text.removeprefix("kindling_pandas_") not in json.dumps(store.database.get(""))


def test_spec_two_keys_are_never_the_same(keys: Keys) -> None:
    made = {keys.add(replace(READ, name=f"k{number}"))[-64:] for number in range(5)}
    assert len(made) == 5


NO_KEYS: dict[str, Callable[[str], str]] = {
    "nothing": lambda text: "",
    "another name": lambda text: text.replace("pandas", "pandaz"),
    "another secret": lambda text: text[:-1] + ("1" if text[-1] == "0" else "0"),
    "too short": lambda text: text[:-1],
    "too long": lambda text: text + "0",
    "a line more": lambda text: text + "\n",
    "capitals": str.upper,
    "a path": lambda text: text.replace("pandas", "pandas/../pandas"),
    "the hash": hashed,
}


@pytest.mark.parametrize("made", NO_KEYS.values(), ids=NO_KEYS.keys())
def test_spec_what_is_not_the_key_opens_nothing(keys: Keys, made: Callable[[str], str]) -> None:
    assert keys.find(made(keys.add(READ)), now_ms=NOW) is None


@pytest.mark.parametrize(
    ("now_ms", "good"), [(NOW + DAY_MS - 1, True), (NOW + DAY_MS, False)], ids=["before its end", "at its end"]
)
def test_spec_a_key_ends_when_it_says(keys: Keys, now_ms: int, good: bool) -> None:
    key = replace(READ, expires_ms=NOW + DAY_MS)
    assert keys.find(keys.add(key), now_ms=now_ms) == (key if good else None)


def test_spec_a_revoked_key_opens_nothing_and_stays_revoked(keys: Keys) -> None:
    text = keys.add(READ)
    revoked = replace(READ, revoked_ms=NOW + 1)
    assert [keys.revoke("pandas", now_ms=NOW + 1), keys.revoke("pandas", now_ms=NOW + 2)] == [revoked, revoked]
    assert keys.find(text, now_ms=NOW + 2) is None
    assert keys.all() == [revoked]


def test_spec_a_name_is_given_once(store: Store, keys: Keys) -> None:
    keys.add(READ)
    before = store.database.get("keys")
    with pytest.raises(KeyInvalid, match="there is a key pandas already"):
        keys.add(replace(READ, scope="write"))
    assert store.database.get("keys") == before


def test_ours_of_many_who_make_a_name_at_once_one_does(store: Store, keys: Keys) -> None:
    def add(_: int) -> str | None:
        try:
            return Keys(store.database).add(READ)
        except KeyInvalid:
            return None

    with ThreadPoolExecutor(8) as pool:
        (made,) = (text for text in pool.map(add, range(8)) if text)
    assert keys.find(made, now_ms=NOW) == READ


def test_ours_not_even_the_service_gives_a_name_to_another_secret_or_a_revoked_key_back(
    store: Store, keys: Keys
) -> None:
    keys.add(READ)
    keys.revoke("pandas", now_ms=NOW)
    changes: tuple[dict[str, Any], ...] = (
        {"keys/pandas/hash": hashed("another")},
        {"keys/pandas/revoked": None},
        {"keys/pandas/revoked": NOW + 1},
        {"keys": None},
    )
    for change in changes:
        with pytest.raises(Denied):
            store.database.update(change)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a name with a slash": ({"name": "a/b"}, "'a/b' is no name for a key"),
    "an empty name": ({"name": ""}, "'' is no name for a key"),
    "another scope": ({"scope": "owner"}, "'owner' is no scope; there are: read, write, admin"),
    "a collection that cannot be": ({"collections": frozenset({"Movies"})}, "'Movies' is no name of a collection"),
    "no collection at all": ({"collections": frozenset()}, "a key is for 1 to 100 collections"),
    "too many": ({"collections": frozenset(f"c{n}" for n in range(101))}, "a key is for 1 to 100 collections"),
    "an administrator of some": ({"scope": "admin"}, "a key with the scope admin is for all collections"),
    "an end in the past": ({"expires_ms": NOW}, "the key would have expired already"),
}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_spec_a_key_that_may_not_be_is_refused(keys: Keys, change: dict[str, Any], said: str) -> None:
    with pytest.raises(KeyInvalid) as refused:
        keys.add(replace(READ, **change))
    assert str(refused.value).startswith(said)
    assert keys.all() == []


def test_spec_revoking_what_is_not_there_is_refused(keys: Keys) -> None:
    for name in ("nobody", "../meta", ""):
        with pytest.raises(KeyInvalid, match="there is no key"):
            keys.revoke(name, now_ms=NOW)


def test_spec_keys_that_ended_long_ago_are_pruned(keys: Keys) -> None:
    for key in (
        READ,
        Key("old", "read", None, 1, expires_ms=NOW - KEPT_AFTER_MS - 1),
        Key("ended", "read", None, 1, expires_ms=NOW - KEPT_AFTER_MS),
    ):
        keys.add(key)
    keys.add(Key("revoked", "read", None, 1, expires_ms=NOW + DAY_MS))
    keys.revoke("revoked", now_ms=NOW - KEPT_AFTER_MS - 1)
    assert keys.prune(NOW) == 2
    assert [key.name for key in keys.all()] == ["ended", "pandas"]


MANY = st.builds(
    Key,
    st.from_regex(NAME, fullmatch=True),
    st.sampled_from(SCOPES),
    st.none() | st.frozensets(st.from_regex(NAME, fullmatch=True), min_size=1, max_size=5),
    st.integers(0, NOW),
    st.none() | st.integers(0, NOW),
)


@given(MANY)
def test_ours_what_is_kept_of_a_key_is_all_of_it(key: Key) -> None:
    assert key_from(key.name, key_node(key)) == key


HAND_MADE: dict[str, tuple[Any, Key | None]] = {
    "nothing": (None, None),
    "a text": ("read", None),
    "no scope": ({"created": 1}, None),
    "a scope of a later version": ({"scope": "root", "created": 1}, None),
    "no time": ({"scope": "read"}, None),
    "an end that is a text": ({"scope": "read", "created": 1, "expires": "never"}, None),
    "collections that are a text": ({"scope": "read", "created": 1, "collections": "movies"}, None),
    "no collections and not all": ({"scope": "read", "created": 1}, Key("k", "read", frozenset(), 1)),
    "a collection that was taken out": (
        {"scope": "read", "created": 1, "collections": {"a": True, "b": False}},
        Key("k", "read", frozenset({"a"}), 1),
    ),
    "revoked by hand": (
        {"scope": "read", "created": 1, "all": True, "revoked": True},
        Key("k", "read", None, 1, None, 1),
    ),
}


@pytest.mark.parametrize(("node", "key"), HAND_MADE.values(), ids=HAND_MADE.keys())
def test_ours_a_node_that_somebody_edited_never_opens_more(node: Any, key: Key | None) -> None:
    assert key_from("k", node) == key
