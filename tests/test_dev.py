"""dev.py: it needs nothing but a Python, makes its environment once, and says in one line what is missing."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

import dev
from tests.running_suite import DEADLINE_S, FIXTURE, ROOT, Running, RunningSuite
from tests.typed import PATIENCE_S, typed

pytestmark = pytest.mark.slow

SOURCE = (ROOT / "dev.py").read_text(encoding="utf-8")


def test_ours_an_old_python_can_read_it_and_be_told() -> None:
    ast.parse(SOURCE, feature_version=(3, 7))


def test_spec_it_uses_the_standard_library_only() -> None:
    names = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert names <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", "1 failed, 1 error"), ("false", "2 skipped")], ids=["CI", "elsewhere"]
)
def test_spec_in_ci_a_skipped_test_is_a_failure(tmp_path: Path, ci: str, outcome: str) -> None:
    (tmp_path / "test_a.py").write_text(
        "import pytest\n@pytest.mark.skip\ndef test(): pass\ndef test_b(): pytest.skip()\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-c",
        str(ROOT / "pyproject.toml"),
        str(tmp_path),
    ]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "CI": ci}, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert f" {outcome} in " in done.stdout.splitlines()[-1]


def test_ours_every_command_exists() -> None:
    files = [ROOT / f"{module.replace('.', '/')}.py" for module, _ in dev.COMMANDS.values()]
    assert [file for file in files if not file.exists()] == []


@pytest.mark.parametrize(
    ("arguments", "code"), [((), 2), (("--help",), 0), (("nosuch",), 2)], ids=["none", "help", "unknown"]
)
def test_spec_usage(arguments: tuple[str, ...], code: int) -> None:
    done = typed(*arguments)
    assert (done.returncode, all(name in done.stdout + done.stderr for name in dev.COMMANDS)) == (code, True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project with nothing to install, whose tests say that they ran."""
    (tmp_path / "functions").mkdir()
    (tmp_path / "devtools").mkdir()
    for name in dev.REQUIREMENT_FILES:
        (tmp_path / name).write_text("")
    (tmp_path / "dev.py").write_text(SOURCE)
    (tmp_path / "devtools" / "testing.py").write_text(
        "import sys\n\ndef main(arguments):\n    print(sys.prefix, *arguments)\n    return 0\n"
    )
    return tmp_path


def words(root: Path, done: subprocess.CompletedProcess[str]) -> tuple[int, str, list[str]]:
    """The exit code, the output, and what dev.py said of itself, without paths."""
    said = [
        line.removeprefix("dev.py: ").partition(" with ")[0].partition(" (")[0] for line in done.stderr.splitlines()
    ]
    return done.returncode, done.stdout.replace(str(root), "ROOT").strip(), said


MADE = ["making the environment in functions/venv", "installing 0 packages"]
RAN = "ROOT/functions/venv a b"
NO_NETWORK = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "1", "PIP_NO_CACHE_DIR": "1"}


def test_spec_the_first_run_sets_up_and_the_second_has_nothing_to_do(clone: Path) -> None:
    assert words(clone, typed("test", "a", "b", root=clone)) == (0, RAN, MADE)
    assert words(clone, typed("test", "a", "b", root=clone)) == (0, RAN, [])
    # An interrupted set-up leaves no stamp; a broken one no Python: both are mended by the next run.
    (clone / "functions" / "venv" / "installed.txt").unlink()
    assert words(clone, typed("test", "a", "b", root=clone)) == (0, RAN, MADE[1:])
    (clone / "functions" / "requirements.txt").write_text("# changed\n")
    assert words(clone, typed("test", "a", "b", root=clone)) == (0, RAN, MADE[1:])
    # One that failed may have changed some: the list as it was before is looked at too.
    (clone / dev.REQUIREMENTS).write_text("a-package-that-is-not-there==1.0\n")
    assert typed("test", root=clone, env=NO_NETWORK).returncode == 3
    (clone / dev.REQUIREMENTS).write_text("")
    assert words(clone, typed("test", "a", "b", root=clone)) == (0, RAN, MADE[1:])
    (clone / "functions" / "venv" / "bin" / "python").unlink()
    assert words(clone, typed("test", "a", "b", root=clone)) == (0, RAN, MADE)


def test_spec_two_at_once_make_one_environment(clone: Path) -> None:
    command = [sys.executable, str(clone / "dev.py"), "test", "a", "b"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [each.communicate(timeout=PATIENCE_S) for each in both]
    assert [each.returncode for each in both] == [0, 0]
    said = "".join(stderr for _, stderr in answers)
    assert (said.count("making the environment"), said.count("waiting for another set-up")) == (1, 1)


def test_spec_no_network_is_one_clear_line(clone: Path) -> None:
    (clone / dev.REQUIREMENTS).write_text("a-package-that-is-not-there==1.0\n")
    done = typed("test", root=clone, env=NO_NETWORK)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        3,
        "dev.py: the packages could not be fetched: there is no network or no package registry in reach; try again",
    )


def fake(name: str, folder: Path, body: str) -> str:
    """A PATH on which the program of that name is a script."""
    folder.mkdir()
    script = folder / name
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_spec_a_python_without_venv_is_one_clear_line(clone: Path, tmp_path: Path) -> None:
    path = fake("python3.11", tmp_path / "bin", '[ "$2" = pass ]')
    done = typed("test", root=clone, env={"PATH": path})
    assert (done.returncode, done.stderr) == (
        3,
        f"dev.py: {tmp_path / 'bin' / 'python3.11'} has no venv module: "
        "install it (on Debian and Ubuntu: apt install python3-venv)\n",
    )


