"""What a run of the suite is asked to do: the command line of `python -m emulators`.

Opens no port and starts nothing.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from emulators import project
from emulators.children import ROOT
from emulators.errors import ConfigError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORTS = {"hosting": 5000, "functions": 5001, "database": 9000}  # the official suite's
MAX_WORKERS = 8  # each is a whole Python with the SDK in it, about 60 MB


@dataclass(frozen=True)
class Settings:
    """One run of the suite."""

    config: project.Project
    project: str
    folder: Path  # of firebase.json
    functions: Path  # the folder of main.py
    secrets: Path
    data: Path
    host: str
    port: int
    functions_port: int
    database_port: int
    sources: Path | None
    allow: tuple[str, ...]
    schedule: bool
    workers: int

    @property
    def namespace(self) -> str:
        """The name of the project's first database."""
        return f"{self.project}-default-rtdb"


def parse(arguments: list[str]) -> Settings:
    """The settings of a command line; leaves the program with code 2 and a usage line when it is wrong.

    ConfigError where firebase.json is.
    """
    given = _parser().parse_args(arguments)
    folder = given.project_dir.resolve()
    config = project.load(folder)
    functions = (given.functions or folder / config.codebase.source).resolve()
    if not (functions / "main.py").is_file():
        raise ConfigError(f"{functions} has no main.py: name the folder of the functions in firebase.json")
    ports = {
        name: asked if asked is not None else getattr(config.emulators, name).port or DEFAULT_PORTS[name]
        for name, asked in (
            ("hosting", given.port),
            ("functions", given.functions_port),
            ("database", given.database_port),
        )
    }
    return Settings(
        config=config,
        project=given.project or project.project_id(folder),
        folder=folder,
        functions=functions,
        secrets=(given.secrets or functions / ".secret.local").resolve(),
        data=(given.data or folder / ".kindling").resolve(),
        host=given.host,
        port=ports["hosting"],
        functions_port=ports["functions"],
        database_port=ports["database"],
        sources=given.sources.resolve() if given.sources else None,
        allow=tuple(given.allow),
        schedule=given.schedule,
        workers=given.workers,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dev.py serve",
        description="The local suite: database, functions, hosting, clock, queue.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--port", type=_port, help="Hosting's port; 0 is any free one (default: firebase.json's, else 5000)")
    add("--functions-port", type=_port, help="the functions' port (default: firebase.json's, else 5001)")
    add("--database-port", type=_port, help="the database's port (default: firebase.json's, else 9000)")
    add("--host", default=DEFAULT_HOST, help=f"the address to listen on (default {DEFAULT_HOST})")
    add("--data", type=Path, metavar="DIR", help="where the database and the queue are kept (default .kindling)")
    add("--sources", type=a_folder, metavar="DIR", help="the folder of source files (default functions/sources)")
    add("--no-schedule", dest="schedule", action="store_false", help="schedules do not fire, and nothing runs at once")
    add(
        "--allow",
        type=an_address,
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="may be fetched although local",
    )
    add("--workers", type=_workers, default=1, help="functions processes that take requests in turn (default 1)")
    add("--project-dir", type=Path, default=ROOT, metavar="DIR", help="the folder of firebase.json")
    add("--project", metavar="ID", help="the project's id (default: .firebaserc's)")
    add("--functions", type=Path, metavar="DIR", help="the folder of main.py (default: firebase.json's)")
    add("--secrets", type=Path, metavar="FILE", help="the secrets' file (default: .secret.local beside main.py)")
    return parser


def a_folder(text: str) -> Path:
    """An argument that names a folder; told where there is none: a folder misspelt looks like an empty one."""
    folder = Path(text)
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return folder


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give 0 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r}: give 1 to {MAX_WORKERS}")
    return int(text)


def an_address(text: str) -> str:
    """An argument that is HOST:PORT."""
    host, colon, port = text.rpartition(":")
    if not host or not colon or "," in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT")
    return f"{host}:{_port(port)}"
