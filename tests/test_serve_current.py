"""Each read tells what is there now, though it is worked out while the database is still being asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kindling.serve import access
from kindling.serve.answer import Answer, Call
from kindling.serve.callers import STRANGER
from kindling.serve.sent import Sent
from kindling.store import Collection, Store, store
from kindling.store.client import Database
from kindling.store.writes import Write

from tests.api import USERS, Api, served

pytestmark = pytest.mark.inside

NOW_MS = 1_700_000_000_000


@pytest.fixture
def api() -> Iterator[Api]:
    """The endpoints on a database of their own, with a public collection that they have looked at."""
    with served() as found:
        found.save("users", USERS, query="?_key=email")
        assert len(found.items("/get_data/users")) == len(USERS)
        yield found


@pytest.fixture
def elsewhere(api: Api) -> Iterator[Store]:
    """Another instance's store."""
    made = Store(Database())
    yield made
    made.database.close()


def save(elsewhere: Store, document: dict[str, Any]) -> None:
    elsewhere.save("users", [Write("put", SHAWN, document)], by="key", now_ms=NOW_MS)


SHAWN = "shawn~40example~2Ecom"
GROWN = {"name": "Shawn", "email": "shawn@example.com", "age": 32, "likes": "tea"}

READS: dict[str, tuple[str, Callable[[Any], Any], Any]] = {
    "a query": ("/get_data/users?age=32&_omit=_id", lambda body: body["items"], [GROWN]),
    "a query by a field that is new": ("/get_data/users?likes=tea&_omit=_id", lambda body: body["items"], [GROWN]),
    "a document": (f"/get_data/users/{SHAWN}", lambda body: body, GROWN),
    "changes": (
        f"/get_changes/users?_id={SHAWN}",
        lambda body: body["items"][-1]["fields"],
        {"age": {"old": 31, "new": 32}, "likes": {"new": "tea"}},
    ),
    "a series": (f"/get_series/users/{SHAWN}/age", lambda body: [one["value"] for one in body["items"]], [31, 32]),
}


@pytest.mark.parametrize(("url", "part", "told"), READS.values(), ids=READS.keys())
def test_spec_a_read_tells_what_another_instance_wrote_before_it(
    api: Api, elsewhere: Store, url: str, part: Callable[[Any], Any], told: Any
) -> None:
    api.get(url)  # what is known from before is worked with first
    save(elsewhere, GROWN)
    answer = api.get(url)
    assert (answer.status_code, part(answer.json)) == (200, told)


HIDES: dict[str, Callable[[Store], object]] = {
    "made private": lambda elsewhere: elsewhere.settings("users", public=False, by="key", now_ms=NOW_MS),
    "deleted": lambda elsewhere: elsewhere.drop("users", by="key", now_ms=NOW_MS),
}


@pytest.mark.parametrize("hide", HIDES.values(), ids=HIDES.keys())
@pytest.mark.parametrize("url", [row[0] for row in READS.values()], ids=READS.keys())
def test_spec_what_another_instance_hid_is_unknown_at_once(
    api: Api, elsewhere: Store, hide: Callable[[Store], object], url: str
) -> None:
    api.get(url)
    hide(elsewhere)
    gone, never = api.get(url), api.get(url.replace("users", "nothing"))
    assert (gone.status_code, gone.text) == (404, never.text.replace("nothing", "users"))


class Worked:
    """An answer that counts how often it was worked out, and of which version; it may fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.versions: list[int] = []
        self._error = error

    def __call__(self, collection: Collection) -> Answer:
        self.versions.append(collection.version)
        if self._error:
            raise self._error
        return Answer(b"%d" % collection.version)


def ask(work: Worked) -> Answer:
    call = Call("GET", {}, (), STRANGER, Sent({}), bytes, NOW_MS)
    return access.current(call, "users", work)


def version() -> int:
    found = store().known("users")
    assert found
    return found.version


def test_ours_an_answer_is_worked_out_once_while_nothing_changes_and_again_where_it_did(
    api: Api, elsewhere: Store
) -> None:
    before, work = version(), Worked()
    assert (ask(work).body, work.versions) == (b"%d" % before, [before])
    save(elsewhere, GROWN)
    assert (ask(work).body, work.versions) == (b"%d" % (before + 1), [before, before, before + 1])


def test_ours_the_first_read_of_an_instance_works_with_nothing_that_is_not_known(api: Api) -> None:
    before, work = version(), Worked()
    store()._summaries.clear()
    assert (ask(work).body, work.versions) == (b"%d" % before, [before])


def test_ours_a_mistake_is_told_as_it_was_found(api: Api) -> None:
    work = Worked(KeyError("a mistake"))
    with pytest.raises(KeyError):
        ask(work)
    assert len(work.versions) == 1
