"""What is on disk: every torn end is found and cut, damage elsewhere is refused, compaction loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.database.compaction import PIECE_NODES, compact, pieces
from emulators.database.journal import FORMAT, HEADER, BadJournal, encode_record, records
from emulators.database.json_form import BadValue, from_json, to_json
from emulators.database.keys import parse_path
from emulators.database.overlay import Write
from emulators.database.storage import JOURNAL_PREFIX, SNAPSHOT_PREFIX, Storage, StorageError, numbered
from emulators.database.tree import Tree
from tests.emulators.database_server import ROOT, DatabaseServer

pytestmark = pytest.mark.slow

WRITES: list[dict[str, Any]] = [
    {"a/b": {"c": 1, ".priority": 2}},
    {"a/b/d": "é" * 50, "x": [1, 2, 3]},
    {"x/1": None, "a/b/.priority": "p"},
    {"n": -1.5, "big": 2**63 - 1},
]


def record(update: dict[str, Any]) -> bytes:
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
    return folder / f"{JOURNAL_PREFIX}{number:08d}"


def test_ours_every_torn_end_leaves_the_writes_before_it_and_goes_on(tmp_path: Path) -> None:
    parts = [HEADER, *map(record, WRITES)]
    whole = b"".join(parts)
    ends = [sum(map(len, parts[:n])) for n in range(1, len(parts) + 1)]
    for length in range(len(whole) + 1):
        folder = tmp_path / str(length)
        folder.mkdir()
        journal(folder).write_bytes(whole[:length])
        complete = sum(end <= length for end in ends)
        state, storage, warnings = opened(folder)
        assert state == states()[max(complete - 1, 0)]
        assert bool(warnings) is (length not in (0, *ends))
        storage.append(record({"more": 1}))
        storage.close()
        again, storage, warnings = opened(folder)
        storage.close()
        assert (again, warnings) == ({**(state or {}), "more": 1}, [])


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_ours_a_flipped_byte_is_never_taken_for_data(at: int, flip: int) -> None:
    data = bytearray(HEADER + b"".join(map(record, WRITES)))
    at = len(HEADER) + at % (len(data) - len(HEADER))
    data[at] ^= flip
    tree = Tree()
    for found in records(bytes(data)):
        for path, raw in found.writes:
            tree.put(path, raw)
    assert to_json(tree.view(), export=True) in states()[: len(WRITES)]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_ours_a_flipped_byte_before_the_last_write_is_refused_and_nothing_is_cut(at: int, flip: int) -> None:
    parts = [HEADER, *map(record, WRITES)]
    data = bytearray(b"".join(parts))
    at = len(HEADER) + at % (len(data) - len(HEADER) - len(parts[-1]))
    data[at] ^= flip
    with TemporaryDirectory() as name:
        file = journal(Path(name))
        file.write_bytes(data)
        with pytest.raises(StorageError, match="is damaged at byte"):
            opened(Path(name))
        assert file.read_bytes() == data


@pytest.mark.parametrize(
    "torn",
    [lambda last: last[:-1], lambda last: last[:20] + bytes(len(last) - 20), lambda last: bytes(5000)],
    ids=["its last byte is missing", "its rest are zeros", "it is nothing but zeros"],
)
def test_ours_the_last_write_is_cut_off_where_a_power_cut_left_part_of_it(
    tmp_path: Path, torn: Callable[[bytes], bytes]
) -> None:
    *parts, last = [HEADER, *map(record, WRITES)]
    journal(tmp_path).write_bytes(b"".join(parts) + torn(last))
    state, storage, warnings = opened(tmp_path)
    storage.close()
    assert (state, len(warnings), journal(tmp_path).read_bytes()) == (states()[3], 1, b"".join(parts))


def test_ours_a_write_too_large_for_one_record_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulators.database.journal.MAX_RECORD_BYTES", 100)
    with pytest.raises(BadValue, match="at most 100 are kept; divide it"):
        record({"a": "x" * 100})


def damaged(folder: Path) -> None:
    journal(folder).write_bytes(HEADER + record(WRITES[0])[:-1])
    journal(folder, 2).write_bytes(HEADER + record(WRITES[1]))


def broken_snapshot(folder: Path) -> None:
    (folder / f"{SNAPSHOT_PREFIX}00000001").write_bytes(HEADER + record(WRITES[0]) + b"x")


def gap(folder: Path) -> None:
    for number in (1, 3):
        journal(folder, number).write_bytes(HEADER + record(WRITES[0]))


def newer(folder: Path) -> None:
    journal(folder).write_bytes(b"kindling-database %d\n" % (FORMAT + 1))


def foreign(folder: Path) -> None:
    journal(folder).write_bytes(b"SQLite format 3\x00" + bytes(100))


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (damaged, "is damaged at byte"),
        (broken_snapshot, "is damaged at byte"),
        (gap, "a journal after snapshot 0 is missing"),
        (newer, f"it has format {FORMAT + 1}; this version reads up to {FORMAT}"),
        (foreign, "it is no file of this database"),
    ],
    ids=[
        "damage before the last journal",
        "damage in a snapshot",
        "a missing journal",
        "a newer format",
        "a foreign file",
    ],
)
def test_ours_what_cannot_be_read_is_refused_and_left_as_it_is(
    tmp_path: Path, prepare: Callable[[Path], None], text: str
) -> None:
    prepare(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(StorageError, match=text):
        opened(tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_ours_a_header_alone_is_whole() -> None:
    assert list(records(HEADER)) == []
    with pytest.raises(BadJournal):
        list(records(b"kindling-database x\n"))


def test_ours_a_write_that_the_disk_refuses_is_an_error_and_leaves_the_journal_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, storage, _ = opened(tmp_path)
    storage.append(record(WRITES[0]))
    written = journal(tmp_path).read_bytes()

    real_write = os.write

    def full(file: int, data: Any) -> int:
        real_write(file, bytes(data[:5]))
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StorageError, match="No space left on device"):
            storage.append(record(WRITES[1]))
    assert journal(tmp_path).read_bytes() == written
    storage.append(record(WRITES[1]))
    storage.close()
    assert opened(tmp_path)[0] == states()[2]


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


def test_ours_a_compaction_that_fails_is_reported_and_loses_nothing(tmp_path: Path) -> None:
    _, storage, warnings = opened(tmp_path, compact_from_bytes=1)
    storage.append(record(WRITES[0]))
    storage.wait_for_compaction()
    for file in numbered(tmp_path, SNAPSHOT_PREFIX).values():
        file.write_bytes(b"rubbish\n")
    for update in WRITES[1:]:
        storage.append(record(update))
    storage.wait_for_compaction()
    storage.close()
    assert [text.split(": ", 1)[1] for text in warnings] == [
        "compaction failed (exit 1); nothing is lost, it is tried again later"
    ]


def test_ours_a_compaction_that_cannot_start_fails_no_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, storage, warnings = opened(tmp_path, compact_from_bytes=1)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(tmp_path / "none"))
        for update in WRITES[:1]:
            storage.append(record(update))
    for update in WRITES[1:]:
        storage.append(record(update))
    storage.wait_for_compaction()
    storage.close()
    assert len(warnings) == 1
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
    assert len(parts) > 5
    assert put_together(parts) == to_json(Tree(from_json(value)).view(), export=True)


def test_ours_long_texts_are_written_in_pieces_of_bounded_size() -> None:
    value = {f"k{n}": {"text": "x" * 300_000, ".priority": 1} for n in range(20)} | {"long": "y" * 3_000_000}
    parts = list(pieces(from_json(value)))
    assert max(len(encode_record(part)) for part in parts) < 3_100_000
    assert len(parts) > 5
    assert put_together(parts) == value


def test_ours_two_servers_never_share_a_data_folder(tmp_path: Path) -> None:
    with DatabaseServer("--data", str(tmp_path / "data")) as first:
        command = [sys.executable, "-m", "emulators.database", "--port", "0", "--data", str(tmp_path / "data")]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert second.returncode == 3
        assert f"is in use by the database with process id {first.process.pid}" in second.stderr
    with DatabaseServer("--data", str(tmp_path / "data")):
        pass
