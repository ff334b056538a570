"""`dev.py check`: what would stop a deploy. Source files, firebase.json, the functions, the rules; starts no server."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from emulators import project
from emulators.children import ROOT
from emulators.clock import schedules
from emulators.database.rules import RulesError, parse
from emulators.errors import SuiteError
from emulators.functions import manifest
from emulators.functions.environment import Surroundings, environment
from emulators.hosting.site import Site
from emulators.listening import Address
from emulators.tasks.server import queue_name_fits

NOWHERE = Address("127.0.0.1", 9)  # the discard port: describing functions calls nobody
LOAD_S = 10  # Firebase gives up on main.py after that (FUNCTIONS_DISCOVERY_TIMEOUT)


def main(arguments: list[str]) -> int:
    """Checks; 0 when nothing would stop a deploy, else 1."""
    parser = argparse.ArgumentParser(prog="dev.py check", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document on stdout")
    parser.add_argument("--sources", type=Path, metavar="DIR", help="the folder of source files")
    parser.add_argument("--project-dir", type=Path, default=ROOT, metavar="DIR", help="the folder of firebase.json")
    given = parser.parse_args(arguments)
    problems, facts = check(given.project_dir.resolve(), given.sources.resolve() if given.sources else None)
    if given.as_json:
        print(json.dumps({**facts, "problems": problems}))
    else:
        for problem in problems:
            print(problem, file=sys.stderr)
        counts = ", ".join(f"{len(names)} {kind}" for kind, names in facts.items())
        print(f"{counts}: {f'problems: {len(problems)}' if problems else 'nothing would stop a deploy'}")
    return 1 if problems else 0


def check(folder: Path, sources: Path | None) -> tuple[list[str], dict[str, list[str]]]:
    """What is wrong, a line each; and what there is, by kind."""
    try:
        config = project.load(folder)
    except SuiteError as error:
        return [str(error)], {}
    problems: list[str] = []
    facts: dict[str, list[str]] = {}
    functions = folder / config.codebase.source
    try:
        served = describe(folder, functions)
    except SuiteError as error:
        problems.append(str(error))
    else:
        facts["functions"] = sorted(served.endpoints)
        problems += function_problems(served)
        if config.hosting is not None:
            problems += rewrite_problems(Site(folder, config.hosting), served)
    if config.hosting is not None and (folder / config.hosting.public / "index.html").exists():
        problems.append(f"{config.hosting.public}/index.html hides GET /: give it another name")
    if config.database is not None:
        problems += rules_problems(folder / config.database.rules)
    if (functions / "kindling").is_dir():
        facts["sources"], wrong = source_problems(functions, sources)
        problems += wrong
    return problems, facts


def describe(folder: Path, functions: Path) -> manifest.Manifest:
    """What the functions are; SuiteError when they do not load."""
    name = project.project_id(folder)
    with tempfile.TemporaryDirectory() as empty:
        at = Surroundings(name, NOWHERE, NOWHERE, NOWHERE, f"{name}-default-rtdb")
        env = environment(os.environ, at, functions, Path(empty) / "none", {"ADMIN_KEY": "checked"})
    command = [sys.executable, "-m", "emulators.functions.describe", str(functions)]
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=LOAD_S, check=False)  # noqa: S603  # fixed words
    except subprocess.TimeoutExpired as error:
        raise SuiteError(f"main.py is still loading after {LOAD_S} s, when Firebase gives up: import less") from error
    if done.returncode:
        raise SuiteError(f"main.py does not load: {done.stderr.strip().splitlines()[-1]}")
    return manifest.read(json.loads(done.stdout))


def function_problems(served: manifest.Manifest) -> list[str]:
    """What is wrong with schedules and queues."""
    problems = [
        f"function {endpoint.name}: a queue's name may hold no underscore: it would never get a queue"
        for endpoint in served.of_kind("queue")
        if not queue_name_fits(endpoint.name)
    ]
    for endpoint in served.of_kind("schedule"):
        try:
            schedules.parse(str(endpoint.trigger.get("schedule")), endpoint.trigger.get("timeZone"))
        except schedules.ScheduleError as error:
            problems.append(f"function {endpoint.name}: {error}")
    return problems


def rewrite_problems(site: Site, served: manifest.Manifest) -> list[str]:
    """Functions without a rewrite, and rewrites without a function."""
    reachable = {endpoint.name for endpoint in served.of_kind("https")}
    named = site.functions()
    return [
        *(f"firebase.json: no rewrite leads to the function {name}" for name in sorted(reachable - named)),
        *(
            f"firebase.json: a rewrite leads to {name}, which main.py does not have"
            for name in sorted(named - reachable)
        ),
    ]


def rules_problems(file: Path) -> list[str]:
    """What is wrong with the security rules."""
    try:
        parse(file.read_text(encoding="utf-8"))
    except OSError as error:
        return [f"{file.name}: {error.strerror}"]
    except RulesError as error:
        return [f"{file.name}:{error}"]
    return []


def source_problems(functions: Path, sources: Path | None) -> tuple[list[str], list[str]]:
    """The names of the sources, and what is wrong with their files."""
    env = {**os.environ, "PYTHONPATH": str(functions)}
    if sources is not None:
        env["KINDLING_SOURCES"] = str(sources)
    command = [sys.executable, "-P", "-m", "kindling.cli", "check", "--json"]
    done = subprocess.run(command, cwd=functions, env=env, capture_output=True, text=True, check=False)  # noqa: S603  # fixed words
    if not done.stdout:
        return [], [f"the sources could not be checked: {done.stderr.strip()}"]
    told = json.loads(done.stdout)
    return told["sources"], told["problems"]
