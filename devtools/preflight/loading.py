"""main.py as Firebase's discovery finds it: the functions with their options and parameters, or what failed.

Starts describe.py in a process of its own, in which only the packages of the runtime list can be imported.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools.preflight import imports, listed
from emulators import project
from emulators.errors import ManifestError
from emulators.functions import manifest

PATIENCE_S = 60  # discovery has 10; a machine that does much else gets more before this gives up
PROGRAM = Path(__file__).with_name("describe.py")


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be loaded, and where in the project it came to that."""

    kind: str
    text: str
    file: str = ""  # whole path; empty where no file of the project is to blame
    line: int = 0
    missing: str | None = None  # the module that is not there


@dataclass(frozen=True, slots=True)
class Loaded:
    """What main.py is."""

    document: Mapping[str, Any]  # the manifest, each parameter replaced by its value; empty where it does not load
    seconds: float = 0.0  # until the manifest was there
    busy_seconds: float = 0.0  # of the processor: what another machine would need too
    failures: tuple[Failure, ...] = ()

    @property
    def endpoints(self) -> Mapping[str, Mapping[str, Any]]:
        """The functions by name, as the manifest describes them."""
        return dict(self.document.get("endpoints") or {})

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters that are no secrets."""
        return tuple(each["name"] for each in self.document.get("params") or [] if each["type"] != "secret")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the secret parameters."""
        return tuple(each["name"] for each in self.document.get("params") or [] if each["type"] == "secret")


def load(functions: Path, name: str, variables: Mapping[str, str]) -> Loaded:
    """Loads main.py as the project `name` would, with the variables of its .env files. A failure is a value."""
    asked = listed.lines(functions / listed.NAME)
    kept = listed.brought(asked) | listed.TOOLS
    hidden = [name for name, distributions in listed.packages().items() if asked and not distributions & kept]
    modules = list(imports.reach(functions).modules)
    command = [sys.executable, str(PROGRAM), str(functions), json.dumps(hidden), json.dumps(modules)]
    try:
        done = subprocess.run(  # noqa: S603  # fixed words
            command, env=_environment(name), capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return Loaded({}, PATIENCE_S, 0.0, (Failure("Timeout", f"it is still loading after {PATIENCE_S} s"),))
    if done.returncode or not done.stdout:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return Loaded({}, failures=(Failure("Exit", last),))
    told = json.loads(done.stdout)
    failures = tuple(Failure(**each) for each in told["failures"])
    document = with_values(told.get("document") or {}, variables)
    return Loaded(document, told.get("seconds", 0.0), told.get("busy_seconds", 0.0), failures)


def describe(folder: Path, functions: Path) -> manifest.Manifest:
    """The functions of a project as the local suite reads them; ManifestError where they do not load."""
    loaded = load(functions, project.project_id(folder), {})
    if not loaded.document:
        failure = loaded.failures[0]
        raise ManifestError(f"main.py does not load: {failure.kind}: {failure.text}")
    return manifest.read(loaded.document)


def with_values(document: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    """The manifest with each parameter replaced by its value: a fit variable's, else the default."""
    values = {each["name"]: _value(each, variables) for each in document.get("params") or []}
    found: dict[str, Any] = manifest.resolved(document, values.get)
    return found


def _value(parameter: Mapping[str, Any], variables: Mapping[str, str]) -> Any:
    given = variables.get(parameter["name"])
    if parameter["type"] == "int":
        return int(given) if given is not None and given.isascii() and given.isdigit() else parameter.get("default")
    return given if given is not None else parameter.get("default")


def _environment(name: str) -> dict[str, str]:
    """What discovery is started with: no variable of this machine that the functions could mistake for their own."""
    own = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
    return {**own, "GCLOUD_PROJECT": name, "FIREBASE_CONFIG": json.dumps({"projectId": name})}
