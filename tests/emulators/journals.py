"""Writes, their records, and a data folder opened, for the tests of what is on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emulators.database.journal import encode_record
from emulators.database.json_form import from_json, to_json
from emulators.database.keys import parse_path
from emulators.database.storage import JOURNAL_PREFIX, Storage
from emulators.database.tree import Tree

WRITES: list[dict[str, Any]] = [
    {"a/b": {"c": 1, ".priority": 2}},
    {"a/b/d": "é" * 50, "x": [1, 2, 3]},
    {"x/1": None, "a/b/.priority": "p"},
    {"n": -1.5, "big": 2**63 - 1},
]


def record(update: dict[str, Any]) -> bytes:
    """A write as a journal has it."""
    return encode_record([(parse_path(path), _raw(path, value)) for path, value in update.items()])


def _raw(path: str, value: Any) -> Any:
    return value if path.endswith(".priority") else from_json(value)


def states() -> list[Any]:
    """What there is after none, one, two … of the writes."""
    tree = Tree()
    seen = [to_json(tree.view(), export=True)]
    for update in WRITES:
        for path, value in update.items():
            tree.put(parse_path(path), _raw(path, value))
        seen.append(to_json(tree.view(), export=True))
    return seen


def opened(folder: Path, **options: Any) -> tuple[Any, Storage, list[str]]:
    """What a folder holds when it is opened, the open storage, and what was reported."""
    warnings: list[str] = []
    storage = Storage(folder, warnings.append, **options)
    return to_json(storage.load().view(), export=True), storage, warnings


def journal(folder: Path, number: int = 1) -> Path:
    """The journal of that number."""
    return folder / f"{JOURNAL_PREFIX}{number:08d}"
