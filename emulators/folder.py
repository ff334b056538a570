"""The data folder: one suite at a time, and a note of where it answers, for those who want to join.

Facts relied on: a file lock (flock) ends with its process however that ends, so a note without a lock is a stale one.
Knows nothing of what else is kept in the folder.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path

from emulators.errors import MachineError

LOCK = "suite.lock"
NOTE = "serve.json"


class DataFolder:
    """The folder while this process has it."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder; MachineError when another suite has it or it cannot be written."""
        self.path = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise MachineError(f"{folder} cannot be used ({error.strerror}): choose another with --data") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise MachineError(f"{folder} is in use by another suite: stop it or choose another with --data") from error

    def announce(self, note: Mapping[str, object]) -> None:
        """Writes where the suite answers."""
        draft = self.path / f"{NOTE}.new"
        draft.write_text(json.dumps(note), encoding="utf-8")
        draft.replace(self.path / NOTE)

    def release(self) -> None:
        """Gives the folder back."""
        (self.path / NOTE).unlink(missing_ok=True)
        os.close(self._lock)


def running(folder: Path) -> dict[str, object] | None:
    """Where the suite that has the folder answers; None when none has it, or it is not ready."""
    try:
        lock = os.open(folder / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            note: dict[str, object] = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return note
    finally:
        os.close(lock)
    return None
