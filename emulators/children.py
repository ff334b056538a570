"""Child processes: each on a leash, in a process group of its own, ended as a group.

Knows nothing of what the children do. Facts relied on: a session of its own keeps a terminal's Ctrl-C from the child,
so that the supervisor decides the order of the stop; killing the group reaches grandchildren (gunicorn's worker).
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from emulators.errors import MachineError

ROOT = Path(__file__).parents[1]  # where `python -m emulators…` finds this package


def how_it_ended(code: int) -> str:
    """How a sentence about a process that ended by itself goes on; minus a signal is the code of one it killed."""
    if code < 0:
        return f"was killed (signal {-code}): start serve again, the data is kept"
    return f"ended with exit code {code}: see its message above"


class Child:
    """A running child process."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process

    @classmethod
    async def start(
        cls, name: str, module: str, arguments: Sequence[str], *, env: Mapping[str, str], pass_fds: Sequence[int] = ()
    ) -> "Child":
        """Starts `python -m MODULE`; what it prints on stderr is the suite's, its stdout is `lines`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=dict(env),
            cwd=ROOT,
            pass_fds=pass_fds,
            start_new_session=True,
        )
        return cls(name, process)

    @property
    def pid(self) -> int:
        """The process id, which is the process group's too."""
        return self.process.pid

    async def line(self) -> str:
        """The next line the child prints; MachineError when it ends before."""
        assert self.process.stdout is not None  # started with a pipe
        line = await self.process.stdout.readline()
        if not line:
            code = await self.process.wait()
            raise MachineError(f"the {self.name} {how_it_ended(code)}")
        return line.decode(errors="replace").rstrip("\n")

    async def relay(self) -> None:
        """Passes on what the child prints, as it comes, to the suite's stderr."""
        assert self.process.stdout is not None  # started with a pipe
        while chunk := await self.process.stdout.read(65536):
            sys.stderr.buffer.write(chunk)
            sys.stderr.flush()

    async def stop(self, grace_s: float) -> None:
        """Asks the child to stop; what is left of its group after `grace_s` is killed."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), grace_s)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.process.wait()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return  # the whole group is gone: what was wanted
