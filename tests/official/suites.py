"""The official suite as a test uses it: a copy of a project on free ports, run by `dev.py emulators`, ended by its pid.

Facts relied on: the CLI takes every port from firebase.json; secrets and parameters of its own lie beside main.py, so
that the functions are copied and only their environment is shared; what the suite starts runs in the project's folder.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

from tests import running_suite
from tests.running_suite import ROOT, Running

START_S = 180  # a machine that does much else takes half a minute; only a fault runs into it
SERVERS = ("auth", "database", "eventarc", "functions", "hosting", "hub", "logging", "tasks")
PORTS = range(20_000, 30_000)  # below those that systems hand out by themselves: what is free stays so until the start
KEY = "key-of-the-official-suite"
PROJECT = "demo-kindling"
NAMESPACE = f"{PROJECT}-default-rtdb"
OWNER = {"Authorization": "Bearer owner"}  # of the emulators: may do everything


def copy(project: Path, to: Path, *, sources: tuple[str, ...] = ()) -> Path:
    """A copy of a project with ports that are free and secrets of its own; of its sources only those that are named."""
    left_out = shutil.ignore_patterns("venv", "__pycache__", "*.local", "*.yaml")
    shutil.copytree(project / "functions", to / "functions", ignore=left_out)
    (to / "functions" / "venv").symlink_to(ROOT / "functions" / "venv")
    secrets = to / "functions" / ".secret.local"
    secrets.write_text(f"ADMIN_KEY={KEY}\n")
    secrets.chmod(0o600)
    for name in sources:
        shutil.copy(project / "functions" / "sources" / f"{name}.yaml", to / "functions" / "sources")
    shutil.copy(project / "database.rules.json", to)
    shutil.copy(ROOT / ".firebaserc", to)
    if (project / "public").exists():
        (to / "public").symlink_to(project / "public")
    config = json.loads((project / "firebase.json").read_text())
    ports = {name: {"host": "127.0.0.1", "port": port} for name, port in zip(SERVERS, free_ports(), strict=True)}
    (to / "firebase.json").write_text(json.dumps({**config, "emulators": {**ports, "ui": {"enabled": False}}}))
    return to


def free_ports() -> list[int]:
    """As many ports as there are SERVERS."""
    return list(islice(filter(is_free, random.sample(PORTS, 50 * len(SERVERS))), len(SERVERS)))


def is_free(port: int) -> bool:
    """Whether nobody answers there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class OfficialSuite(Running):
    """The official suite in a folder."""

    def __init__(
        self,
        project: Path,
        *arguments: str,
        data: Path,
        env: Mapping[str, str] | None = None,
        ready: str = "All emulators ready",
        deadline_s: float = START_S,
    ) -> None:
        """Starts it and waits for a line that has `ready` in it, if there is to be one."""
        self.project = project
        command = [sys.executable, str(ROOT / "dev.py"), "emulators", f"--project-dir={project}", f"--data={data}"]
        # The CLI's own notes, of which one names the running suite, are for this one only.
        apart = {"XDG_CONFIG_HOME": project.parent / "config", "TMPDIR": project.parent / "tmp"}
        for place in apart.values():
            place.mkdir(exist_ok=True)
        super().__init__(
            [*command, *arguments],
            env={**{name: str(place) for name, place in apart.items()}, **(env or {})},
            deadline_s=deadline_s,
        )
        if ready:
            self.line_with(ready)

    @property
    def hosting(self) -> str:
        """Hosting's origin."""
        return self.origin("hosting")

    @property
    def functions(self) -> str:
        """The origin of the functions."""
        return self.origin("functions")

    def origin(self, server: str) -> str:
        """Where one of the SERVERS answers."""
        at = json.loads((self.project / "firebase.json").read_text())["emulators"][server]
        return f"http://{at['host']}:{at['port']}"


def eventually(condition: Callable[[], bool]) -> None:
    """As the other suites' tests wait, with the patience that the CLI needs on a machine that does much else."""
    running_suite.eventually(condition, deadline_s=START_S)


def left_behind(folder: Path) -> list[str]:
    """The processes that name the folder on their command line or run in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = os.readlink(entry / "cwd")
        except OSError:
            continue  # it ended meanwhile, or is the system's own
        if words and (str(folder) in words or place.startswith(str(folder))):
            found.append(words)
    return found
