"""Ties a child process to its parent: when the parent is gone, however it ended, the child ends too.

The parent gives the child a pipe as standard input and never writes to it. The pipe's end comes exactly when the
last holder of its other side is gone, which also a `kill -9` brings about. Nothing here is Linux's own.

As a program it runs another module on the leash: `python -m emulators.leash MODULE [ARGUMENTS]`.
"""

import os
import runpy
import signal
import sys
import threading
from collections.abc import Callable

LAST_WORDS_S = 1.5  # from the polite signal to the certain one; a stop of the whole suite must fit in 2 s


def hold(on_parent_gone: Callable[[], None]) -> None:
    """Calls `on_parent_gone` once, in a thread of its own, when standard input ends."""
    threading.Thread(target=_watch, args=(on_parent_gone,), name="leash", daemon=True).start()


def _watch(on_parent_gone: Callable[[], None]) -> None:
    while os.read(0, 4096):
        pass  # whatever is typed there means nothing
    on_parent_gone()


def end_politely() -> None:
    """Asks this process to stop, and after `LAST_WORDS_S` makes it stop."""
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(LAST_WORDS_S)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    hold(end_politely)
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
