"""The tasks on disk: a file of records, one a line, appended before a task is acknowledged.

Facts relied on: one `write` of an appending file survives the process's death; a line cut off by it is the last and
was never acknowledged. A name stays taken for an hour after its task is gone, as in Cloud Tasks.
Knows nothing of what is sent, or when.
"""

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from emulators.tasks.task import Task
from emulators.terminal import say

NAME_KEPT_S = 3600.0
FORMAT = 1
COMPACT_AFTER = 2000  # records more than there are tasks and names, before the file is written anew


class Header(Struct, frozen=True, tag="header"):
    """The first line."""

    format: int


class Kept(Struct, frozen=True, tag="task"):
    """A task as it is now; a later line of the same task replaces it."""

    task: Task


class Gone(Struct, frozen=True, tag="gone"):
    """A task that succeeded, was given up or deleted, and when."""

    queue: str
    id: str
    at: float


Record = Header | Kept | Gone


class Journal:
    """The tasks of one data folder, in memory and on disk."""

    def __init__(self, file: Path, now: float) -> None:
        """Reads the file and writes it anew; ValueError when a newer suite wrote it."""
        self._file = file
        self._descriptor = -1  # none yet
        self.tasks: dict[tuple[str, str], Task] = {}
        self._gone: dict[tuple[str, str], float] = {}
        if file.exists():
            self._replay(file.read_bytes())
        self._compact(now)

    def is_taken(self, key: tuple[str, str], now: float) -> bool:
        """Whether a task of this name exists or did within the hour."""
        gone = self._gone.get(key)
        return key in self.tasks or (gone is not None and now - gone < NAME_KEPT_S)

    def keep(self, task: Task) -> None:
        """Records a task as it is now; it is safe when this returns."""
        self._append(Kept(task))
        self.tasks[task.key] = task

    def remove(self, key: tuple[str, str], now: float) -> None:
        """Records that a task is gone."""
        self._append(Gone(*key, now))
        del self.tasks[key]
        self._gone[key] = now
        if self._lines > len(self.tasks) + len(self._gone) + COMPACT_AFTER:
            self._compact(now)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._descriptor)

    def _append(self, record: Record) -> None:
        line = msgspec.json.encode(record) + b"\n"
        written = os.write(self._descriptor, line)
        if written != len(line):
            os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
            raise OSError(f"{self._file}: only {written} of {len(line)} bytes could be written: is the disk full?")
        self._lines += 1

    def _replay(self, data: bytes) -> None:
        *lines, rest = data.split(b"\n")
        if rest:
            say(f"{self._file.name}: a last record of {len(rest)} bytes was cut off and never acknowledged; dropped")
        for line in lines:
            record = msgspec.json.decode(line, type=Record)
            if isinstance(record, Header):
                if record.format > FORMAT:
                    raise ValueError(f"{self._file} was written by a newer version: use that, or another --data")
            elif isinstance(record, Kept):
                self.tasks[record.task.key] = record.task
            else:
                self.tasks.pop((record.queue, record.id), None)
                self._gone[record.queue, record.id] = record.at

    def _compact(self, now: float) -> None:
        """Writes what is still true into a new file and puts it in place."""
        self._gone = {key: at for key, at in self._gone.items() if now - at < NAME_KEPT_S}
        records: list[Record] = [Header(FORMAT)]
        records += [Gone(*key, at) for key, at in self._gone.items()]
        records += [Kept(task) for task in self.tasks.values()]
        draft = self._file.with_suffix(".new")
        draft.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
        draft.replace(self._file)
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND)
        self._lines = len(records)
