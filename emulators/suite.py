"""The supervisor: starts everything, says where it answers, ends everything.

One asyncio process has Hosting, the functions port, the clock and the queue; the database and the functions' workers
are its children. Facts relied on: the ports are taken before anything starts, so a busy one costs nothing; the database
and the functions start side by side where the database's port is known beforehand.
"""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass

from emulators import web_server
from emulators.children import Child
from emulators.database_process import DatabaseProcess
from emulators.errors import ConfigError, MachineError
from emulators.folder import DataFolder
from emulators.functions.environment import Surroundings, ensure_secret, environment
from emulators.functions.front import Front
from emulators.functions.pool import Pool
from emulators.hosting.server import HostingServer
from emulators.hosting.site import Site
from emulators.listening import Address, address_of, listen
from emulators.settings import Settings

ADMIN_KEY = "ADMIN_KEY"  # the secret that the suite makes and shows


@dataclass
class Suite:
    """The parts of a running suite."""

    settings: Settings
    hosting: Address
    functions: Address
    database: DatabaseProcess | None
    pool: Pool
    front: Front
    pages: HostingServer
    admin_key: str


async def run(settings: Settings) -> None:
    """Runs the suite until it is cancelled; SuiteError when it does not start or one of its parts ends."""
    async with AsyncExitStack() as stack:
        folder = DataFolder(settings.data)
        stack.callback(folder.release)
        suite = await _start(settings, stack)
        announce(suite, folder)
        await _watch([] if suite.database is None else [suite.database.child])


async def _start(settings: Settings, stack: AsyncExitStack) -> Suite:
    if settings.config.hosting is None:
        raise ConfigError("firebase.json has no hosting section: add one with public and rewrites")
    hosting_socket = listen(settings.host, settings.port, "--port")
    functions_socket = listen(settings.host, settings.functions_port, "--functions-port")
    hosting, functions = address_of(hosting_socket), address_of(functions_socket)
    admin_key = ensure_secret(settings.secrets, ADMIN_KEY)
    database = None
    if settings.config.database is not None:
        database = await DatabaseProcess.start(settings, settings.config.database.rules, functions)
        stack.push_async_callback(database.stop)

    at = Surroundings(settings.project, hosting, functions, database.address if database else None, settings.namespace)
    pool = Pool(settings.functions, lambda: _environment(settings, at), settings.workers)
    stack.push_async_callback(pool.stop)
    front = Front(settings.project, pool)
    pages = HostingServer(Site(settings.folder, settings.config.hosting), front, str(functions))
    for listener, handler in ((functions_socket, front.handle), (hosting_socket, pages.handle)):
        runner = await web_server.serve(listener, handler)
        stack.push_async_callback(runner.cleanup)

    waits = [pool.renew()]
    if database is not None:
        waits.append(database.answers())
    await asyncio.gather(*waits)
    return Suite(settings, hosting, functions, database, pool, front, pages, admin_key)


def _environment(settings: Settings, at: Surroundings) -> dict[str, str]:
    extra = {"KINDLING_ALLOW": ",".join([str(at.hosting), *settings.allow])}
    if settings.sources is not None:
        extra["KINDLING_SOURCES"] = str(settings.sources)
    return environment(os.environ, at, settings.functions, settings.secrets, extra)


async def _watch(children: list[Child]) -> None:
    """Waits for ever; MachineError when a child ends."""
    if not children:
        await asyncio.Event().wait()
    waits = {asyncio.create_task(child.process.wait()): child for child in children}
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            raise MachineError(f"the {waits[task].name} ended with exit code {task.result()}: see its message above")
    finally:
        for task in waits:
            task.cancel()


def announce(suite: Suite, folder: DataFolder) -> None:
    """Says, for people and programs, where everything answers; the ready line is the last."""
    settings = suite.settings
    note = {
        "pid": os.getpid(),
        "project": settings.project,
        "namespace": settings.namespace,
        "hosting": str(suite.hosting),
        "functions": str(suite.functions),
        "database": str(suite.database.address) if suite.database else None,
        "secrets": str(settings.secrets),
    }
    folder.announce(note)
    lines = [
        "",
        f"Project {settings.project} runs here, with its data in {settings.data}. Ctrl-C stops it.",
        "",
        f"admin key {suite.admin_key}",
        f"functions {suite.functions.origin}",
    ]
    if suite.database and suite.database.address:
        lines.append(f"database {suite.database.address.origin}")
    lines.append(f"ready {suite.hosting.origin}")
    print("\n".join(lines), flush=True)


def warn(message: str) -> None:
    """Tells the person at the terminal of something that is wrong and does not stop the suite."""
    print(f"suite: {message}", file=sys.stderr, flush=True)
