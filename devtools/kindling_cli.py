"""Runs the package's own command line, `python -m kindling.cli`, with a suite to talk to.

Owns the options that choose the suite, and knows none of the package's own: all others are passed on.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devtools import joining
from emulators.children import ROOT
from emulators.errors import SuiteError


def run(command: str, arguments: list[str]) -> int:
    """Runs one of its commands; its exit code, or the suite's."""
    parser = argparse.ArgumentParser(
        prog=f"dev.py {command}",
        usage=argparse.SUPPRESS,  # the command tells its own
        parents=[joining.options(scraping=True)],
        allow_abbrev=False,
        add_help=False,
    )
    given, rest = parser.parse_known_args(arguments)
    if not {"-h", "--help"}.isdisjoint(rest):
        code = _run([command, "--help"], os.environ)
        print(f"\n{parser.format_help()}", end="")
        return code
    try:
        with joining.join(joining.chosen(given)) as suite:
            return _run([command, *map(_whole_path, rest)], suite.environment())
    except SuiteError as error:
        print(f"{command}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 1  # the command has said what that means


def _run(words: list[str], environment: Mapping[str, str]) -> int:
    env = {**environment, "PYTHONPATH": str(ROOT / "functions")}
    # -P: a folder called kindling where the command is typed is not ours.
    whole = [sys.executable, "-P", "-m", "kindling.cli", *words]
    return subprocess.run(whole, env=env, cwd=ROOT / "functions", check=False).returncode  # noqa: S603  # the caller's own words


def _whole_path(argument: str) -> str:
    """A file is meant where the command is typed, not where it runs."""
    return str(Path(argument).resolve()) if Path(argument).is_file() else argument
