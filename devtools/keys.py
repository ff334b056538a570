"""`dev.py keys`: further keys of the API, of the local data or of a project on Firebase.

Owns which database is meant; what a key is, `kindling.keyring` alone knows, which is run in a process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping

from devtools import joining
from emulators.children import ROOT
from emulators.errors import SuiteError

NOT_THERE = ("FIREBASE_DATABASE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "FUNCTIONS_EMULATOR")


def main(arguments: list[str]) -> int:
    """Lists, makes or takes back keys; the exit code."""
    parser = argparse.ArgumentParser(
        prog="dev.py keys",
        usage="dev.py keys [--data DIR | --project ID [--database URL]] (list | add NAME --scope SCOPE | revoke NAME)",
        description="Keys of the API beside ADMIN_KEY, of the local data or of a project on Firebase.",
        epilog="More of each: `dev.py keys add --help`.",
        parents=[joining.options(scraping=False)],
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument("--project", metavar="ID", help="a project on Firebase in place of the local data")
    parser.add_argument(
        "--database", metavar="URL", help="its database, if not https://ID-default-rtdb.firebaseio.com (us-central1)"
    )
    given, rest = parser.parse_known_args(arguments)
    if given.database and not given.project:
        parser.error("--database goes with --project")
    helps = not {"-h", "--help"}.isdisjoint(rest)
    if not rest or rest[0].startswith("-"):
        parser.print_help(sys.stdout if helps else sys.stderr)
        return 0 if helps else 2
    if helps:
        return run(rest, os.environ)
    if given.project:
        return run(rest, on_firebase(os.environ, given.project, given.database))
    try:
        with joining.join(joining.chosen(given)) as suite:
            return run(rest, suite.environment())
    except SuiteError as error:
        print(f"keys: {error}", file=sys.stderr)
        return error.exit_code


def on_firebase(inherited: Mapping[str, str], project: str, database: str | None) -> dict[str, str]:
    """The environment in which the SDK talks to the real project, with application-default credentials."""
    config = {"projectId": project, "databaseURL": database or f"https://{project}-default-rtdb.firebaseio.com"}
    kept = {name: value for name, value in inherited.items() if name not in NOT_THERE}
    return {**kept, "FIREBASE_CONFIG": json.dumps(config), "GCLOUD_PROJECT": project, "GOOGLE_CLOUD_PROJECT": project}


def run(words: list[str], environment: Mapping[str, str]) -> int:
    """Runs the package's own command in that environment; its exit code."""
    # -P: a folder called kindling where the command is typed is not ours.
    command = [sys.executable, "-P", "-m", "kindling.keyring", *words]
    env = {**environment, "PYTHONPATH": str(ROOT / "functions")}
    return subprocess.run(command, env=env, cwd=ROOT / "functions", check=False).returncode  # noqa: S603  # the caller's own words
