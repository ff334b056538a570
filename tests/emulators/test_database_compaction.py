"""Compaction: it loses nothing, killed or failed; snapshots are written in pieces of bounded size."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from emulators.database.compaction import PIECE_NODES, compact, pieces
from emulators.database.journal import HEADER, encode_record
from emulators.database.json_form import from_json, to_json
from emulators.database.overlay import Write
from emulators.database.storage import JOURNAL_PREFIX, SNAPSHOT_PREFIX, StorageError, numbered
from emulators.database.tree import Tree
from tests.emulators.journals import WRITES, journal, opened, record, states

pytestmark = pytest.mark.slow


def test_ours_compaction_keeps_everything_and_leaves_little(tmp_path: Path) -> None:
    _, storage, _ = opened(tmp_path, compact_from_bytes=20_000)
    expected: dict[str, Any] = {}
    for n in range(300):
        expected = {**expected, f"k{n % 7}": {"n": n, "text": "x" * 500}}
        storage.append(record({f"k{n % 7}": expected[f"k{n % 7}"]}))
        if n % 60 == 59:
            storage.wait_for_compaction()
    storage.wait_for_compaction()
    storage.close()
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert size < 60_000 < 300 * 500
    assert len(numbered(tmp_path, SNAPSHOT_PREFIX)) == 1
    assert opened(tmp_path)[0] == expected


def test_ours_a_compaction_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    _, storage, warnings = opened(tmp_path, compact_from_bytes=1)
    for update in WRITES:
        storage.append(record(update))
    storage.close()  # kills the one that runs
    assert opened(tmp_path)[0] == states()[-1]
    assert warnings == []


def test_ours_a_compaction_that_fails_is_reported_and_loses_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, storage, warnings = opened(tmp_path, compact_from_bytes=1)
    storage.append(record(WRITES[0]))
    storage.wait_for_compaction()
    (snapshot,) = numbered(tmp_path, SNAPSHOT_PREFIX).values()
    good = snapshot.read_bytes()
    snapshot.write_bytes(b"rubbish\n")
    for update in WRITES[1:]:
        storage.append(record(update))
    storage.wait_for_compaction()
    storage.close()
    reason = f"{snapshot}: it is no file of this database. Use another data folder, or the version that wrote it"
    assert warnings == [f"{tmp_path}: compaction failed ({reason}); nothing is lost, it is tried again later"]
    assert capfd.readouterr().err == ""  # and no traceback beside it
    snapshot.write_bytes(good)
    assert opened(tmp_path)[0] == states()[-1]


def test_ours_a_compaction_that_cannot_start_fails_no_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, storage, warnings = opened(tmp_path, compact_from_bytes=1)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        storage.append(record(WRITES[0]))
    for update in WRITES[1:]:
        storage.append(record(update))
    storage.wait_for_compaction()
    storage.close()
    reason = "[Errno 2] No such file or directory: '/nowhere/python'"
    assert warnings == [f"{tmp_path}: compaction failed ({reason}); nothing is lost, it is tried again later"]
    assert opened(tmp_path)[0] == states()[-1]


def test_ours_a_late_snapshot_of_a_server_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    journal(tmp_path).write_bytes(HEADER + record(WRITES[0]))
    journal(tmp_path, 2).write_bytes(HEADER + record(WRITES[1]))
    _, storage, _ = opened(tmp_path)
    assert compact(tmp_path, 1).name == f"{SNAPSHOT_PREFIX}00000001"
    storage.append(record(WRITES[2]))
    storage.close()
    state, storage, _ = opened(tmp_path)
    storage.close()
    assert state == states()[3]
    assert list(numbered(tmp_path, JOURNAL_PREFIX)) == [2]


def test_ours_a_compaction_that_finds_its_journals_deleted_makes_no_snapshot(tmp_path: Path) -> None:
    journal(tmp_path, 2).write_bytes(HEADER + record(WRITES[1]))
    with pytest.raises(StorageError, match="a journal after snapshot 0 is missing"):
        compact(tmp_path, 2)
    assert numbered(tmp_path, SNAPSHOT_PREFIX) == {}


def put_together(parts: list[list[Write]]) -> Any:
    """What a tree holds after the writes."""
    tree = Tree()
    for path, raw in chain.from_iterable(parts):
        tree.put(path, raw)
    return to_json(tree.view(), export=True)


def test_ours_a_big_tree_is_written_in_pieces_of_bounded_size() -> None:
    value = {
        "many": {f"k{n}": {"a": 1, "b": 2} for n in range(2 * PIECE_NODES)} | {".priority": 3},
        "one": 1,
        "wide": dict.fromkeys([f"w{n}" for n in range(3 * PIECE_NODES)], True),
    }
    parts = list(pieces(from_json(value)))
    assert max(len(encode_record(part)) for part in parts) < 25 * PIECE_NODES
    assert len(parts) > 5
    assert put_together(parts) == to_json(Tree(from_json(value)).view(), export=True)


def test_ours_long_texts_are_written_in_pieces_of_bounded_size() -> None:
    value = {f"k{n}": {"text": "x" * 300_000, ".priority": 1} for n in range(20)} | {"long": "y" * 3_000_000}
    parts = list(pieces(from_json(value)))
    assert max(len(encode_record(part)) for part in parts) < 3_100_000
    assert len(parts) > 5
    assert put_together(parts) == value
