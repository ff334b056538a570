"""`dev.py deploy`: what it tells, what it refuses, and that the Firebase CLI is started as it should be.

Google cannot be had in a test: a program called `firebase` stands first on PATH, answers as the CLI does and writes
down how it was started. The real CLI is run as far as it goes without an account.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from devtools import deploying, official
from devtools.preflight import fresh, subject
from emulators.errors import MachineError
from tests.emulators.javascript import node
from tests.live import ROOT
from tests.preflight.planting import copy
from tests.typed import typed

pytestmark = pytest.mark.slow

PARAMETERS = """SITE_URL=https://shop.example
CONTACT=me@shop.example
REGION=europe-west1
READER_INSTANCES=4
WRITER_INSTANCES=2
RUN_INSTANCES=1
"""
INSTANCE = {"name": "shop-1-default-rtdb", "type": "default_database", "state": "active"}
SECRET = {"name": "x", "secrets": [{"version": "1", "state": "ENABLED"}]}

FIREBASE = """#!{python}
import json, os, sys
words, answers = sys.argv[1:], json.loads({answers!r})
patience = os.environ["FUNCTIONS_DISCOVERY_TIMEOUT"] if words[0] == "deploy" else ""
with open({log!r}, "a") as log:
    print(json.dumps([words, os.getcwd(), patience]), file=log)
if words[0] == "deploy":
    print("deployed")
    sys.exit(7)
