"""Our database under the command line of the official one: `python -m devtools.jar DATA PROJECT --host H --port P …`.

Facts relied on: the Firebase CLI gives host, port, where functions are, and a mode that means nothing here; it starts
the database in a session of its own, out of reach of a signal to the others, so that the database is on a leash.
"""

import argparse
import sys

from emulators import leash
from emulators.database.__main__ import main as serve


def main(arguments: list[str]) -> int:
    """Serves until it is told to stop, or until nobody holds its standard input any more; the exit code."""
    data, project, *given = arguments
    leash.hold(leash.end_politely)
    return serve([*translated(given), "--data", data, "--project", project])


def translated(arguments: list[str]) -> list[str]:
    """The official arguments as our database takes them; an argument that is new to both is refused."""
    parser = argparse.ArgumentParser(prog="the database emulator", allow_abbrev=False)
    for name in ("host", "port", "functions_emulator_host", "functions_emulator_port", "single_project_mode"):
        parser.add_argument(f"--{name}")
    given = parser.parse_args(arguments)
    words = ["--host", given.host, "--port", given.port]
    if given.functions_emulator_host:
        words += ["--functions", f"{given.functions_emulator_host}:{given.functions_emulator_port}"]
    return words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
