"""The official suite from npm, offline, with our database in it: the same answers, and nothing left behind."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import official
from emulators.listening import address_of, listen
from tests.running_suite import ROOT

OFFICIAL_S = 300  # it starts a process for every function it is asked for
SERVERS = ("auth", "database", "eventarc", "functions", "hosting", "hub", "logging", "tasks")

# What runs inside: asks through Hosting and writes one JSON document into a file.
ASK = """
import json, pathlib, sys, requests
site = sys.argv[1]
key = dict(line.split("=", 1) for line in pathlib.Path("functions/.secret.local").read_text().split())["ADMIN_KEY"]
admin = {"X-API-Key": key}
def told(answer):
    return [answer.status_code, answer.json() if "json" in answer.headers["Content-Type"] else answer.text]
url = site + "/save_data/people"
people = [{"name": "Shawn", "email": "shawn@example.com"}, {"name": "Ada", "email": "ada@example.com"}]
saved = requests.post(url, params={"_key": "name"}, json=people, headers=admin, timeout=60)
public = requests.patch(url, json={"public": True}, headers=admin, timeout=60)
asked = "/get_data/people?name=Shawn&_select=email&_shape=array"
run = requests.post(site + "/scrape_now/users", params={"_wait": 50}, headers=admin, timeout=60).json()
pathlib.Path(sys.argv[2]).write_text(json.dumps({
    "root": told(requests.get(site + "/", timeout=60)),
    "saved": saved.status_code,
    "public": public.status_code,
    "shawn": told(requests.get(site + asked, timeout=60)),
    "nothing": requests.get(site + "/nothing", timeout=60).status_code,
    "without a key": requests.post(url, json={}, timeout=60).status_code,
    "scraped": [run["status"], run["records"]],
}))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """This project as it is, on ports that are free and with secrets of its own."""
    folder = tmp_path / "project"
    left_out = shutil.ignore_patterns("venv", "__pycache__", ".secret.local", ".env.local")
    shutil.copytree(ROOT / "functions", folder / "functions", ignore=left_out)
    (folder / "functions" / "venv").symlink_to(ROOT / "functions" / "venv")
    for name in ("public", "database.rules.json", ".firebaserc"):
        (folder / name).symlink_to(ROOT / name)
    config = json.loads((ROOT / "firebase.json").read_text())
    probes = {name: listen("127.0.0.1", 0, "no option") for name in SERVERS}
    config["emulators"] = {
        name: {"host": "127.0.0.1", "port": address_of(probe).port} for name, probe in probes.items()
    } | {"ui": {"enabled": False}}
    for probe in probes.values():
        probe.close()
    (folder / "firebase.json").write_text(json.dumps(config))
    (tmp_path / "ask.py").write_text(ASK)
    return folder


@pytest.mark.official
def test_spec_the_official_suite_gives_the_same_answers(project: Path, tmp_path: Path) -> None:
    if not official.FIREBASE.exists():
        pytest.skip("the Firebase CLI is not installed: run `npm ci` in tests/")
    site = json.loads((project / "firebase.json").read_text())["emulators"]["hosting"]
    ask = f"{sys.executable} {tmp_path / 'ask.py'} http://127.0.0.1:{site['port']} {tmp_path / 'answers.json'}"
    command = [
        sys.executable,
        str(ROOT / "dev.py"),
        "emulators",
        f"--project-dir={project}",
        f"--data={tmp_path / 'data'}",
    ]
    done = subprocess.run(
        [*command, "emulators:exec", ask], cwd=project, capture_output=True, text=True, timeout=OFFICIAL_S, check=False
    )
    assert (tmp_path / "answers.json").exists(), done.stdout + done.stderr
    assert json.loads((tmp_path / "answers.json").read_text()) == {
        "root": [200, "Hello World!"],
        "saved": 201,
        "public": 200,
        "shawn": [200, [{"_id": "Shawn", "email": "shawn@example.com"}]],
        "nothing": 404,
        "without a key": 401,
        "scraped": ["ok", 10],
    }
    assert done.returncode == 0
    assert not (project / "functions" / ".env.local").exists()
    assert _processes(str(tmp_path)) == []


def _processes(text: str) -> list[str]:
    """The processes that name the text on their command line, or run in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            folder = os.readlink(entry / "cwd")
        except OSError:
            continue  # it ended, or is the system's own
        if text in words or text in folder:
            found.append(words)
    return found


COMMANDS = {
    "nothing said": ([], ["emulators:start", "--only", official.ONLY, "--project", "p"]),
    "options only": (["--debug"], ["emulators:start", "--only", official.ONLY, "--project", "p", "--debug"]),
    "another command": (
        ["emulators:exec", "--only", "auth", "true"],
        ["emulators:exec", "--project", "p", "--only", "auth", "true"],
    ),
    "another project": (
        ["emulators:start", "--project=q"],
        ["emulators:start", "--only", official.ONLY, "--project=q"],
    ),
}


@pytest.mark.parametrize(("given", "words"), COMMANDS.values(), ids=COMMANDS.keys())
def test_ours_what_is_missing_of_the_command_is_filled_in(given: list[str], words: list[str]) -> None:
    assert official.command(given, "p") == words
