"""The supervisor: starts everything, says where it answers, follows the project's files, ends everything.

One asyncio process has Hosting, the functions port, the clock and the queue; the database and the functions' workers
are its children. Facts relied on: the ports are taken before anything starts, so a busy one costs nothing; the database
and the functions start side by side where the database's port is known beforehand.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from emulators import project, watch, web_server
from emulators.children import Child, how_it_ended
from emulators.clock.clock import Clock
from emulators.clock.time_source import RealTime
from emulators.database_process import DatabaseProcess, listens
from emulators.errors import ConfigError, MachineError, SuiteError
from emulators.folder import DataFolder
from emulators.functions.environment import Surroundings, ensure_secret, environment
from emulators.functions.front import Front
from emulators.functions.pool import Pool
from emulators.hosting.server import HostingServer
from emulators.hosting.site import Site
from emulators.listening import Address, address_of, listen
from emulators.settings import Settings
from emulators.tasks.server import TaskQueues, queue_name_fits
from emulators.terminal import say

ADMIN_KEY = "ADMIN_KEY"  # the secret that the suite makes and shows
KICKED = "scrape_due"  # the schedule that also fires when the suite is ready


@dataclass
class Suite:
    """The parts of a running suite."""

    settings: Settings
    hosting: Address
    functions: Address
    database: DatabaseProcess | None
    pool: Pool
    pages: HostingServer
    clock: Clock
    queues: TaskQueues
    admin_key: str

    async def functions_changed(self) -> None:
        """Brings clock, queues and triggers in line with the functions that are served.

        MachineError where the database refuses a trigger; it keeps those it has.
        """
        served = self.pool.manifest
        queues = served.of_kind("queue")
        for endpoint in queues:
            if not queue_name_fits(endpoint.name):
                say(f"the function {endpoint.name} gets no queue in production: its name may hold no underscore")
        if missing := sorted(self.pages.site.functions() - served.endpoints.keys()):
            say(f"firebase.json has rewrites to functions that main.py does not have: {', '.join(missing)}")
        for endpoint in served.of_kind("event"):
            if self.database is None or not listens(endpoint):
                say(f"the function {endpoint.name} waits for events that nothing here sends")
        if self.settings.schedule:
            self.clock.set(served.of_kind("schedule"))
        await self.queues.set(queues)
        if self.database is not None:
            await self.database.register(filter(listens, served.of_kind("event")))

    async def kick(self) -> None:
        """Fires the one schedule that should not wait for its time."""
        endpoint = self.pool.manifest.endpoints.get(KICKED)
        if self.settings.schedule and endpoint is not None and endpoint.kind == "schedule":
            await self.clock.fire(endpoint, datetime.now(UTC))


async def run(settings: Settings) -> None:
    """Runs the suite until it is cancelled; SuiteError when it does not start or one of its parts ends."""
    async with AsyncExitStack() as stack:
        folder = DataFolder(settings.data)
        stack.callback(folder.release)
        following = watch.changes(_watched(settings))
        stack.push_async_callback(following.aclose)
        await anext(following)  # it has begun: a file that changes while the suite starts counts too
        suite = await _start(settings, stack)
        announce(suite, folder)
        children = [] if suite.database is None else [suite.database.child]
        await _together(_guard(children), suite.pool.guard(), _follow(suite, following), suite.kick())


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
    pages = HostingServer(Site(settings.folder, settings.config.hosting), front, str(functions), settings.project)
    clock = Clock(lambda endpoint, headers: front.post(endpoint, headers, b"", endpoint.timeout_s), RealTime())
    queues = TaskQueues(settings.project, settings.data / "tasks.jsonl", front.post, RealTime())

    async def functions_port(request: web.Request) -> web.StreamResponse:
        return await (queues if queues.serves(request.path) else front).handle(request)

    for listener, handler in ((functions_socket, functions_port), (hosting_socket, pages.handle)):
        runner = await web_server.serve(listener, handler)
        stack.push_async_callback(runner.cleanup)
    stack.push_async_callback(queues.stop)
    stack.push_async_callback(clock.stop)

    await _together(pool.renew(), *([] if database is None else [database.answers()]))
    suite = Suite(settings, hosting, functions, database, pool, pages, clock, queues, admin_key)
    await suite.functions_changed()
    return suite


def _environment(settings: Settings, at: Surroundings) -> dict[str, str]:
    extra = {"KINDLING_ALLOW": ",".join([str(at.hosting), *settings.allow])}
    if settings.sources is not None:
        extra["KINDLING_SOURCES"] = str(settings.sources)
    return environment(os.environ, at, settings.functions, settings.secrets, extra)


async def _together(*parts: Coroutine[Any, Any, None]) -> None:
    """Runs the parts side by side; when one fails the others are cancelled and its error comes out."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _guard(children: list[Child]) -> None:
    """Waits for ever; MachineError when a child ends."""
    if not children:
        return
    waits = {asyncio.create_task(child.process.wait()): child for child in children}
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            raise MachineError(f"the {waits[task].name} {how_it_ended(task.result())}")
    finally:
        for task in waits:
            task.cancel()


