"""Runs the package's own command line, `python -m kindling.cli`, with a suite to talk to.

Owns the options that choose the suite, and knows none of the package's own: all others are passed on.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from devtools import joining
from emulators.children import ROOT
from emulators.errors import SuiteError


def run(command: str, description: str, arguments: list[str]) -> int:
    """Runs one of its commands; its exit code, or the suite's."""
    parser = argparse.ArgumentParser(
        prog=f"dev.py {command}",
        description=description,
        epilog=f"Other arguments go to the command: its own help is `dev.py {command} -- --help`.",
        parents=[joining.options(scraping=True)],
        allow_abbrev=False,
    )
    given, rest = parser.parse_known_args(arguments)
    try:
        with joining.join(joining.chosen(given)) as suite:
            env = suite.environment() | {"PYTHONPATH": str(ROOT / "functions")}
            # -P: a folder called kindling where the command is typed is not ours.
            words = [sys.executable, "-P", "-m", "kindling.cli", command, *map(_whole_path, rest)]
            return subprocess.run(words, env=env, cwd=ROOT / "functions", check=False).returncode  # noqa: S603  # the caller's own words
    except SuiteError as error:
        print(f"{command}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 1  # the command has said what that means


def _whole_path(argument: str) -> str:
    """A file is meant where the command is typed, not where it runs."""
    return str(Path(argument).resolve()) if Path(argument).is_file() else argument
