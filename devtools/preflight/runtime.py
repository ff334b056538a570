"""`runtime` in firebase.json: the one thing that is mended unasked. It is the environment's Python.

Facts relied on: the CLI starts functions/venv for discovery and tells Cloud Build the runtime; where the two differ,
what was tested is not what runs. The list of runtimes is the CLI's (deploy/functions/runtimes/supported/types.js).
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from devtools.preflight.finding import Finding, at_line
from devtools.preflight.subject import Subject
from emulators import project
from emulators.database.storage import write_atomically
from emulators.errors import SuiteError

KNOWN = ("python310", "python311", "python312", "python313", "python314")
RUNTIME = re.compile(r'("runtime"\s*:\s*")([^"]*)(")')


def of_environment(functions: Path) -> str:
    """The runtime that the environment of a functions folder is, or that of this Python where it has none."""
    config = functions / "venv" / "pyvenv.cfg"
    told = (
        re.search(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", config.read_text(), re.MULTILINE)
        if config.is_file()
        else None
    )
    major, minor = (told[1], told[2]) if told else sys.version_info[:2]
    return f"python{major}{minor}"


def align(folder: Path) -> str | None:
    """Writes the environment's runtime into firebase.json where another stands there; what was done, or None."""
    try:
        wanted = of_environment(folder / project.load(folder).codebase.source)
    except SuiteError:
        return None  # the look at the project says what is wrong with the file
    file = folder / "firebase.json"
    text = file.read_bytes().decode()
    written = RUNTIME.search(text)
    if written is None or written[2] == wanted or wanted not in KNOWN:
        return None
    write_atomically(file, [RUNTIME.sub(rf"\g<1>{wanted}\g<3>", text, count=1).encode()])
    return f"firebase.json: runtime was {written[2]} and is {wanted} now, the Python of functions/venv"


def known(subject: Subject) -> Iterator[Finding]:
    """The runtime is said, and is one that Firebase has."""
    runtime = subject.config.codebase.runtime
    wanted = of_environment(subject.functions)
    if runtime is None:
        yield Finding("firebase.json", "functions.runtime is not said", f'add "runtime": "{wanted}"')
    elif wanted not in KNOWN:
        where = at_line(subject.folder / "firebase.json", subject.folder, '"runtime"')
        what = f"the environment is {wanted}, which Firebase does not run: it has {', '.join(KNOWN)}"
        yield Finding(where, what, "install python3.11, remove functions/venv and start dev.py again")
