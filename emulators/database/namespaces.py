"""All databases of one server: finds them by name, opens the data folder, keeps two servers apart.

Each namespace has its own tree, journal, indexes, rules and listeners. One that was never written has no folder.
Knows nothing of HTTP, nor of what is in the data.
"""

from __future__ import annotations

import fcntl
import os
import random
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from emulators.database.database import Database
from emulators.database.errors import UnknownDatabase
from emulators.database.push_ids import PushIds
from emulators.database.rules import parse
from emulators.database.storage import Storage, StorageError, Warn
from emulators.database.tree import Tree
from emulators.database.triggers import Trigger, Triggers
from emulators.database.wall_clock import now_ms

MAX_NAMESPACES = 100  # a local project has a few; without a bound every misspelt `?ns=` would stay in memory
CLOSED_RULES = '{"rules": {".read": false, ".write": false}}'
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class Namespaces:
    """The open databases by name. Without a folder they live in memory only."""

    def __init__(
        self,
        folder: Path | None,
        *,
        rules_text: str = CLOSED_RULES,
        send: Callable[[Trigger, dict[str, Any]], None],
        warn: Warn,
    ) -> None:
        """Open what the folder holds. Raises StorageError, also if another server has it open, and RulesError."""
        self._folder = folder
        self._rules = parse(rules_text)
        self._rules_text = rules_text
        self._own_rules_text: dict[str, str] = {}
        self._send = send
        self._warn = warn
        self._open: dict[str, Database] = {}
        self._storages: list[Storage] = []
        self._triggers: list[Triggers] = []
        self._registered: dict[tuple[str, str, str], Trigger] = {}
        self._lock = _locked(folder) if folder else -1
        for name in sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder else ():
            try:
                self.get(name)
            except UnknownDatabase as error:
                raise StorageError(
                    f"--data {folder} holds more than databases ({error}); use another folder"
                ) from error

    def get(self, name: str) -> Database:
        """The database of that name, made if need be. Raises UnknownDatabase for a name that can't be one."""
        database = self._open.get(name)
        if database:
            return database
        if not _NAME.fullmatch(name):
            raise UnknownDatabase(
                f"database name {name[:100]!r} is not valid; it has letters, digits, '-' and '_' only"
            )
        if len(self._open) >= MAX_NAMESPACES:
            raise UnknownDatabase(
                f"there are {MAX_NAMESPACES} databases already, the most one server holds; is {name!r} right?"
            )
        return self._make(name)

    def names(self) -> list[str]:
        """The names of all databases."""
        return sorted(self._open)

    def rules_text(self, name: str) -> str:
        """The rules of a database as they were uploaded."""
        return self._own_rules_text.get(name, self._rules_text)

    def set_rules(self, name: str, text: str) -> None:
        """Give a database new rules, from now until the server stops. Raises RulesError and then keeps the old."""
        database = self.get(name)
        database.rules = parse(text)
        self._own_rules_text[name] = text

    def register(self, trigger: Trigger) -> None:
        """Tell the trigger of changes in every database it is meant for, also in those yet to come."""
        self._registered[trigger.identity] = trigger
        for triggers in self._triggers:
            triggers.register(trigger)

    def register_only(self, wanted: Iterable[Trigger]) -> None:
        """Register these triggers and forget all others."""
        self._registered.clear()
        for triggers in self._triggers:
            triggers.clear()
        for trigger in wanted:
            self.register(trigger)

    def close(self) -> None:
        """Close all files and let go of the data folder."""
        for storage in self._storages:
            storage.close()
        if self._lock >= 0:
            os.close(self._lock)

    def _make(self, name: str) -> Database:
        storage = Storage(self._folder / name, self._warn) if self._folder else None
        triggers = Triggers(name, self._send, self._warn)
        for trigger in self._registered.values():
            triggers.register(trigger)
        database = Database(
            name,
            tree=storage.load() if storage else Tree(),
            journal=storage,
            rules=self._rules,
            clock_ms=now_ms,
            push_ids=PushIds(random.SystemRandom().randrange),
            triggers=triggers,
        )
        self._open[name] = database
        self._triggers.append(triggers)
        if storage:
            self._storages.append(storage)
        return database


def _locked(folder: Path) -> int:
    """Make the data folder ours until the process ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StorageError(f"--data {folder}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        owner = os.read(lock, 20).decode(errors="replace").strip()
        os.close(lock)
        raise StorageError(
            f"--data {folder} is in use by the database with process id {owner}; stop it or use another folder"
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, b"%d\n" % os.getpid(), 0)
    return lock
