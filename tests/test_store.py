"""The store on a real database emulator, over HTTP, with the project's own rules."""

from __future__ import annotations

import itertools
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kindling.errors import ApiError, Denied, LostLease, SchemaNewer
from kindling.flow import Print, RunRecord, SourceState
from kindling.store import Record, Store, Write
from kindling.store.results import Found, Result, Settings, write_result
from kindling.store.runs import Runs
from kindling.values import encode_id, kept

from tests.cases import NAUGHTY

NOW = 1_700_000_000_000
_names = (f"c{n}" for n in itertools.count())


@pytest.fixture
def name() -> str:
    """A collection nobody used."""
    return next(_names)


def put(store: Store, name: str, documents: dict[str, dict[str, Any]], now_ms: int = NOW) -> None:
    store.save(name, [Write("put", key, document) for key, document in documents.items()], by="test", now_ms=now_ms)


def test_what_is_saved_is_read_back_with_its_stamps_and_counted(store: Store, name: str) -> None:
    put(store, name, {"a": {"n": 1}, "b": {"n": 2, "tags": []}})
    put(store, name, {"a": {"n": 3}}, NOW + 5)
    assert store.record(name, "a") == Record("a", {"n": 3}, first_ms=NOW, changed_ms=NOW + 5)
    assert store.records(name, limit=10) == [
        Record("a", {"n": 3}, NOW, NOW + 5),
        Record("b", {"n": 2, "tags": []}, NOW, NOW),
    ]
    summary = store.collection(name)
    assert summary is not None
    assert (summary.version, summary.count, summary.kept, summary.public) == (2, 2, 2, False)
    assert dict(summary.fields) == {"n": ("number",), "tags": ("list",)}


def test_every_change_is_logged_once_with_old_and_new_and_by_whom(store: Store, name: str) -> None:
    put(store, name, {"a": {"n": 1, "same": True}})
    put(store, name, {"a": {"n": 1, "same": True}})
    put(store, name, {"a": {"n": None, "same": True, "new": [1]}}, NOW + 1)
    store.remove(name, "a", forget=False, by="other", now_ms=NOW + 2)
    told = [(c.key, c.op, c.at_ms, c.by, c.fields) for c in store.changes(name, limit=10)]
    assert told == [
        ("0000000001-00000", "added", NOW, "test", {"n": {"new": 1}, "same": {"new": True}}),
        ("0000000002-00000", "changed", NOW + 1, "test", {"n": {"old": 1, "new": None}, "new": {"new": [1]}}),
        (
            "0000000003-00000",
            "removed",
            NOW + 2,
            "other",
            {"n": {"old": None}, "same": {"old": True}, "new": {"old": [1]}},
        ),
    ]
    assert [c.key for c in store.changes(name, after="0000000001-00000", limit=1)] == ["0000000002-00000"]


def test_one_refused_write_of_many_refuses_them_all(store: Store, name: str) -> None:
    def refuse(_: Record | None) -> None:
        raise ApiError(412, "no")

    with pytest.raises(ApiError):
        store.save(name, [Write("put", "a", {}), Write("put", "b", {}, check=refuse)], by="test", now_ms=NOW)
    assert store.collection(name) is None
    assert store.record(name, "a") is None


def test_writers_at_once_lose_nothing(store: Store, name: str) -> None:
    def add(number: int) -> None:
        store.save(name, [Write("put", f"k{number}", {"n": number})], by=f"w{number}", now_ms=NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(24)))
    summary = store.collection(name)
    assert summary is not None
    assert (summary.count, summary.version) == (24, 24)
    assert {record.id for record in store.records(name, limit=100)} == {f"k{n}" for n in range(24)}
    assert sorted(change.by for change in store.changes(name, limit=100)) == sorted(f"w{n}" for n in range(24))


def test_merging_at_once_adds_up(store: Store, name: str) -> None:
    put(store, name, {"a": {}})

    def merge(number: int) -> None:
        store.save(name, [Write("merge", "a", {f"f{number}": number})], by="test", now_ms=NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(merge, range(12)))
    found = store.record(name, "a")
    assert found is not None
    assert found.document == {f"f{number}": number for number in range(12)}


