"""Runs a program in a process group that ends with whoever started it: `python -m devtools.group FOLDER WORDS`.

Facts relied on: the Firebase CLI leaves processes behind when it stops, and more when it is killed; they stay in its
group. Whoever starts this gives it a pipe as standard input and a session of its own, and kills the group at the end.
"""

import os
import signal
import subprocess
import sys

from emulators.leash import hold


def main(arguments: list[str]) -> int:
    """Runs the words in the folder and passes on SIGINT and SIGTERM, as SIGINT; the exit code."""
    folder, *words = arguments
    hold(lambda: os.killpg(0, signal.SIGKILL))
    program = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL)  # noqa: S603  # the caller's own words
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: program.send_signal(signal.SIGINT))
    code = program.wait()
    return code if code >= 0 else 128 - code  # as a shell tells of a signal


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
