"""Records that are gone from their page: no query finds them unless it asks, and then it finds them as the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kindling.errors import ApiError
from kindling.flow import Print, RunRecord, SourceState
from kindling.query import Found, Snapshots, parse, reading, search, snapshots
from kindling.store import Store
from kindling.store import results as run_results
from kindling.store.runs import Runs
from kindling.values import kept

from tests.stores import live_store

NOW = 1_700_000_000_000
DOCUMENTS: dict[str, dict[str, Any]] = {
    f"k{number:02}": {"even": number % 2 == 0} | ({"n": number % 5} if number % 7 else {}) for number in range(40)
}
GONE = set(list(DOCUMENTS)[::3])
PRINTS = {key: Print("p", key) for key in DOCUMENTS}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A store with the collection `c` of a source: one run found all documents, the next missed some of them."""
    with live_store() as made:
        runs = Runs(made)
        lease = runs.acquire("c", "r1", NOW)
        assert lease is not None
        settings = run_results.Settings("c", True, index=("n",))
        found = [run_results.Found(key, kept(document), PRINTS[key]) for key, document in DOCUMENTS.items()]
        gone = {key: PRINTS[key] for key in GONE}
        for result in (run_results.Result(settings, found), run_results.Result(settings, gone=gone, last_ms=NOW)):
            record = RunRecord("r1", "c", "ok", NOW)
            run_results.write_result(runs, lease, record, SourceState(), result, now_ms=NOW + 1)
        yield made


@pytest.fixture(params=["small", "big"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The collection as one that is read whole, and as one that is not."""
    if request.param == "big":
        monkeypatch.setattr(snapshots, "READ_MAX", 10)
        monkeypatch.setattr(reading, "READ_MAX", 30)
        monkeypatch.setattr(reading, "CHUNK_MAX", 7)


def ask(store: Store, query: str) -> Found:
    collection = store.collection("c")
    assert collection is not None
    pairs = [(name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part)]
    return search(store, collection, parse(collection, pairs), Snapshots())


FITS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "_limit=15": lambda document: True,
    "n=3": lambda document: document.get("n") == 3,
    "n__gte=3": lambda document: document.get("n", 0) >= 3,
    "n__in=1,4": lambda document: document.get("n") in (1, 4),
    "n__exists=0": lambda document: "n" not in document,
    "n__in=1,4&even=true": lambda document: document.get("n") in (1, 4) and document["even"],
}


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize("gone", [False, True], ids=["as they are", "with those that are gone"])
@pytest.mark.parametrize("query", FITS)
def test_spec_a_query_finds_what_is_gone_only_where_it_asks_for_it(store: Store, query: str, gone: bool) -> None:
    wanted = [key for key, one in DOCUMENTS.items() if FITS[query](one) and (gone or key not in GONE)]
    found = ask(store, f"{query}&_count=1" + ("&_gone=1" if gone else ""))
    assert ([record.id for record in found.records], found.total) == (wanted[:15], len(wanted))
    told = {record.id for record in found.records if record.gone_ms == NOW + 1 and record.last_ms == NOW}
    assert told == GONE & set(wanted[:15])


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize("sort", ["_id", "-_id"])
def test_spec_in_the_order_of_ids_what_is_gone_stands_in_its_place(store: Store, sort: str) -> None:
    wanted = sorted(DOCUMENTS, reverse=sort == "-_id")
    assert [record.id for record in ask(store, f"_gone=1&_sort={sort}&_limit=20").records] == wanted[:20]


def test_ours_a_sources_collection_gets_its_index_in_the_source(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "READ_MAX", 10)
    monkeypatch.setattr(reading, "READ_MAX", 10)
    with pytest.raises(ApiError, match="declare an index on even: add it to `index:` of the source c"):
        ask(store, "even=true")
