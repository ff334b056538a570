"""The store as a run sees it: leases, states, pages, prints and run records.

A lease is one node, taken and given back by a conditional write; its fence only rises. Whatever a run writes carries
its fence, and the rules refuse an old one: a run that lost its lease cannot write anything more.

Knows neither when a source is due nor whether a result is good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any, NoReturn

from ..errors import Denied, LostLease
from ..flow import Lease, PageState, Print, RunRecord, SourceState
from . import paths
from .client import Database
from .commit import Draft, commit
from .days import counted
from .nodes import (
    lease_from,
    page_from,
    print_from,
    run_from,
    run_node,
    state_from,
    state_node,
)
from .store import Store

LEASE_S = 120  # a killed run blocks its source no longer; a living one renews long before
PAGES_SINGLY = 32  # pages whose prints are read one by one; beyond, one big read costs less than many round trips
PRUNE_BATCH = 1_000  # log entries one update deletes
NOT_A_RUNS = {"paused", "alerted", "capped_ms"}  # of a source's state: said by others, also while a run goes on


class Runs:
    """Everything a run reads and writes, on the database of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.database: Database = store.database

    # leases

    def acquire(self, source: str, run: str, now_ms: int, *, hold_s: int = LEASE_S) -> Lease | None:
        """Takes the lease of `source` for `run`; None while another run holds it."""

        def decide(node: Any) -> Any:
            if node and node["until"] > now_ms:
                return None
            return {"run": run, "fence": (node["fence"] if node else 0) + 1, "until": now_ms + hold_s * 1000}

        node = self.database.swap(paths.lease(source), decide)
        return lease_from(source, node) if node else None

    def holder(self, source: str) -> Lease | None:
        """The lease of `source` as it stands, also a lapsed or returned one; None if there never was one."""
        node = self.database.get(paths.lease(source))
        return lease_from(source, node) if node else None

    def renew(self, lease: Lease, now_ms: int) -> bool:
        """Holds the lease for LEASE_S more; False if another run has it."""
        until_ms = now_ms + LEASE_S * 1000
        return (
            self.database.swap(paths.lease(lease.source), lambda node: _with_until(node, lease, until_ms)) is not None
        )

    def release(self, lease: Lease) -> None:
        """Gives the lease back, if it still is ours."""
        self.database.swap(paths.lease(lease.source), lambda node: _with_until(node, lease, 0))

    # what a run reads

    def states(self) -> dict[str, tuple[SourceState, str | None]]:
        """Every source that ever ran or was saved: its state, and its definition if it came through the API."""
        nodes = self.database.get(paths.SOURCES) or {}
        return {name: (state_from(node.get("state")), node.get("definition")) for name, node in nodes.items()}

    def state(self, source: str) -> tuple[SourceState, str | None]:
        """The state of one source and its saved definition."""
        node = self.database.get(paths.source(source)) or {}
        return state_from(node.get("state")), node.get("definition")

    def pages(self, source: str) -> dict[str, PageState]:
        """The list pages of `source`, by key."""
        nodes = self.database.get(f"{paths.PAGES}/{source}") or {}
        return {key: page_from(node) for key, node in nodes.items()}

    def prints(self, source: str, pages: Collection[str] | None = None) -> dict[str, Print]:
        """What is remembered of the records of `pages`, or of all, by id: so a run reads as much as changed."""
        if pages is None or len(pages) > PAGES_SINGLY:
            nodes = self.database.get(f"{paths.ROWS}/{source}") or {}
        else:
            nodes = {page: self.database.get(paths.rows(source, page)) or {} for page in pages}
        return {
            key: print_from(page, node)
            for page, rows in nodes.items()
            if pages is None or page in pages
            for key, node in rows.items()
        }

    def forgotten(self, collection: str) -> frozenset[str]:
        """The ids that no run shall take."""
        return frozenset(self.database.names(f"{paths.FORGOTTEN}/{collection}"))

    def runs(self, source: str, *, limit: int) -> list[RunRecord]:
        """The last `limit` runs of `source`, the latest first."""
        found = self.database.query(f"{paths.RUNS}/{source}", limit=limit, descending=True)
        return [run_from(node) for _, node in found]

    def run(self, source: str, run: str) -> RunRecord | None:
        """One run, None if there is none."""
        node = self.database.get(paths.run(source, run))
        return run_from(node) if node else None

    # what a run writes

    def note(self, record: RunRecord, lease: Lease | None = None) -> None:
        """Writes a run record, under the fence of its lease where it has one. Raises LostLease."""
        node = run_node(record, lease.fence if lease else None)
        self.guarded(lease, {paths.run(record.source, record.run): node})

    def queue(self, record: RunRecord) -> None:
        """Notes and counts a run that waits for its turn, and that its source need not be queued again."""
        state = f"{paths.source(record.source)}/state"
        self.database.update(
            {
                paths.run(record.source, record.run): run_node(record, None),
                f"{state}/queued": record.run,
                f"{state}/queued_ms": record.started_ms,
                f"{state}/capped_ms": None,
                **counted(record.source, record.started_ms),
            }
        )

    def rest(self, sources: Iterable[str], until_ms: int) -> None:
        """Notes that these sources have no run left until then."""
        self.database.update({f"{paths.source(source)}/state/capped_ms": until_ms for source in sources})

    def set_state(self, source: str, **changes: Any) -> None:
        """Changes single values of a source's state, such as `paused`."""
        at = f"{paths.source(source)}/state"
        self.database.update({f"{at}/{name}": value for name, value in changes.items()})

    def define(self, source: str, definition: str | None) -> None:
        """Keeps, or with None removes, a definition that came through the API."""
        self.database.update({f"{paths.source(source)}/definition": definition})

    def remove(self, source: str, *, now_ms: int) -> None:
        """Forgets a source: its definition, state, pages and prints. What it gathered stays, and may then be edited."""
        collections = [c.name for c in self.store.collections() if c.source == source]
        for name in collections:
            commit(
                self.database, name, lambda _: Draft(summary={"source": None, "fresh": None}), by=source, now_ms=now_ms
            )
        gone = (paths.source(source), f"{paths.ROWS}/{source}", f"{paths.PAGES}/{source}", f"{paths.RUNS}/{source}")
        self.database.update(dict.fromkeys(gone))

    def finish(self, lease: Lease, record: RunRecord, state: SourceState, collection: str | None = None) -> None:
        """Ends a run that changes no record: its record, the state, the collection's freshness. Raises LostLease."""
        self.guarded(lease, ending(lease, record, state, collection))

    def guarded(self, lease: Lease | None, update: Mapping[str, Any]) -> None:
        """Writes `update`, which carries the fence of `lease`. Raises LostLease where another run has a later one."""
        try:
            self.database.update(update)
        except Denied as error:
            self.explain(lease, error)

    def explain(self, lease: Lease | None, error: Denied) -> NoReturn:
        """Raises LostLease if that is why the rules refused, else `error`."""
        holder = self.holder(lease.source) if lease else None
        if lease and holder and holder.fence != lease.fence:
            raise LostLease(f"run {lease.run} of {lease.source} lost its lease to {holder.run}") from error
        raise error

    # retention

    def prune_runs(self, source: str, keep: int) -> int:
        """Deletes all but the last `keep` runs of a source; returns how many."""
        names = self.database.names(f"{paths.RUNS}/{source}")[:-keep]
        self.database.update({paths.run(source, name): None for name in names})
        return len(names)

    def prune_changes(self, collection: str, before_ms: int, *, batch: int = PRUNE_BATCH) -> int:
        """Deletes log entries from before `before_ms`, oldest first; returns how many. The floor moves first."""
        gone = 0
        while True:
            old = [c for c in self.store.changes(collection, limit=batch) if c.at_ms < before_ms]
            if not old:
                return gone
            self.database.update({f"{paths.collection(collection)}/floor": old[-1].at_ms + 1})
            self.database.update({paths.change(collection, change.key): None for change in old})
            gone += len(old)


def _with_until(node: Any, lease: Lease, until_ms: int) -> Any:
    if not node or node["fence"] != lease.fence:
        return None
    return {**node, "until": until_ms}


def ending(lease: Lease, record: RunRecord, state: SourceState, collection: str | None) -> dict[str, Any]:
    """What ends a run: its record under its fence, the source's state, and the freshness of its collection."""
    node = state_node(state)
    at = f"{paths.source(lease.source)}/state"
    update: dict[str, Any] = {
        paths.run(record.source, record.run): run_node(record, lease.fence),
        **{f"{at}/{item.name}": node.get(item.name) for item in fields(SourceState) if item.name not in NOT_A_RUNS},
    }
    if collection:
        update |= {f"{paths.collection(collection)}/{key}": value for key, value in freshness(state).items()}
    return update


def freshness(state: SourceState) -> dict[str, Any]:
    """The entry of a collection's summary that tells readers how fresh it is."""
    fresh = {"fetched": state.last_success_ms, "status": state.status, "next": state.next_run_ms}
    return {"fresh": {name: value for name, value in fresh.items() if value is not None}}
