"""A store on a database emulator of its own, for tests in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kindling.store import Store
from kindling.store.client import Database

from tests.live import database


@contextmanager
def live_store(name: str, host: str | None = None) -> Iterator[Store]:
    """A store spoken to by the SDK's app `name`; on the database at `host`, or on one that ends with the block."""
    if host is None:
        with database() as own, live_store(name, own) as made:
            yield made
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIREBASE_DATABASE_EMULATOR_HOST", host)
        patch.delenv("FIREBASE_CONFIG", raising=False)
        kept = Database(name=name)
        yield Store(kept)
        kept.close()
