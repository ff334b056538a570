"""What pages and workflows tell one to run is there; docs/deploy.md names every parameter, secret and workflow."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from kindling import settings

from devtools import official
from emulators.functions import dotenv
from tests.emulators.javascript import node
from tests.live import ROOT
from tests.test_docs import PAGES, TICKED, commands, prose, table
from tests.typed import typed

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "deploy.md"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FIREBASE = "tests/node_modules/.bin/firebase"
GLOBAL = {"--project", "--json", "--non-interactive", "--config", "--debug"}  # taken by every command of the CLI
PINNED = re.compile(r"(?P<action>[\w-]+/[\w-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+")

every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


def steps(workflow: Path) -> list[dict[str, object]]:
    """Every step of every job."""
    document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    return [step for job in document["jobs"].values() for step in job.get("steps", [])]


def in_text(page: Path) -> Iterator[list[str]]:
    """The command lines that a page names within a sentence; what `dev.py emulators` hands on is the CLI's."""
    for text in TICKED.findall(prose(page)):
        words = text.removeprefix("python3 ").split()
        if words[:1] == ["firebase"] and words[1:]:
            yield words
        elif words[:1] == ["dev.py"] and words[1:]:
            handed_on = next((place for place, word in enumerate(words) if ":" in word), None)
            ours = words[1] != "emulators" or handed_on is None
            yield ["python3", *(words if ours else words[:handed_on])]
            if not ours:
                yield ["firebase", *words[handed_on:]]


def told() -> list[list[str]]:
    """Every command line of the pages and of the workflows, as words."""
    runs = [str(step["run"]) for workflow in WORKFLOWS for step in steps(workflow) if "run" in step]
    cut = [line.replace("\\\n", " ").split("|")[0].split() for line in runs]
    return [*(line for page in PAGES for line in (*commands(page), *in_text(page))), *cut]


def of_program(*names: str) -> list[list[str]]:
    """Those command lines that start one of the programs, without its name."""
    return [line[1:] for line in told() if line[0] in names]


@cache
def firebase_help(command: str) -> str:
    """What the pinned CLI says of a command."""
    node()  # skips where there is none
    words = [*official.cli(), command, "--help"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


FIREBASE_COMMANDS = sorted({line[0] for line in of_program("firebase", FIREBASE)})


@pytest.mark.official
@pytest.mark.parametrize("command", FIREBASE_COMMANDS)
def test_spec_the_pinned_cli_has_the_command_and_its_options(command: str) -> None:
    asked = {
        word for line in of_program("firebase", FIREBASE) if line[0] == command for word in line if word[:2] == "--"
    }
    help_ = firebase_help(command)
    assert f"Usage: firebase {command} " in help_
    assert {option for option in asked - GLOBAL if not re.search(rf"{option}\b", help_)} == set()


OWN_COMMANDS = {line[1] for line in of_program("python3") if line[0] == "dev.py"}


@pytest.mark.parametrize("command", sorted(OWN_COMMANDS - {"--help", "test"}))  # the arguments of test are pytest's
def test_ours_dev_py_has_the_command_and_its_options(command: str) -> None:
    lines = [line[1:] for line in of_program("python3") if line[1] == command]
    helps = {" ".join([command, *line[1:2]]) if line[1:2] == ["add"] else command for line in lines}
    done = [typed(*words.split(), "--help") for words in helps]
    assert [each.returncode for each in done] == [0] * len(done)
    mine = {word for line in lines for word in line if word.startswith("--")} - {"--only"}  # that is the CLI's own
    assert {option for option in mine if not any(option in each.stdout for each in done)} == set()


def test_ours_the_page_and_the_example_name_every_parameter_and_every_secret() -> None:
    plain = {each.name for each in settings.TABLE if not each.secret and not each.local_only}
    secret = {each.name for each in settings.TABLE if each.secret}
    example = dotenv.parse((ROOT / "functions" / ".env.example").read_text(encoding="utf-8"), ".env.example")
    page = table(PAGE, "3. Parameters")
    assert (set(example), page) == (plain, plain | secret)
    defaults = {each.name: each.default for each in settings.TABLE if each.name in plain and each.default}
    assert {name: example[name] for name in defaults} == defaults


def test_ours_the_page_names_every_workflow_and_the_cli_that_is_pinned() -> None:
    pinned = json.loads((ROOT / "tests" / "package.json").read_text(encoding="utf-8"))["dependencies"]["firebase-tools"]
    assert table(PAGE, "8. Deploys") - {"FIREBASE_PROJECT", "WORKLOAD_IDENTITY_PROVIDER", "DEPLOYER", "PREVIEWER"} == {
        workflow.name for workflow in WORKFLOWS
    }
    assert f"firebase-tools@{pinned}" in PAGE.read_text(encoding="utf-8")


@every_workflow
def test_spec_a_workflow_is_one_by_githubs_schema(workflow: Path) -> None:
    command = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, str(workflow)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@every_workflow
def test_ours_a_workflow_may_little_and_runs_only_what_is_pinned(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    uses = [line.split("uses:")[1].strip() for line in text.splitlines() if "uses:" in line]
    assert [each for each in uses if not each.startswith("./") and not PINNED.fullmatch(each)] == []
    assert document["permissions"] == {"contents": "read"}
    assert [step for step in steps(workflow) if "${{" in str(step.get("run", ""))] == []  # what it holds would be run
    assert [word for word in ("secrets.", "pull_request_target", "write-all") if word in text] == []
    assert all("timeout-minutes" in job or "uses" in job for job in document["jobs"].values())


@every_workflow
def test_ours_who_may_sign_in_at_google_does_and_no_fork_may(workflow: Path) -> None:
    document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    for job in document["jobs"].values():
        signs_in = any("google-github-actions/auth" in str(step.get("uses")) for step in job.get("steps", []))
        assert (job.get("permissions", {}).get("id-token") == "write") == signs_in
        if signs_in:
            assert "vars.FIREBASE_PROJECT != ''" in job["if"]
            assert "environment" in job
            own = "github.event.pull_request.head.repo.full_name == github.repository"
            assert "pull_request" not in document[True] or own in job["if"]  # YAML reads the key `on` as true


def test_ours_one_action_is_one_commit_everywhere() -> None:
    lines = [line.strip().removeprefix("- ") for file in WORKFLOWS for line in file.read_text().splitlines()]
    pinned = {line for line in lines if line.startswith("uses: ") and "@" in line}
    assert len({line.partition("@")[0] for line in pinned}) == len(pinned)


def test_ours_the_workflows_python_is_the_runtime_and_their_node_runs_the_cli() -> None:
    runtime = json.loads((ROOT / "firebase.json").read_text(encoding="utf-8"))["functions"]["runtime"]
    given = [step["with"] for file in WORKFLOWS for step in steps(file) if "with" in step]
    pythons = {each["python-version"] for each in given if "python-version" in each}  # type: ignore[index, operator]  # a step's mapping
    nodes = {int(each["node-version"]) for each in given if "node-version" in each}  # type: ignore[index, operator]  # a step's mapping
    assert {f"python{each.replace('.', '')}" for each in pythons} == {runtime}
    assert min(nodes) >= official.NODE_MIN


def test_ours_every_command_of_a_workflow_is_there() -> None:
    lines = [line for line in told() if line[0] in ("bash", "npm", FIREBASE)]
    assert {line[0] for line in lines} == {"bash", "npm", FIREBASE}
    assert [line for line in lines if line[0] == "bash" and not (ROOT / line[1]).is_file()] == []