def _watched(settings: Settings) -> watch.Watched:
    files = {settings.folder / "firebase.json"}
    if settings.config.database is not None:
        files.add(settings.folder / settings.config.database.rules)
    return watch.Watched(settings.functions, settings.sources, frozenset(files))


async def _follow(suite: Suite, following: AsyncIterator[watch.Changes]) -> None:
    """Takes up every change of the project's files; what is wrong is said once and the old stays."""
    settings = suite.settings
    config = settings.folder / "firebase.json"
    rules = settings.folder / settings.config.database.rules if settings.config.database else None
    async for changes in following:
        if config in changes.files:
            _renew_hosting(suite)
        if rules is not None and rules in changes.files and suite.database is not None:
            await _renew_rules(suite.database, rules)
        if changes.functions:
            await _renew_functions(suite)


async def _renew_functions(suite: Suite) -> None:
    try:
        await suite.pool.renew()
    except SuiteError as error:
        say(f"the old functions stay: {error}")
        return
    try:
        await suite.functions_changed()
    except SuiteError as error:
        say(f"the functions are renewed, but {error}")
        return
    say("the functions are renewed")


async def _renew_rules(database: DatabaseProcess, file: Path) -> None:
    try:
        complaint = await database.load_rules(file.read_bytes())
    except OSError as error:  # taken away, perhaps only until it is written anew
        complaint = error.strerror
    say("the rules are renewed" if complaint is None else f"the old rules stay: {file.name}: {complaint}")


def _renew_hosting(suite: Suite) -> None:
    try:
        hosting = project.load(suite.settings.folder).hosting
    except SuiteError as error:
        say(f"the old Hosting stays: {error}")
        return
    if hosting is not None:
        suite.pages.site = Site(suite.settings.folder, hosting)
        say("Hosting is renewed; other sections of firebase.json count from the next start")


def announce(suite: Suite, folder: DataFolder) -> None:
    """Says, for people and programs, where everything answers; the ready line is the last."""
    settings = suite.settings
    database = suite.database.address if suite.database else None
    folder.announce(
        {
            "pid": os.getpid(),
            "project": settings.project,
            "namespace": settings.namespace,
            "hosting": str(suite.hosting),
            "functions": str(suite.functions),
            "database": None if database is None else str(database),
            "secrets": str(settings.secrets),
            "sources": None if settings.sources is None else str(settings.sources),
            "allow": settings.allow,
        }
    )
    lines = [
        f"Project {settings.project} runs here, with its data in {settings.data}. Ctrl-C stops it.",
        f"admin key {suite.admin_key}",
        f"functions {suite.functions.origin}",
        *([] if database is None else [f"database {database.origin}"]),
        f"ready {suite.hosting.origin}",
    ]
    print("\n".join(lines), flush=True)