@pytest.mark.parametrize(
    "update",
    [
        pytest.param({"data/{c}/a/n": 2}, id="a record without the version"),
        pytest.param({"data/{c}/a/n": 2, "collections/{c}/version": 1}, id="a record with the version as it is"),
        pytest.param({"data/{c}/a/n": 2, "collections/{c}/version": 3}, id="a record with a version too far"),
        pytest.param({"collections/{c}/count": 9}, id="a count alone"),
        pytest.param({"changes/{c}/0000000009-00000": {"id": "a"}}, id="a log entry alone"),
        pytest.param({"elsewhere": 1}, id="a place that nobody owns"),
    ],
)
def test_the_rules_refuse_even_the_service_a_commit_without_the_next_version(
    store: Store, name: str, update: dict[str, Any]
) -> None:
    put(store, name, {"a": {"n": 1}})
    with pytest.raises(Denied):
        store.database.update({path.format(c=name): value for path, value in update.items()})
    found = store.record(name, "a")
    assert found is not None
    assert found.document == {"n": 1}


def test_a_dropped_collection_is_gone_and_its_next_life_does_not_rewind(store: Store, name: str) -> None:
    put(store, name, {"a": {"n": 1}})
    store.drop(name, by="test", now_ms=NOW)
    assert store.collection(name) is None
    assert store.records(name, limit=1) == []
    assert store.changes(name, limit=1) == []
    put(store, name, {"b": {}})
    summary = store.collection(name)
    assert summary is not None
    assert (summary.version, summary.count, dict(summary.fields)) == (4, 1, {})


def test_an_index_built_on_old_records_orders_them_and_the_ones_that_come(store: Store, name: str) -> None:
    put(store, name, {"a": {"n": 10}, "b": {"n": -2}, "c": {}, "d": {"n": "10"}, "e": {"n": True}})
    built = store.settings(name, index=["n"], by="test", now_ms=NOW)
    assert built.slots == {"n": "_a"}
    put(store, name, {"f": {"n": 9.5}})
    ordered = store.by_slot(name, "_a", limit=10)
    assert [record.id for record in ordered] == ["e", "b", "f", "a", "d", "c"]
    assert [r.id for r in store.by_slot(name, "_a", start="4", end="5", limit=2, descending=True)] == ["a", "f"]


def test_an_index_is_built_in_steps_goes_on_where_it_stopped_and_says_when_it_is_ready(
    store: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[Store.__module__], "INDEX_BATCH", 2)
    put(store, name, {f"k{n}": {"n": 9 - n} for n in range(5)})
    monkeypatch.setattr(sys.modules[Store.__module__], "BUILD_S", 0.0)
    begun = store.settings(name, index=["n"], by="test", now_ms=NOW)
    assert (begun.slots, [index.ready for index in begun.indexes.values()]) == ({}, [False])
    put(store, name, {"new": {"n": 5.5}})
    assert not store.build_indexes(name, by="test", now_ms=NOW, within_s=0.0)
    assert store.build_indexes(name, by="test", now_ms=NOW, within_s=60.0)
    built = store.collection(name)
    assert built is not None
    assert built.slots == {"n": "_a"}
    assert [record.id for record in store.by_slot(name, "_a", limit=9)] == ["k4", "new", "k3", "k2", "k1", "k0"]


def test_more_indexes_than_slots_are_refused(store: Store, name: str) -> None:
    put(store, name, {"a": {}})
    with pytest.raises(ApiError) as refused:
        store.settings(name, index=[f"f{n}" for n in range(9)], by="test", now_ms=NOW)
    assert refused.value.status == 400


def test_a_newer_layout_is_refused(store: Store) -> None:
    store.ping()
    store.database.update({"meta/schema": 99})
    with pytest.raises(SchemaNewer):
        store.ping()
    store.database.update({"meta/schema": 1})
    store.ping()


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["0", "1", "_", ".", "-5"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=60)
@given(
    document=st.dictionaries(st.text(max_size=8).filter(lambda s: s[:1] != "_"), _json, max_size=5),
    key=st.text(min_size=1, max_size=40),
)
def test_any_document_under_any_id_comes_back_equal(store: Store, document: dict[str, Any], key: str) -> None:
    identifier = encode_id(key)
    store.save("anything", [Write("put", identifier, document)], by="test", now_ms=NOW)
    found = store.record("anything", identifier)
    assert found is not None
    assert found.document == document


