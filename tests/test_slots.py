"""Index slots: texts that sort as the values do."""

from __future__ import annotations

from typing import Any

from kindling.slots import slot


def test_ours_slots_order_as_values_do() -> None:
    numbers = [-(10**400), -1e300, -2, -0.5, 0, 0.5, 1, 10, 2**60, 10**400]
    values: list[Any] = [None, False, True, *numbers, "", "A", "a", "aa", "b", "é"]
    slots = [slot(value, "id") for value in values]
    slots += [slot([], "id"), slot(None, "id", missing=True), slot(0, "id", gone=True)]
    assert slots == sorted(slots)
    assert len(set(slots)) == len(slots)
    assert slot(1, "a") < slot(1, "b") < slot(2, "a")
    assert slot(0.0, "a") == slot(-0.0, "a")
