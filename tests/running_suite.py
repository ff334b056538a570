"""The local suite as a test uses it: started on free ports, waited for by its own ready line, ended by its pid."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]
FIXTURE = ROOT / "tests" / "emulators" / "project"
DEADLINE_S = 60  # for anything a suite does; ten machines' worth of patience, so that only a fault runs into it


class RunningSuite:
    """A suite, its addresses, what it said."""

    def __init__(self, *arguments: str, folder: Path, env: Mapping[str, str] | None = None, ready: bool = True) -> None:
        """Starts it with its data and secrets in `folder`, on free ports where no other is given."""
        ports = ("--port=0", "--functions-port=0", "--database-port=0")
        self.folder = folder
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._over = False
        command = [*ports, f"--data={folder / 'data'}", f"--secrets={folder / 'secrets'}", *arguments]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emulators", *command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if ready:
            self.hosting = self.line("ready ").removeprefix("ready ")
            self.functions = self.line("functions ").removeprefix("functions ")
            self.key = self.line("admin key ").removeprefix("admin key ")

    @property
    def database(self) -> str:
        """The database's origin."""
        return self.line("database ").removeprefix("database ")

    def line(self, start: str, *, times: int = 1) -> str:
        """The `times`-th line that starts so; waits for it. AssertionError with all lines when it does not come."""

        def found() -> list[str]:
            return [line for line in self.lines if line.startswith(start)][times - 1 :]

        with self._news:
            came = self._news.wait_for(lambda: found() or self._over, DEADLINE_S)
            assert came and found(), f"no line {start!r} in\n" + "\n".join(self.lines)
            return found()[0]

    def get(self, path: str, **options: object) -> requests.Response:
        """GET through Hosting."""
        return requests.get(self.hosting + path, timeout=DEADLINE_S, **options)  # type: ignore[arg-type]  # passed on

    def stop(self) -> int:
        """Ends it as Ctrl-C does; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def kill(self) -> None:
        """Ends the supervisor as a crash does."""
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        """The exit code, when it ended."""
        code = self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()
