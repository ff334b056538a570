"""A store on a database emulator of its own, for tests in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kindling.store import Store, paths
from kindling.store.client import Database

from tests.live import database


@contextmanager
def live_store(host: str | None = None) -> Iterator[Store]:
    """A store on the database at `host`, or on one that ends with the block."""
    if host is None:
        with database() as own, live_store(own) as made:
            yield made
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIREBASE_DATABASE_EMULATOR_HOST", host)
        patch.delenv("FIREBASE_CONFIG", raising=False)
        kept = Database()
        kept.get(paths.META_SCHEMA)  # so that it stays with this database, whatever the environment says later
        yield Store(kept)
        kept.close()
