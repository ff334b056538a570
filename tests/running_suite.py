"""A suite as a test uses it: started on free ports, waited for by its own ready line, ended by its pid."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]
FIXTURE = ROOT / "tests" / "emulators" / "project"
DEADLINE_S = 60  # for anything a suite does; ten machines' worth of patience, so that only a fault runs into it


def eventually(condition: Callable[[], bool], *, deadline_s: int = DEADLINE_S) -> None:
    """Returns when the condition holds; AssertionError when it does not within the deadline."""
    tick = threading.Event()
    for _ in range(deadline_s * 50):
        if condition():
            return
        tick.wait(0.02)
    raise AssertionError("what was waited for did not come")


class Running:
    """A program that was started, and what it said."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str] | None = None, deadline_s: float = DEADLINE_S
    ) -> None:
        """Starts it in the project's folder; nothing is waited for longer than `deadline_s`."""
        self.lines: list[str] = []
        self._deadline_s = deadline_s
        self._news = threading.Condition()
        self._over = False
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def line(self, start: str, *, times: int = 1) -> str:
        """The `times`-th line that starts so; waits for it. AssertionError with all lines when it does not come."""
        return self._awaited(lambda line: line.startswith(start), start, times)

    def line_with(self, text: str, *, times: int = 1) -> str:
        """The `times`-th line that has the text somewhere; else as `line`."""
        return self._awaited(lambda line: text in line, text, times)

    def stop(self) -> int:
        """Ends it as Ctrl-C does; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def kill(self) -> None:
        """Ends it as a crash does."""
        self.process.kill()
        self.wait()

    def kill_all(self) -> None:
        """Ends the supervisor and its children at once, as when the machine's power goes."""
        for group in self.children():
            os.killpg(group, signal.SIGKILL)
        self.kill()

    def children(self) -> dict[int, str]:
        """The supervisor's children, each the leader of a process group: command lines by process id."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in pids}

    def wait(self) -> int:
        """The exit code, when it ended."""
        code = self.process.wait(self._deadline_s)
        self._reader.join(self._deadline_s)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def _awaited(self, wanted: Callable[[str], bool], named: str, times: int) -> str:
        def found() -> list[str]:
            return [line for line in self.lines if wanted(line)][times - 1 :]

        with self._news:
            came = self._news.wait_for(lambda: found() or self._over, self._deadline_s)
            assert came and found(), f"no line {named!r} in\n" + "\n".join(self.lines)
            return found()[0]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()


class RunningSuite(Running):
    """The local suite and its addresses."""

    def __init__(self, *arguments: str, folder: Path, env: Mapping[str, str] | None = None, ready: bool = True) -> None:
        """Starts it with its data and secrets in `folder`, on free ports where no other is given."""
        ports = ("--port=0", "--functions-port=0", "--database-port=0")
        self.folder = folder
        kept = (f"--data={folder / 'data'}", f"--secrets={folder / 'secrets'}")
        super().__init__([sys.executable, "-m", "emulators", *ports, *kept, *arguments], env=env)
        if ready:
            self.hosting = self.line("ready ").removeprefix("ready ")
            self.functions = self.line("functions ").removeprefix("functions ")
            self.key = self.line("admin key ").removeprefix("admin key ")

    @property
    def database(self) -> str:
        """The database's origin."""
        return self.line("database ").removeprefix("database ")

    def get(self, path: str, **options: object) -> requests.Response:
        """GET through Hosting."""
        return requests.get(self.hosting + path, timeout=DEADLINE_S, **options)  # type: ignore[arg-type]  # passed on