def test_spec_an_old_python_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(
        dev.Unfit, match=r"^Python 3\.9 is too old: install Python 3\.11 or newer and start dev\.py with it$"
    ):
        dev.fit_python()


def test_ours_a_python_that_does_not_run_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", fake("python3.11", tmp_path / "bin", "exit 1"))
    assert dev.fit_python() == sys.executable


WORDS = {
    "help": (["--help"], False),
    "help in short": (["-h"], False),
    "the fast tests": (["--fast", "nosuch.py"], False),
    "tests that may need it": (["nosuch.py"], True),
}


@pytest.mark.parametrize(("arguments", "fetches"), WORDS.values(), ids=WORDS.keys())
def test_ours_packages_of_npm_are_fetched_only_for_tests_that_may_need_them(
    tmp_path: Path, arguments: list[str], fetches: bool
) -> None:
    for name in ("devtools/testing.py", "tests/package-lock.json"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(ROOT / name, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from devtools import testing; testing.main(sys.argv[1:])", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PATH": fake("npm", tmp_path / "bin", "exit 1"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ("installing the packages of tests/package.json" in done.stderr) is fetches


def test_spec_check_finds_what_would_stop_a_deploy() -> None:
    done = typed("check", "--json", f"--project-dir={FIXTURE}")
    told = json.loads(done.stdout)
    assert (done.returncode, told["functions"]) == (
        1,
        ["echo", "fails", "hold", "scrape_due", "slow", "stream", "tick", "work", "written"],
    )
    assert [each["what"] for each in told["problems"] if each["where"].startswith("firebase.json")] == [
        "functions.runtime is not said",
        "no rewrite leads from /fails to the function fails",
        "a rewrite leads to nosuch, which main.py does not have",
        "the last rewrite is not for every path: a path that is nobody's gets Hosting's own HTML page",
    ]


def test_spec_check_says_one_line_a_finding_and_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "firebase.json").write_text("{")
    done = typed("check", f"--project-dir={tmp_path}")
    said = "firebase.json: Input data was truncated: write it as Firebase's documentation of this file has it\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "problems: 1\n", said)


def test_spec_the_help_of_check_tells_that_it_may_write_the_runtime() -> None:
    told = " ".join(typed("check", "--help").stdout.split())
    assert "Where the runtime in firebase.json is not the Python of functions/venv, it is changed, also without" in told


def test_spec_check_gives_firebase_the_environments_python(tmp_path: Path) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "main.py").touch()
    (tmp_path / "firebase.json").write_bytes(b'{"functions":\r\n {"runtime": "python39"}}')
    mine = f"python{sys.version_info[0]}{sys.version_info[1]}"
    done = typed("check", f"--project-dir={tmp_path}")
    assert (done.stderr.splitlines()[0], (tmp_path / "firebase.json").read_bytes()) == (
        f"check: firebase.json: runtime was python39 and is {mine} now, the Python of functions/venv",
        b'{"functions":\r\n {"runtime": "%s"}}' % mine.encode(),
    )


def test_spec_an_address_that_is_none_is_a_mistake_of_usage() -> None:
    done = typed("preview", "/demo/movies.html", "--allow", "nonsense")
    said = "dev.py preview: error: argument --allow: 'nonsense' is no HOST:PORT\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.suite
def test_spec_this_project_would_deploy() -> None:
    done = typed("check", "--json")
    assert json.loads(done.stdout)["problems"] == []
    assert done.returncode == 0


@pytest.mark.suite
def test_spec_scrape_beside_a_running_suite_uses_its_database(suite: RunningSuite) -> None:
    done = typed("scrape", "users", "--json", f"--data={suite.folder / 'data'}")
    assert (done.returncode, [each["status"] for each in json.loads(done.stdout)["runs"]]) == (0, ["ok"])
    shawn = suite.get("/get_data/users?name=Shawn&_select=email&_shape=array").json()
    assert [each["email"] for each in shawn] == ["shawn@example.com"]


@pytest.mark.suite
def test_spec_what_was_exported_is_the_same_when_it_is_imported(tmp_path: Path) -> None:
    first, second = f"--data={tmp_path / 'first'}", f"--data={tmp_path / 'second'}"
    assert typed("scrape", "users", first).returncode == 0
    assert typed("export", str(tmp_path / "a.json"), first).returncode == 0
    assert typed("import", str(tmp_path / "a.json"), second).returncode == 0
    assert typed("export", str(tmp_path / "b.json"), second).returncode == 0
    assert json.loads((tmp_path / "a.json").read_bytes()) == json.loads((tmp_path / "b.json").read_bytes())
    refused = typed("import", str(tmp_path / "a.json"), second)
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (
        1,
        "import: the database holds something: --replace puts the file in its place",
    )
    assert typed("import", str(tmp_path / "a.json"), "--replace", second).returncode == 0


def test_ours_what_is_no_json_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    done = typed("import", str(tmp_path / "x.json"), f"--data={tmp_path / 'data'}")
    assert (done.returncode, done.stderr.startswith(f"import: {tmp_path / 'x.json'} is no JSON: ")) == (1, True)


@pytest.mark.suite
def test_spec_serve_through_dev_answers(tmp_path: Path) -> None:
    command = [sys.executable, "dev.py", "serve", "--no-schedule", f"--data={tmp_path}"]
    ports = ["--port=0", "--functions-port=0", "--database-port=0", f"--secrets={tmp_path / 'secrets'}"]
    serving = Running(command + ports)
    answer = requests.get(serving.line("ready ").removeprefix("ready "), timeout=DEADLINE_S)
    serving.process.terminate()
    assert (answer.text, serving.wait()) == ("Hello World!", 0)
