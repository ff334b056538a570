"""What is on disk: every torn end is found and cut, damage elsewhere is refused."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.database.journal import FORMAT, HEADER, records
from emulators.database.json_form import BadValue, to_json
from emulators.database.storage import SNAPSHOT_PREFIX, StorageError
from emulators.database.tree import Tree
from tests.emulators.journals import WRITES, journal, opened, record, states


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


def unnumbered(folder: Path) -> None:
    journal(folder).write_bytes(b"kindling-database x\n")


def foreign(folder: Path) -> None:
    journal(folder).write_bytes(b"SQLite format 3\x00" + bytes(100))


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (damaged, "is damaged at byte"),
        (broken_snapshot, "is damaged at byte"),
        (gap, "a journal after snapshot 0 is missing"),
        (newer, f"it has format {FORMAT + 1}; this version reads up to {FORMAT}"),
        (unnumbered, "it is no file of this database"),
        (foreign, "it is no file of this database"),
    ],
    ids=[
        "damage before the last journal",
        "damage in a snapshot",
        "a missing journal",
        "a newer format",
        "a format that is no number",
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


def test_ours_a_write_that_the_disk_refuses_is_an_error_and_leaves_the_journal_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, storage, _ = opened(tmp_path)
    storage.append(record(WRITES[0]))
    written = journal(tmp_path).read_bytes()
    real_write = os.write

    def full(file: int, data: Any) -> int:
        real_write(file, bytes(data[:5]))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StorageError, match="No space left on device"):
            storage.append(record(WRITES[1]))
    assert journal(tmp_path).read_bytes() == written
    storage.append(record(WRITES[1]))
    storage.close()
    assert opened(tmp_path)[0] == states()[2]
