"""One namespace on disk: appends records to a journal, reads them back, has old ones compacted.

A folder holds at most one `snapshot-N`, which says what journals up to N said, and journals above N. A write is safe
from `kill -9` once `append` has returned: all its bytes were handed to the system. Only the end of the last journal
can be torn by a crash; it is reported and cut. Damage anywhere else is refused rather than guessed at.
Compaction runs in a process of its own on journals that are no longer written, so writers never wait for it.

Knows nothing of requests, rules or listeners.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from emulators.database.journal import HEADER, BadJournal, is_torn, records
from emulators.database.tree import Tree

JOURNAL_PREFIX = "journal-"
SNAPSHOT_PREFIX = "snapshot-"
COMPACT_FROM_BYTES = 8 * 1024 * 1024  # below this a journal is read in a blink and not worth a second process

Warn = Callable[[str], None]


class StorageError(Exception):
    """The data on disk can't be read or written; the text names the file and what to do."""


def numbered(folder: Path, prefix: str) -> dict[int, Path]:
    """The files of a folder that are named PREFIX and a number, in ascending order."""
    found = ((entry.name.removeprefix(prefix), entry) for entry in folder.glob(prefix + "*"))
    return dict(sorted((int(number), entry) for number, entry in found if number.isdigit()))


def replay(tree: Tree, file: Path, *, mend: Warn | None = None) -> int:
    """Apply a file's records to the tree and return how many of its bytes are whole.

    With `mend`, which is told of it, a torn end is cut off: that is for the last journal. Other damage is StorageError.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise StorageError(f"{file}: {error.strerror}") from error
    end = 0
    try:
        for record in records(data):
            end = record.end
            for path, raw in record.writes:
                tree.put(path, raw)
    except BadJournal as error:
        raise StorageError(f"{file}: {error}. Use another data folder, or the version that wrote it") from error
    end = max(end, len(HEADER) if data.startswith(HEADER) else 0)
    if end < len(data):
        if mend is None or not is_torn(data[end:]):
            raise StorageError(f"{file} is damaged at byte {end}. Restore the folder from a copy, or import an export")
        mend(f"{file}: the last {len(data) - end} bytes are of a write that was never acknowledged; they are cut off")
        os.truncate(file, end)
    return end


def sources(folder: Path, up_to: int | None = None) -> tuple[Path | None, int, dict[int, Path]]:
    """The newest snapshot, its number (0 without one) and the journals that follow it, `up_to` a number if given.

    Raises StorageError if a journal between them is missing: a compaction that outlived its server may look while the
    next server deletes what another snapshot covers, and must not take the rest for everything.
    """
    snapshots = numbered(folder, SNAPSHOT_PREFIX)
    base = max((n for n in snapshots if not up_to or n <= up_to), default=0)
    found = numbered(folder, JOURNAL_PREFIX)
    journals = {n: file for n, file in found.items() if n > base and (not up_to or n <= up_to)}
    if list(journals) != list(range(base + 1, (up_to or max(journals, default=base)) + 1)):
        raise StorageError(f"{folder}: a journal after snapshot {base} is missing. Restore the folder from a copy")
    return snapshots.get(base), base, journals


class Storage:
    """The folder of one namespace, open for writing."""

    def __init__(self, folder: Path, warn: Warn, compact_from_bytes: int = COMPACT_FROM_BYTES) -> None:
        self._folder = folder
        self._warn = warn
        self._compact_from_bytes = compact_from_bytes
        self._file = -1
        self._number = 0
        self._size = 0  # of the present journal
        self._sealed_bytes = 0  # of journals before it that no snapshot covers
        self._outgrown_bytes = 0  # more than this is compacted: the snapshot's size, or twice what a failed one had
        self._compactor: subprocess.Popen[str] | None = None

    def load(self) -> Tree:
        """Read everything back. The folder is made by the first write."""
        snapshot, base, journals = sources(self._folder)
        tree = Tree()
        if snapshot:
            self._outgrown_bytes = replay(tree, snapshot)
        self._number = max(journals, default=base + 1)
        sizes = [replay(tree, file, mend=self._warn if n == self._number else None) for n, file in journals.items()]
        self._sealed_bytes = sum(sizes[:-1])
        self._remove_covered()
        if journals:
            self._open(self._number)
        return tree

    def append(self, record: bytes) -> None:
        """Put a record into the journal; when this returns, a killed process loses nothing of it.

        Raises StorageError, and then the journal is as it was.
        """
        try:
            if self._file < 0:
                self._open(self._number)
            _write_all(self._file, record)
        except OSError as error:
            if self._file >= 0:
                os.ftruncate(self._file, self._size)
            raise StorageError(f"the write could not be saved in {self._folder}: {error.strerror}") from error
        self._size += len(record)
        try:
            self._compact_if_due()
        except (OSError, StorageError) as error:  # the write is safe, so it must not fail for this
            self._postpone(str(error))

    def close(self) -> None:
        """Stop a running compaction (it is done again another time) and close the journal."""
        if self._compactor:
            self._compactor.kill()
            self._compactor.communicate()
        if self._file >= 0:
            os.close(self._file)

    def wait_for_compaction(self) -> None:
        """Return when no compaction is running."""
        if self._compactor:
            self._finish_compaction(self._compactor)

    def _open(self, number: int) -> None:
        """Go on in the journal of that number; if it can't be opened, nothing has changed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = os.open(self._folder / f"{JOURNAL_PREFIX}{number:08d}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(file).st_size
            if not size:
                _write_all(file, HEADER)
        except OSError:
            os.ftruncate(file, 0)
            os.close(file)
            raise
        self._file, self._number, self._size = file, number, size or len(HEADER)

    def _compact_if_due(self) -> None:
        if self._compactor:
            if self._compactor.poll() is not None:
                self._finish_compaction(self._compactor)
        elif self._size + self._sealed_bytes > max(self._compact_from_bytes, self._outgrown_bytes):
            self._start_compaction()

    def _start_compaction(self) -> None:
        sealed, file, size = self._number, self._file, self._size
        self._open(sealed + 1)
        os.close(file)
        self._sealed_bytes += size
        command = [sys.executable, "-m", "emulators.database.compaction", str(self._folder), str(sealed)]
        root = Path(__file__).parents[2]
        self._compactor = subprocess.Popen(  # noqa: S603  # this Python, a module of this project, two arguments
            command,
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,  # a few lines at most, so that it never waits for a reader
            text=True,
        )

    def _finish_compaction(self, compactor: subprocess.Popen[str]) -> None:
        _, complaint = compactor.communicate()
        self._compactor = None
        if compactor.returncode:
            self._postpone(complaint.strip() or f"exit {compactor.returncode}")
            return
        snapshot, _, _ = sources(self._folder)
        self._outgrown_bytes = snapshot.stat().st_size if snapshot else 0
        self._sealed_bytes = 0
        self._remove_covered()

    def _postpone(self, reason: str) -> None:
        """Report a compaction that failed, and try again when there is twice as much to do."""
        self._warn(f"{self._folder}: compaction failed ({reason}); nothing is lost, it is tried again later")
        self._outgrown_bytes = 2 * (self._size + self._sealed_bytes)

    def _remove_covered(self) -> None:
        """Delete files that the newest snapshot makes needless, and what broken compactions left."""
        _, base, _ = sources(self._folder)
        covered = [file for number, file in numbered(self._folder, JOURNAL_PREFIX).items() if number <= base]
        older = [file for number, file in numbered(self._folder, SNAPSHOT_PREFIX).items() if number < base]
        for file in [*covered, *older, *self._folder.glob("*.part")]:
            file.unlink(missing_ok=True)


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def write_atomically(target: Path, parts: Iterable[bytes]) -> None:
    """Make a file that is there wholly or not at all, also after a power cut."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        for data in parts:
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
