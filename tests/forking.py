"""`python -m tests.forking`: starts databases for tests, each a process of its own that it forks from itself.

To load the program takes a quarter of a second of a processor, and a run of the tests starts dozens: here it is loaded
once. Every line of the input is answered by one: a list of arguments starts a database (its process id, and the line in
which it says where it answers, empty if it ended instead), a process id ends that one (how it ended).
"""

from __future__ import annotations

import json
import os
import signal
import sys

from emulators.database.__main__ import main as serve


def started(arguments: list[str]) -> tuple[int, str]:
    """A new database's process id and the first line it prints."""
    reading, writing = os.pipe()
    number = os.fork()
    if number == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        os.dup2(writing, sys.stdout.fileno())
        sys.exit(serve(arguments))
    os.close(writing)
    with open(reading, encoding="utf-8") as output:
        return number, output.readline()


def ended(number: int) -> int:
    """Ends a database; how it ended, as waitpid says it."""
    os.kill(number, signal.SIGTERM)
    return os.waitpid(number, 0)[1]


def main() -> None:
    """Answers until the input ends, as it does when the tests are gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # after Ctrl-C the tests still end what they started
    running: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if isinstance(asked, int):
            running.remove(asked)
            answer: object = ended(asked)
        else:
            answer = number, _ = started(asked)
            running.add(number)
        print(json.dumps(answer), flush=True)
    for number in running:
        ended(number)


if __name__ == "__main__":
    main()
