"""Runs one source in a process that kills itself with -9 at its Nth write, before the database sees it or just after.

Arguments: the page's URL, its HOST:PORT, the run's id, N, and `before` or `after`. Exit 0: it ended before that.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from typing import Any

from kindling.fetch import Gate, Secrets, SystemClock
from kindling.run import Tools, run_source
from kindling.sources import parse
from kindling.store import Store
from kindling.store.client import Database


class Dying(Database):
    """A database client whose process dies at a write."""

    def __init__(self, left: int, moment: str) -> None:
        super().__init__()
        self.left, self.moment = left, moment

    def update(self, changes: Any) -> None:
        self._step(lambda: super(Dying, self).update(changes))

    def swap(self, path: str, decide: Any) -> Any:
        return self._step(lambda: super(Dying, self).swap(path, decide))

    def _step(self, write: Any) -> Any:
        self.left -= 1
        if self.left == 0 and self.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = write()
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done


def main() -> None:
    """Run it."""
    url, door, run, left, moment = sys.argv[1:]
    definition = (
        f"url: {url}\nevery: 1h\nrecords: li\nkey: name\nfields: {{name: b, price: {{select: i, type: number}}}}"
    )
    clock = SystemClock()
    tools = Tools(
        store=Store(Dying(int(left), moment)),
        clock=clock,
        gate=Gate(allow=[door]),
        site="",
        contact="",
        secrets=Secrets(),
        chance=random.Random(1),
        pace_s=0.0,
    )
    record = run_source(parse(definition, "killed"), run, tools)
    sys.exit(0 if record else 1)


main()
