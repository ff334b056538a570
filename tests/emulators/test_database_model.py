"""Random requests against a small obvious model of the documented semantics: every answer and every state equal.

The model keeps plain nested dicts and knows nothing of the emulator. The server is the real process, and is now and
then killed and started again.
"""

from __future__ import annotations

import json
import tempfile
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.emulators.database_server import DatabaseServer

pytestmark = pytest.mark.slow

RULES = {
    "rules": {
        "$one": {".indexOn": ["n", ".value"], "$two": {".indexOn": ["n", ".value"]}},
        ".indexOn": ["n", ".value"],
    }
}

keys = st.sampled_from(["a", "b", "n", "0", "1", "2", "10", "é"])
scalars = st.sampled_from([None, True, False, 0, 1, 2, -1, 1.5, "", "x", "10"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)
paths = st.lists(keys, max_size=3).map(tuple)
updates = st.dictionaries(st.lists(keys, min_size=1, max_size=3).map("/".join), values, min_size=1, max_size=3)


class Model:
    """Nested dicts; absent is None."""

    def __init__(self) -> None:
        self.root: Any = None

    def get(self, path: tuple[str, ...]) -> Any:
        here = self.root
        for key in path:
            here = here.get(key) if isinstance(here, dict) else None
        return here

    def put(self, path: tuple[str, ...], value: Any) -> None:
        self.root = changed(self.root, path, clean(value))


def clean(value: Any) -> Any:
    """Arrays are objects, 1.0 is 1, and nothing empty is kept."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        value = {str(at): item for at, item in enumerate(value)}
    if isinstance(value, dict):
        cleaned = {key: clean(item) for key, item in value.items()}
        return {key: item for key, item in cleaned.items() if item is not None} or None
    return value


def changed(here: Any, path: tuple[str, ...], value: Any) -> Any:
    """The tree with that place set; below a scalar, nothing changes nothing."""
    if not path:
        return value
    if not isinstance(here, dict):
        if value is None:
            return here
        here = {}
    below = changed(here.get(path[0]), path[1:], value)
    children = {**here, path[0]: below}
    return {key: child for key, child in children.items() if child is not None} or None


def shown(value: Any) -> Any:
    """As it is read: objects whose keys are mostly 0, 1, 2 … are arrays."""
    if not isinstance(value, dict):
        return value
    shown_children = {key: shown(child) for key, child in value.items()}
    if all(key.isdigit() and str(int(key)) == key for key in value) and max(map(int, value)) < 2 * len(value):
        return [shown_children.get(str(at)) for at in range(max(map(int, value)) + 1)]
    return shown_children


def rank(value: Any) -> tuple[Any, ...]:
    """The documented order of values."""
    if value is None:
        return (0,)
    if isinstance(value, bool):
        return (2,) if value else (1,)
    if isinstance(value, (int, float)):
        return (3, value)
    return (4, value) if isinstance(value, str) else (5,)


def key_rank(key: str) -> tuple[Any, ...]:
    """Integers first, by value; then text."""
    return (0, int(key)) if key.isdigit() else (1, key)


def position(order: str, key: str, child: Any) -> tuple[Any, ...]:
    """Where a child stands in an ordering."""
    if order == "$key":
        return key_rank(key)
    return rank(child) if order == "$value" else rank(child.get(order) if isinstance(child, dict) else None)


def selected(here: Any, order: str, start: Any, end: Any, limit: int | None, *, last: bool) -> Any:
    """The children that answer a query, the slow and obvious way."""
    if not isinstance(here, dict):
        return None
    of = {key: position(order, key, here[key]) for key in here}
    low, high = (
        None if bound is None else (key_rank(bound) if order == "$key" else rank(bound)) for bound in (start, end)
    )
    found = sorted(here, key=lambda key: (of[key], key_rank(key)))
    found = [key for key in found if (low is None or of[key] >= low) and (high is None or of[key] <= high)]
    if limit is not None:
        found = found[-limit:] if last else found[:limit]
    return {key: here[key] for key in found} or None


def url(path: tuple[str, ...]) -> str:
    return "/" + "/".join(path) + ".json"


def apart(update: dict[str, Any]) -> bool:
    places = [tuple(path.split("/")) for path in update]
    return not any(one != other and other[: len(one)] == one for one in places for other in places)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: True is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


class DatabaseMachine(RuleBasedStateMachine):
    """What a client may do, and what it must see."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._model = Model()
        self._started = 0
        self._server = self._start()

    def _start(self) -> DatabaseServer:
        self._started += 1
        return DatabaseServer("--data", self._folder.name, rules=RULES)

    def teardown(self) -> None:
        self._server.kill()
        self._folder.cleanup()

    @initialize(value=values)
    def first(self, value: Any) -> None:
        self.put((), value)

    @rule(path=paths, value=values)
    def put(self, path: tuple[str, ...], value: Any) -> None:
        self._model.put(path, value)
        body = json.dumps(value).encode()
        answer = self._server.call("PUT", url(path), body)
        assert (answer.status_code, same(answer.json(), shown(self._model.get(path)))) == (200, True)

    @rule(path=paths)
    def delete(self, path: tuple[str, ...]) -> None:
        self._model.put(path, None)
        answer = self._server.call("DELETE", url(path))
        assert (answer.status_code, answer.text) == (200, "null")

    @rule(path=st.lists(keys, max_size=2).map(tuple), update=updates)
    def patch(self, path: tuple[str, ...], update: dict[str, Any]) -> None:
        answer = self._server.call("PATCH", url(path), update)
        if not apart(update):
            assert answer.status_code == 400
            return
        for below, value in update.items():
            self._model.put((*path, *below.split("/")), value)
        expected = {below: shown(self._model.get((*path, *below.split("/")))) for below in update}
        assert (answer.status_code, same(answer.json(), expected)) == (200, True)

    @rule(path=st.lists(keys, max_size=2).map(tuple), value=values)
    def post(self, path: tuple[str, ...], value: Any) -> None:
        answer = self._server.call("POST", url(path), json.dumps(value).encode())
        name = answer.json()["name"]
        self._model.put((*path, name), value)
        self.get((*path, name))
        self.delete((*path, name))

    @rule(path=paths, by=st.sampled_from([1, -2, 0.5]))
    def increment(self, path: tuple[str, ...], by: float) -> None:
        present = self._model.get(path)
        number = isinstance(present, (int, float)) and not isinstance(present, bool)
        self._model.put(path, present + by if number else by)
        answer = self._server.call("PUT", url(path), {".sv": {"increment": by}})
        assert (answer.status_code, answer.json()) == (200, self._model.get(path))

    @rule(path=paths, value=values, knows=st.booleans())
    def put_if_unchanged(self, path: tuple[str, ...], value: Any, knows: bool) -> None:
        etag = self._server.call("GET", url(path), headers={"X-Firebase-ETag": "true"}).headers["ETag"]
        headers = {"if-match": etag if knows else "stale"}
        answer = self._server.call("PUT", url(path), json.dumps(value).encode(), headers=headers)
        if knows:
            self._model.put(path, value)
        expected = shown(self._model.get(path))
        assert (answer.status_code, same(answer.json(), expected)) == (200 if knows else 412, True)

    @rule(path=paths)
    def get(self, path: tuple[str, ...]) -> None:
        assert same(self._server.get(url(path)), shown(self._model.get(path)))

    @rule(path=paths)
    def get_shallow(self, path: tuple[str, ...]) -> None:
        here = self._model.get(path)
        expected = dict.fromkeys(here, True) if isinstance(here, dict) else here
        assert same(self._server.get(url(path), shallow="true"), expected)

    @rule(
        path=st.lists(keys, max_size=2).map(tuple),
        order=st.sampled_from(["$key", "$value", "n"]),
        bounds=st.tuples(scalars, scalars),
        limit=st.none() | st.integers(1, 3),
        last=st.booleans(),
    )
    def query(self, path: tuple[str, ...], order: str, bounds: tuple[Any, Any], limit: int | None, last: bool) -> None:
        start, end = (bound if order != "$key" or (isinstance(bound, str) and bound) else None for bound in bounds)
        params = {"orderBy": json.dumps(order)}
        params |= {} if start is None else {"startAt": json.dumps(start)}
        params |= {} if end is None else {"endAt": json.dumps(end)}
        params |= {} if limit is None else {"limitToLast" if last else "limitToFirst": str(limit)}
        expected = selected(self._model.get(path), order, start, end, limit, last=last)
        assert same(self._server.get(url(path), **params), shown(expected))

    @precondition(lambda self: self._started < 3)
    @rule(kill=st.booleans())
    def restart(self, kill: bool) -> None:
        if kill:
            self._server.kill()
        else:
            assert self._server.stop() == 0
        self._server = self._start()
        assert same(self._server.get("/.json"), shown(self._model.root))


DatabaseMachine.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=60,
    suppress_health_check=[HealthCheck.too_slow],  # each example starts a real server
)
test_spec_random_requests_agree_with_the_model = DatabaseMachine.TestCase
