"""A run whose result takes several commits: it reads no more of the database than what it may overwrite."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from kindling.store import Store
from kindling.store.results import BATCH_RECORDS

from tests.runs.scene import Scene, listing, told

COUNT = 2 * BATCH_RECORDS + 10


def test_ours_only_records_that_may_be_there_are_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    read = Store.read

    def counting(store: Store, name: str, keys: Iterable[str | None]) -> Any:
        wanted = list(keys)
        asked.append(len(wanted))
        return read(store, name, wanted)

    monkeypatch.setattr(Store, "read", counting)
    prices: dict[str, float | None] = {f"n{number}": number for number in range(COUNT)}
    scene.show(listing(prices))
    assert told(scene.run()) == ("ok", COUNT, COUNT, 0, 0)
    assert sum(asked) == 0
    prices["n7"], prices["new"] = 0.5, 1.0
    scene.show(listing(prices))
    assert told(scene.run()) == ("ok", COUNT + 1, 1, 1, 0)
    assert sum(asked) == 2
