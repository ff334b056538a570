"""`dev.py emulators` itself: what it prepares, what it says when it cannot, and that nothing outlives it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from devtools import jar
from devtools.official import ONLY, command, environment, stand_in
from emulators.functions import dotenv
from tests.official.suites import KEY, PROJECT, START_S, OfficialSuite, copy, eventually, left_behind
from tests.running_suite import DEADLINE_S, ROOT

# Prints and waits, inside `emulators:exec`: a suite that is in the middle of something.
WAIT = "echo INSIDE; read _ < fifo"


@pytest.mark.official
@pytest.mark.usefixtures("firebase")
def test_spec_a_killed_runner_takes_everything_with_it(folder: Path) -> None:
    project = copy(ROOT, folder / "project", sources=("users",))
    os.mkfifo(project / "fifo")
    running = OfficialSuite(project, "emulators:exec", "--only", ONLY, WAIT, data=folder / "data", ready="INSIDE")
    assert requests.get(running.hosting, timeout=START_S).text == "Hello World!"
    alive = left_behind(folder)
    for program in ("firebase", "functions-framework", "devtools.jar"):
        assert [words for words in alive if program in words] != []
    running.kill()
    eventually(lambda: left_behind(folder) == [])


@pytest.mark.official
def test_spec_missing_secrets_are_made_for_the_owner_alone(official: OfficialSuite) -> None:
    file = official.project / "functions" / ".secret.local"
    assert {name: len(value) for name, value in dotenv.read_files([file]).items()} == {
        "ADMIN_KEY": len(KEY),
        "SOURCE_SECRETS": len("{}"),
        "WEBHOOK_SECRET": 32,
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_ours_the_cli_is_told_where_the_data_is_and_to_look_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "METADATA_SERVER_DETECTION", "KINDLING_ALLOW"):
        monkeypatch.delenv(name, raising=False)
    told = environment(ROOT, "demo")
    assert {name: value for name, value in told.items() if os.environ.get(name) != value} == {
        "CI": "1",
        "METADATA_SERVER_DETECTION": "none",
        "DATABASE_URL": "https://demo-default-rtdb.firebaseio.com",
        "FUNCTIONS_DISCOVERY_TIMEOUT": "60",
        "SITE_URL": "http://127.0.0.1:5000",
        "KINDLING_ALLOW": "127.0.0.1:5000",
    }


@pytest.mark.official
def test_spec_a_functions_name_without_an_underscore_has_a_queue(official: OfficialSuite) -> None:
    """A name that has one gets none: the CLI takes no such queue."""
    queues = requests.get(f"{official.origin('tasks')}/queueStats", timeout=START_S).json()
    assert list(queues) == [f"queue:{PROJECT}-us-central1-scrapesource"]


COMMANDS = {
    "nothing said": ([], ["emulators:start", "--only", ONLY, "--project", "p"]),
    "options only": (["--debug"], ["emulators:start", "--only", ONLY, "--project", "p", "--debug"]),
    "other emulators": (
        ["emulators:exec", "--only", "auth", "true"],
        ["emulators:exec", "--project", "p", "--only", "auth", "true"],
    ),
    "another project": (
        ["emulators:start", "--project=q"],
        ["emulators:start", "--only", ONLY, "--project=q"],
    ),
    "a command that starts nothing": (["emulators:export", "dir"], ["emulators:export", "--project", "p", "dir"]),
}


@pytest.mark.parametrize(("given", "words"), COMMANDS.values(), ids=COMMANDS.keys())
def test_ours_what_is_missing_of_the_command_is_filled_in(given: list[str], words: list[str]) -> None:
    assert command(given, "p") == words


MISSING = "the Firebase CLI is missing: install Node 20 or newer, then run `npm ci` in tests/"
UNFIT = {
    "no Node": (None, "official.FIREBASE", MISSING),
    "no CLI": ("v20.0.0", "pathlib.Path('nosuch')", MISSING),
    "a Node that is too old": ("v18.20.4", "pathlib.Path('/')", "Node v18.20.4 is too old: install Node 20 or newer"),
}


@pytest.mark.parametrize(("version", "firebase", "message"), UNFIT.values(), ids=UNFIT.keys())
def test_spec_an_unfit_machine_is_one_line_and_3(
    tmp_path: Path, version: str | None, firebase: str, message: str
) -> None:
    if version is not None:
        node = tmp_path / "node"
        node.write_text(f"#!/bin/sh\necho {version}\n")
        node.chmod(0o700)
    code = (
        "import pathlib, sys; from devtools import official; "
        f"official.FIREBASE = {firebase}; sys.exit(official.main([]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "", f"emulators: {message}\n")


def test_ours_the_script_called_java_tells_a_version_that_is_new_enough(tmp_path: Path) -> None:
    with stand_in(tmp_path, "demo") as variables:
        java = shutil.which("java", path=variables["PATH"])
        assert java is not None
        done = subprocess.run(
            [java, "-Duser.language=en", "-version"], capture_output=True, text=True, timeout=DEADLINE_S, check=False
        )
        assert (done.returncode, done.stderr) == (0, 'openjdk version "21.0.0"\n')


ARGUMENTS = {
    "with functions": (
        "--host H --port 1 --single_project_mode Warning --functions_emulator_host F --functions_emulator_port 2",
        "--host H --port 1 --functions F:2",
    ),
    "without": ("--host H --port 1 --single_project_mode Warning", "--host H --port 1"),
}


@pytest.mark.parametrize(("given", "expected"), ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_ours_the_jars_arguments_become_ours(given: str, expected: str) -> None:
    assert jar.translated(given.split()) == expected.split()


def test_ours_an_argument_that_is_new_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        jar.translated(["--host", "H", "--port", "1", "--nosuch", "1"])
    assert ended.value.code == 2
    assert "unrecognized arguments: --nosuch 1" in capsys.readouterr().err
