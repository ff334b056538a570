"""The program that loads main.py as Firebase's discovery does: `python describe.py FUNCTIONS HIDDEN MODULES`.

Prints one JSON document: the SDK's manifest with its parameters unresolved, the seconds it took, what failed. HIDDEN
is a JSON list of packages that this environment has and the deployed one has not: importing one fails here as there.
MODULES is a JSON list of the project's modules that are imported only when they are needed; each is tried in the end.

Knows nothing of checks. Facts relied on: discovery loads main.py of the current folder and looks at its module-level
functions (`firebase_functions.private.serving`).
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class Hiding:
    """Refuses to import some packages."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """None, so that the next finder looks, or ModuleNotFoundError for a hidden one."""
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def main() -> None:
    """Loads, describes, tries the rest, prints."""
    folder, hidden, modules = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
    sys.path.pop(0)  # this program's own folder
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the functions print is no part of the answer
    sys.meta_path.insert(0, Hiding(frozenset(hidden)))
    os.chdir(folder)
    told: dict[str, Any] = {"failures": []}
    attempt(lambda: told.update(described()), folder, told["failures"])
    sys.path.insert(0, folder)
    for module in modules if not told["failures"] else []:
        attempt(partial(importlib.import_module, module), folder, told["failures"])
    json.dump(told, out)
    out.close()


def described() -> dict[str, Any]:
    """The manifest, and the seconds until it was there: on the clock of an idle machine, and of the processor."""
    began, used = time.monotonic() - queued_s(), time.process_time()
    import yaml
    from firebase_functions.private import serving

    functions = serving.get_functions()  # type: ignore[no-untyped-call]  # the SDK's
    document = yaml.safe_load(serving.functions_as_yaml(functions))
    return {
        "document": document,
        "seconds": time.monotonic() - queued_s() - began,
        "busy_seconds": time.process_time() - used,
    }


def queued_s() -> float:
    """How long this program was kept from a processor so far; 0 where the system does not tell."""
    try:
        with open("/proc/self/schedstat") as told:
            return int(told.read().split()[1]) / 1e9
    except OSError:
        return 0.0


def attempt(act: Callable[[], Any], folder: str, failures: list[dict[str, Any]]) -> None:
    """Does it; a failure is noted with the last line of the project that led to it."""
    try:
        act()
    except BaseException as error:  # noqa: BLE001 - whatever main.py raises, SystemExit too, is what the program is to tell
        frames = traceback.extract_tb(error.__traceback__)
        inside = [
            frame for frame in frames if frame.filename.startswith(folder + os.sep) and "/venv/" not in frame.filename
        ]
        text = str(error)
        place = (inside[-1].filename, inside[-1].lineno) if inside else ("", 0)
        if isinstance(error, SyntaxError) and error.filename:
            place, text = (error.filename, error.lineno or 0), error.msg
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        failures.append(
            {"kind": type(error).__name__, "text": text, "file": place[0], "line": place[1], "missing": missing}
        )


if __name__ == "__main__":
    main()
