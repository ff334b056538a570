"""The database as a child of the suite: its start, its address, its rules.

Knows of the database only its command line, the line it prints when it answers, and its settings address.
"""

import os
import sys
from collections.abc import Iterable

import aiohttp

from emulators.children import Child
from emulators.errors import MachineError
from emulators.functions.manifest import Endpoint
from emulators.listening import Address, listen
from emulators.settings import Settings

ANSWERS = "database http://"
STOP_S = 0.7  # it has nothing to save: what it acknowledged is on disk
DATABASE_EVENTS = "google.firebase.database.ref.v1."
OWNER = {"Authorization": "Bearer owner"}


class DatabaseProcess:
    """The running database."""

    def __init__(self, child: Child, settings: Settings) -> None:
        self.child = child
        self._settings = settings
        self.address: Address | None = None  # None until it is known: with port 0 when it answers
        self._has_answered = False

    @classmethod
    async def start(cls, settings: Settings, rules: str, functions: Address) -> "DatabaseProcess":
        """Starts it and waits no longer than it takes to know its address; MachineError when the port is busy."""
        if settings.database_port:
            listen(settings.host, settings.database_port, "--database-port").close()
        child = await Child.start(
            "database",
            "emulators.leash",
            [
                "emulators.database",
                *("--host", settings.host, "--port", str(settings.database_port)),
                *("--data", str(database_folder(settings)), "--rules", str(settings.folder / rules)),
                *("--functions", str(functions), "--project", settings.project),
            ],
            env=os.environ,
        )
        database = cls(child, settings)
        if settings.database_port:
            database.address = Address(settings.host, settings.database_port)
        else:
            await database.answers()
        return database

    async def answers(self) -> None:
        """Waits until the database answers, once; MachineError when it ends instead."""
        if self._has_answered:
            return
        while not (line := await self.child.line()).startswith(ANSWERS):
            print(line, file=sys.stderr, flush=True)
        host, _, port = line.removeprefix(ANSWERS).rpartition(":")
        self.address = Address(host.strip("[]"), int(port))
        self._has_answered = True

    async def load_rules(self, text: bytes) -> str | None:
        """Puts security rules in place; the database's complaint where they are wrong, and the old ones stay."""
        assert self.address is not None  # rules are loaded after it answered
        url = f"{self.address.origin}/.settings/rules.json?ns={self._settings.namespace}"
        async with aiohttp.ClientSession() as client, client.put(url, data=text, headers=OWNER) as answer:
            if answer.status == 200:
                return None
            return str((await answer.json(content_type=None))["error"])

    async def register(self, endpoints: Iterable[Endpoint]) -> None:
        """Tells the database which functions, and no others, wait for its changes; MachineError when it refuses one."""
        assert self.address is not None  # functions are registered after it answered
        url = f"{self.address.origin}/.settings/functionTriggers.json"
        all_of_them = [registration(self._settings.project, endpoint) for endpoint in endpoints]
        async with aiohttp.ClientSession(headers=OWNER) as client, client.put(url, json=all_of_them) as answer:
            if answer.status != 200:
                text = str((await answer.json(content_type=None))["error"])
                raise MachineError(f"the database refuses the functions' triggers: {text}")

    async def stop(self) -> None:
        """Ends it."""
        await self.child.stop(STOP_S)


def listens(endpoint: Endpoint) -> bool:
    """Whether a function waits for changes of the database."""
    return str(endpoint.trigger.get("eventType", "")).startswith(DATABASE_EVENTS)


def registration(project: str, endpoint: Endpoint) -> dict[str, str]:
    """A function's trigger as the official functions emulator names it."""
    exact, patterns = endpoint.trigger.get("eventFilters") or {}, endpoint.trigger.get("eventFilterPathPatterns") or {}
    return {
        "name": f"projects/{project}/locations/{endpoint.region}/triggers/{endpoint.id}-0",
        "path": patterns.get("ref") or exact.get("ref") or "",
        "event": endpoint.trigger["eventType"],
        "topic": f"projects/{project}/topics/{endpoint.id}",
        "namespacePattern": patterns.get("instance") or exact.get("instance") or "*",
    }


def database_folder(settings: Settings) -> str:
    """The database's own part of the data folder."""
    return str(settings.data / "database")
