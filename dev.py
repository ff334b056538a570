"""The project's one command: `python3 dev.py COMMAND`. Sets up what is missing, then does it.

Needs nothing but a Python and its standard library: it makes the environment in functions/venv, where the Firebase
CLI looks for it, and then runs itself again in there. Written so that an old Python can still read it and be told.
Exit codes: 0 good, 1 a source or a check failed, 2 usage, 3 the machine lacks something.
"""

from __future__ import annotations

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, "functions", "venv")
PYTHON = os.path.join(VENV, "bin", "python")
REQUIREMENTS = "requirements-dev.txt"
# Everything that decides what is installed; a change of any means another look by pip.
REQUIREMENT_FILES = (REQUIREMENTS, "functions/requirements.txt", "functions/constraints.txt")
STAMP = os.path.join(VENV, "installed.txt")  # taken away first and written last: without it a set-up was interrupted
WORK = os.path.join(ROOT, ".kindling")
LOWEST = (3, 11)  # what Cloud Functions runs, and what the code is written for
PREFERRED = "python3.11"  # the runtime in firebase.json

# How pip's log tells that it reached nobody.
NO_NETWORK = ("NewConnectionError", "Name or service not known", "Temporary failure in name resolution", "unreachable")

# name: (module, what it does); each module has main(arguments) -> exit code.
COMMANDS = {
    "serve": ("emulators.__main__", "the local suite: database, functions, hosting, clock, queue"),
    "test": ("devtools.testing", "every test this machine can run; arguments go to pytest"),
    "check": ("devtools.check", "source files, firebase.json, rules: what would stop a deploy"),
    "scrape": ("devtools.scraping", "one run now, with progress"),
    "preview": ("devtools.previewing", "fetch and extract one source, store nothing"),
    "bench": ("devtools.bench", "a benchmark, as ratios against peers in the same run"),
    "emulators": ("devtools.official", "the official Firebase suite with this project's database in it"),
    "keys": ("devtools.keys", "keys of the API: list, add, revoke; local or of a project"),
    "admin": ("devtools.administrators", "makes a user of Firebase Auth an administrator, or takes it back"),
    "deploy": ("devtools.deploying", "the preflight, then `firebase deploy`"),
    "export": ("devtools.exporting", "the whole database to a JSON file"),
    "import": ("devtools.importing", "the whole database from a JSON file"),
}


class Unfit(Exception):
    """The machine lacks something; the text says what, in one line."""


def main(arguments: list[str]) -> int:
    """Sets up, then runs one command; the exit code."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0 if arguments else 2
    if arguments[0] not in COMMANDS:
        print(f"dev.py: {arguments[0]!r} is no command: try one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    if os.path.realpath(sys.prefix) == os.path.realpath(VENV):
        return run(arguments)
    try:
        set_up()
    except Unfit as problem:
        print(f"dev.py: {problem}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("dev.py: interrupted; the next run goes on", file=sys.stderr)
        return 3
    # Compiled modules halve the time to start; a variable that forbids them would be inherited by everything.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.stdout.flush()
    return os.execv(PYTHON, [PYTHON, os.path.abspath(__file__), *arguments])  # noqa: S606  # the arguments are the caller's own


def run(arguments: list[str]) -> int:
    """Runs a command inside the environment; the exit code."""
    import importlib

    module = importlib.import_module(COMMANDS[arguments[0]][0])
    code: int = module.main(arguments[1:])
    return code


def usage() -> str:
    """What there is to do, as text."""
    lines = ["usage: python3 dev.py COMMAND [arguments]; COMMAND --help says more", ""]
    lines += [f"  {name:10} {help_}" for name, (_, help_) in COMMANDS.items()]
    return "\n".join(lines)


def set_up() -> None:
    """Makes the environment right; does nothing when it is. Unfit says what stops it."""
    if is_set_up():
        return
    import fcntl

    os.makedirs(WORK, exist_ok=True)
    with open(os.path.join(WORK, "setup.lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up of this folder to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if is_set_up():
            return
        if not works([PYTHON, "-m", "pip", "--version"]):
            make_environment(fit_python())
        if os.path.exists(STAMP):
            os.remove(STAMP)
        install()
        with open(STAMP, "w") as stamp:
            stamp.write(digest())


def is_set_up() -> bool:
    """Whether the environment has what the requirement files ask for now."""
    try:
        with open(STAMP) as stamp:
            return stamp.read() == digest() and os.path.exists(PYTHON)
    except OSError:
        return False


def digest() -> str:
    """A short text that changes when a requirement file does."""
    import hashlib

    total = hashlib.sha256()
    for name in REQUIREMENT_FILES:
        with open(os.path.join(ROOT, name), "rb") as file:
            total.update(file.read())
    return total.hexdigest()


def fit_python() -> str:
    """The Python to make the environment with. Unfit when there is none."""
    import shutil

    preferred = shutil.which(PREFERRED)
    if preferred and works([preferred, "-c", "pass"]):
        return preferred
    if sys.version_info < LOWEST:
        raise Unfit(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} is too old: "
            f"install Python {LOWEST[0]}.{LOWEST[1]} or newer and start dev.py with it"
        )
    return sys.executable


def make_environment(python: str) -> None:
    """Makes functions/venv anew."""
    import subprocess

    if not works([python, "-c", "import venv, ensurepip"]):
        raise Unfit(f"{python} has no venv module: install it (on Debian and Ubuntu: apt install python3-venv)")
    say(f"making the environment in functions/venv with {python}")
    made = subprocess.run([python, "-m", "venv", "--clear", VENV], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        raise Unfit(f"the environment could not be made: {last_line(made.stdout.decode(errors='replace'))}")


def install() -> None:
    """Installs the pinned requirements, and shows how far it is."""
    import subprocess

    log = os.path.join(WORK, "setup.log")
    with open(os.path.join(ROOT, "functions", "constraints.txt")) as file:
        total = sum(1 for line in file if "==" in line)
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", REQUIREMENTS]
    # Its own variable would put the packages' compiled modules off to the first run.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    say(f"installing {total} packages (the log is {os.path.relpath(log)})")
    seen = 0
    pip = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    with open(log, "w") as out:
        for line in pip.stdout or ():
            out.write(line)
            if line.startswith("Collecting "):
                seen += 1
                progress(f"{min(seen, total)} of {total}: {line.split()[1]}")
            elif line.startswith("Installing collected"):
                progress("unpacking all of them, which takes about as long again")
    progress("")
    if pip.wait():
        explain(log)


def explain(log: str) -> None:
    """Raises Unfit with what pip's log says went wrong."""
    with open(log) as file:
        text = file.read()
    if any(sign in text for sign in NO_NETWORK):
        raise Unfit("the packages could not be fetched: there is no network or no package registry in reach; try again")
    errors = [line for line in text.splitlines() if line.startswith("ERROR")]
    raise Unfit(f"pip could not install the packages ({last_line(chr(10).join(errors))}): see {log}")


def works(command: list[str]) -> bool:
    """Whether a command runs and ends with 0."""
    import subprocess

    try:
        return not subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    except OSError:
        return False


def say(text: str) -> None:
    """One line to the person at the terminal; stdout is left to the command."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def progress(text: str) -> None:
    """Overwrites one line on a terminal; says nothing elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text[:79]}")
        sys.stderr.flush()


def last_line(text: str) -> str:
    """The last line that has something in it."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