answer = answers.get(" ".join(words[:2]), answers.get(words[0]))
failed = {{"status": "error", "error": answers.get("error", "Not found")}}
print(json.dumps(failed if answer is None else {{"status": "success", "result": answer}}))
sys.exit(answer is None)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of this project with the parameters of shop-1, and the environment of its list as if made before."""
    folder = tmp_path / "project"
    folder.mkdir()
    copy(folder)
    (folder / "functions" / ".env.shop-1").write_text(PARAMETERS)
    looked = subject.look(folder, "shop-1", None)
    assert isinstance(looked, subject.Subject)
    made = fresh.place(looked)
    (made / "bin").mkdir(parents=True)
    python = made / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (made / fresh.DONE).touch()
    return folder


def deploy(folder: Path, *arguments: str, path: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """dev.py deploy in the folder, `path` first on PATH."""
    places = f"{path}{os.pathsep}{os.environ['PATH']}" if path else os.environ["PATH"]
    return typed("deploy", f"--project-dir={folder}", *arguments, env={"PATH": places, **env})


def firebase(folder: Path, answers: Mapping[str, object]) -> tuple[Path, Path]:
    """The folder of a stand-in for the CLI, and the file in which it notes how it was started."""
    place, log = folder / "bin", folder / "log"
    place.mkdir()
    program = place / "firebase"
    program.write_text(FIREBASE.format(python=sys.executable, log=str(log), answers=json.dumps(answers)))
    program.chmod(0o755)
    return place, log


def test_spec_a_dry_run_tells_what_would_go_where_and_starts_nothing(project: Path, tmp_path: Path) -> None:
    path, log = firebase(tmp_path, {})
    done = deploy(project, "--project", "shop-1", "--dry-run", path=path)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr, lines[0], lines[-2:], log.exists()) == (
        0,
        "",
        "project shop-1",
        ["nothing would stop a deploy", "dry run: nothing was deployed"],
        False,
    )
    assert "  get_data        https    europe-west1 256 MB, cpu 1, 80 at once, at most 4, 60 s" in lines
    assert "  scrapesource    queue    europe-west1 512 MB, cpu 1, 1 at once, at most 1, 900 s" in lines
    assert "database: the rules and indexes of database.rules.json" in lines
    assert [line.partition(",")[0] for line in lines if line.startswith("hosting")] == ["hosting: public/"]


def test_spec_a_project_of_the_emulators_is_never_deployed(project: Path, tmp_path: Path) -> None:
    path, log = firebase(tmp_path, {})
    done = deploy(project, path=path)
    assert (done.returncode, done.stderr.partition(": Firebase")[0], log.exists()) == (
        1,
        ".firebaserc: demo-kindling is a project of the emulators",
        False,
    )


def test_spec_it_asks_google_deploys_with_the_arguments_and_passes_the_exit_code_on(
    project: Path, tmp_path: Path
) -> None:
    answers = {"database:instances:list": [INSTANCE], "functions:secrets:get": SECRET}
    path, log = firebase(tmp_path, answers)
    (project / ".firebaserc").write_text('{"projects": {"default": "demo-kindling", "live": "shop-1"}}')
    done = deploy(project, "--project", "live", "--only", "hosting", path=path)
    assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (7, "", "deployed")
    started = [json.loads(line) for line in log.read_text().splitlines()]
    ending = ["--project", "shop-1", "--json", "--non-interactive"]
    secrets = ("ADMIN_KEY", "SOURCE_SECRETS", "WEBHOOK_SECRET")
    assert started == [
        [["database:instances:list", *ending], str(project), ""],
        *([["functions:secrets:get", name, *ending], str(project), ""] for name in secrets),
        [["deploy", "--project", "shop-1", "--only", "hosting"], str(project), "60"],
    ]


def test_spec_what_google_does_not_have_yet_is_told_with_the_command_that_makes_it(
    project: Path, tmp_path: Path
) -> None:
    path, log = firebase(tmp_path, {"database:instances:list": [], "functions:secrets:get ADMIN_KEY": SECRET})
    done = deploy(project, "--project", "shop-1", path=path)
    assert (done.returncode, done.stderr.splitlines(), "deploy" in log.read_text()) == (
        1,
        [
            "shop-1: it has no default Realtime Database: the functions would have nowhere to keep anything: "
            "make it in the console, or with `firebase init database`: docs/deploy.md",
            "shop-1: the secret SOURCE_SECRETS has no value (Not found): firebase functions:secrets:set SOURCE_SECRETS",
            "shop-1: the secret WEBHOOK_SECRET has no value (Not found): firebase functions:secrets:set WEBHOOK_SECRET",
        ],
        False,
    )


def test_ours_who_is_not_signed_in_is_told_to_sign_in_and_not_that_secrets_are_missing(
    project: Path, tmp_path: Path
) -> None:
    error = "Failed to authenticate, have you run firebase login?"
    path, _ = firebase(tmp_path, {"error": error})
    done = deploy(project, "--project", "shop-1", path=path)
    mend = "run `firebase login`, or give CI credentials: docs/deploy.md"
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [f"shop-1: Firebase does not tell its {what}: {error}: {mend}" for what in ("databases", "secrets")],
    )


def test_spec_a_list_that_pip_cannot_install_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}.items():
        monkeypatch.setenv(name, value)
    (project / "functions" / "requirements.txt").write_text("a-package-that-is-not-there==1.0\n")
    looked = subject.look(project, "shop-1", None)
    assert isinstance(looked, subject.Subject)
    assert [str(each) for each in fresh.installable(looked)] == [
        "functions/requirements.txt: pip cannot install the list: No matching distribution found for "
        "a-package-that-is-not-there==1.0: mend the list, or the network; Cloud Build asks as pip does"
    ]


def test_spec_a_package_that_the_list_does_not_bring_is_told(project: Path) -> None:
    looked = subject.look(project, "shop-1", None)
    assert isinstance(looked, subject.Subject)
    (project / "functions" / "main.py").write_text("import a_module_that_is_not_there\n")
    found = [each.what for each in fresh.installable(looked)]
    assert found == [
        "with this list alone main.py does not load: ModuleNotFoundError: No module named 'a_module_that_is_not_there'"
    ]


def test_ours_another_python_has_an_environment_of_its_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = subject.look(project, "shop-1", None)
    assert isinstance(looked, subject.Subject)
    here = fresh.place(looked)
    monkeypatch.setattr(sys, "version", "3.12.0 (another)")
    assert fresh.place(looked) != here


def test_spec_without_any_cli_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(official, "FIREBASE", tmp_path / "none")
    with pytest.raises(MachineError, match=r"^the Firebase CLI is missing: install Node 20 or newer, then "):
        deploying.command_line()


def test_ours_the_pinned_cli_is_the_one_that_the_tests_run() -> None:
    listed = json.loads((ROOT / "tests" / "package.json").read_text(encoding="utf-8"))
    assert listed["dependencies"]["firebase-tools"] == deploying.PINNED


@pytest.mark.official
def test_spec_the_real_cli_without_an_account_says_how_to_sign_in(project: Path, tmp_path: Path) -> None:
    node()  # skips where there is none
    done = deploy(project, "--project", "shop-1", HOME=str(tmp_path), METADATA_SERVER_DETECTION="none", CI="1")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1,
        "shop-1: Firebase does not tell its databases: Failed to authenticate, have you run firebase login?: "
        "run `firebase login`, or give CI credentials: docs/deploy.md",
    )