def test_naughty_strings_survive_as_values_keys_and_ids(store: Store, name: str) -> None:
    naughty = [text for text in NAUGHTY if text]
    documents = {encode_id(text): {"value": text, "nested": {text: [text]}} for text in naughty}
    for start in range(0, len(documents), 200):
        put(store, name, dict(list(documents.items())[start : start + 200]))
    kept = {record.id: record.document for record in store.records(name, limit=1000)}
    assert kept == documents


def test_a_lease_is_held_by_one_run_and_its_fence_rises(store: Store, name: str) -> None:
    runs = Runs(store)
    first = runs.acquire(name, "r1", NOW)
    assert first is not None
    assert runs.acquire(name, "r2", NOW + 1) is None
    runs.release(first)
    second = runs.acquire(name, "r2", NOW + 2)
    assert second is not None
    assert (first.fence, second.fence) == (1, 2)
    assert not runs.renew(first, NOW + 3)
    assert runs.renew(second, NOW + 100_000)
    assert runs.acquire(name, "r3", NOW + 150_000) is None


def test_a_run_that_lost_its_lease_writes_nothing(store: Store, name: str) -> None:
    runs = Runs(store)
    old = runs.acquire(name, "r1", NOW)
    assert old is not None
    new = runs.acquire(name, "r2", NOW + 10**9)
    assert new is not None
    result = Result(Settings(name, True), found=[Found("a", kept({"n": 1}), Print("p", "f"))])
    with pytest.raises(LostLease):
        write_result(runs, old, RunRecord("r1", name, "ok", NOW), SourceState(), result, now_ms=NOW)
    with pytest.raises(LostLease):
        runs.note(RunRecord("r1", name, "running", NOW), old)
    assert store.collection(name) is None
    assert runs.run(name, "r1") is None


def test_a_result_is_written_with_prints_log_counts_and_record(store: Store, name: str) -> None:
    runs = Runs(store)
    lease = runs.acquire(name, "r1", NOW)
    assert lease is not None
    settings_ = Settings(name, True, index=("n",), declared={"n": "integer"})
    result = Result(settings_, found=[Found(key, kept({"n": n}), Print("p1", f"f{n}")) for n, key in enumerate("abc")])
    record = RunRecord("r1", name, "ok", NOW, NOW + 9, records=3, rejects=(("n: missing", 2, "x"),), fill={"a.b": 0.5})
    done = write_result(runs, lease, record, SourceState(status="ok", usual=3), result, now_ms=NOW)
    assert (done.added, done.changed, done.removed) == (3, 0, 0)
    assert runs.run(name, "r1") == done
    assert runs.state(name) == (SourceState(status="ok", usual=3), None)
    prints = runs.prints(name)
    assert prints == {key: Print("p1", f"f{n}") for n, key in enumerate("abc")}
    later = Result(
        settings_,
        found=[Found("a", kept({"n": 7}), Print("p1", "f7"))],
        old_prints={"a": prints["a"]},
        gone={"b": prints["b"]},
        last_ms=NOW,
    )
    done = write_result(runs, lease, record, SourceState(), later, now_ms=NOW + 10)
    assert (done.added, done.changed, done.removed) == (0, 1, 1)
    assert store.record(name, "b") == Record("b", {"n": 1}, NOW, NOW, gone_ms=NOW + 10, last_ms=NOW, page="p1")
    summary = store.collection(name)
    assert summary is not None
    assert (summary.count, summary.kept, summary.source, summary.public) == (2, 3, name, True)
    assert [record.id for record in store.by_slot(name, "_a", end="8", limit=9)] == ["c", "a"]
    with pytest.raises(ApiError) as refused:
        put(store, name, {"x": {}})
    assert refused.value.status == 409
