"""A suite to talk to: the one that runs on the data already, or one of our own for as long as it is needed.

Owns how a command finds, starts and ends it; knows nothing of what the command does there.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulators import folder, project
from emulators.children import ROOT
from emulators.errors import MachineError
from emulators.functions.environment import Surroundings, environment
from emulators.listening import Address
from emulators.settings import a_folder, an_address

STOP_S = 10  # a suite stops within 2 s; one that does not is killed


@dataclass(frozen=True)
class Chosen:
    """The options that say which suite."""

    data: Path
    sources: Path | None
    allow: tuple[str, ...]


@dataclass(frozen=True)
class Joined:
    """A running suite."""

    note: dict[str, Any]  # what it wrote about itself
    chosen: Chosen

    @property
    def database(self) -> str:
        """The database's address, HOST:PORT."""
        return str(self.note["database"])

    @property
    def namespace(self) -> str:
        """The database's name."""
        return str(self.note["namespace"])

    def environment(self) -> dict[str, str]:
        """The environment that a function of the suite has."""
        functions = ROOT / project.load(ROOT).codebase.source
        at = Surroundings(
            self.note["project"],
            _address(self.note["hosting"]),
            _address(self.note["functions"]),
            _address(self.database),
            self.namespace,
        )
        allow = [str(self.note["hosting"]), *self.note["allow"], *self.chosen.allow]
        extra = {"KINDLING_ALLOW": ",".join(dict.fromkeys(allow))}
        if sources := self.chosen.sources or self.note["sources"]:
            extra["KINDLING_SOURCES"] = str(sources)
        return environment(os.environ, at, functions, Path(self.note["secrets"]), extra)


def options(*, scraping: bool) -> argparse.ArgumentParser:
    """A parser of the options that choose a suite, to build a command's own on."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    group = parser.add_argument_group("the local suite")
    group.add_argument(
        "--data", type=Path, default=ROOT / ".kindling", metavar="DIR", help="the data (default .kindling)"
    )
    if scraping:
        group.add_argument("--sources", type=a_folder, metavar="DIR", help="the folder of source files")
        group.add_argument(
            "--allow",
            type=an_address,
            action="append",
            default=[],
            metavar="HOST:PORT",
            help="may be fetched although local",
        )
    return parser


def chosen(given: argparse.Namespace) -> Chosen:
    """What was chosen, with whole paths."""
    sources = getattr(given, "sources", None)
    return Chosen(given.data.resolve(), sources.resolve() if sources else None, tuple(getattr(given, "allow", ())))


@contextmanager
def join(wanted: Chosen) -> Iterator[Joined]:
    """The suite on the data, or one that is started and ended around. MachineError when it does not start."""
    if note := folder.running(wanted.data):
        yield Joined(note, wanted)
        return
    command = [sys.executable, "-m", "emulators", "--no-schedule", f"--data={wanted.data}"]
    command += ["--port=0", "--functions-port=0", "--database-port=0"]
    command += [f"--allow={each}" for each in wanted.allow]
    command += [f"--sources={wanted.sources}"] if wanted.sources else []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as suite:  # noqa: S603  # fixed words and checked options
        try:
            assert suite.stdout is not None
            ready = any(line.startswith("ready ") for line in suite.stdout)
            note = folder.running(wanted.data)
            if not ready or note is None:
                raise MachineError("the local suite did not start: see its message above")
            yield Joined(note, wanted)
        finally:
            suite.send_signal(signal.SIGTERM)
            try:
                suite.wait(STOP_S)
            except subprocess.TimeoutExpired:
                suite.kill()


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return Address(host.strip("[]"), int(port))
