"""`dev.py keys`: it makes a key, lists them, takes one back, of the local data or of a project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from kindling.keyring import cli

from tests.live import database
from tests.typed import typed

pytestmark = pytest.mark.slow


def run(*arguments: str, **env: str) -> tuple[int, str, str]:
    """`dev.py keys` as a person runs it: exit code, stdout, stderr."""
    done = typed("keys", *arguments, env=env)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.suite
def test_spec_the_command_makes_lists_and_takes_back_a_key(tmp_path: Path) -> None:
    data = f"--data={tmp_path}"
    code, text, said = run("add", "pandas", "--scope", "read", "--collections", "movies,users", data)
    assert (code, text.startswith("kindling_pandas_"), text.count("\n")) == (0, True, 1)
    assert "The key pandas is shown this once" in said
    code, out, _ = run("list", "--json", data)
    assert (code, text.strip() in out) == (0, False)
    (listed,) = json.loads(out)["keys"]
    assert {name: value for name, value in listed.items() if name != "created_at"} == {
        "name": "pandas",
        "scope": "read",
        "collections": ["movies", "users"],
        "status": "good",
        "expires_at": None,
        "revoked_at": None,
    }
    again = run("add", "pandas", "--scope", "read", data)
    mend = "choose another name, for the change log keeps it"
    assert (again[0], again[1]) == (1, "")
    assert f"keys: there is a key pandas already; {mend}\n" in again[2]
    assert run("revoke", "pandas", data)[:2] == (0, "pandas is revoked\n")
    assert json.loads(run("list", "--json", data)[1])["keys"][0]["status"] == "revoked"


USAGE = {
    "no scope": (("add", "x"), "Missing option '--scope'"),
    "an unknown scope": (("add", "x", "--scope", "all"), "'all' is not one of 'read', 'write', 'admin'"),
    "an end nobody understands": (("add", "x", "--scope", "read", "--expires", "soon"), "'soon' is no time"),
    "an end that is half a time": (("add", "x", "--scope", "read", "--expires", "90"), "'90' is no time"),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE.values(), ids=USAGE.keys())
def test_spec_a_wrong_command_says_what_is_wrong(arguments: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(cli, arguments)
    assert (done.exit_code, said in done.output) == (2, True)


HELP = {
    "none is usage": ((), 2, "", "(list | add NAME --scope SCOPE | revoke NAME)"),
    "--help": (("--help",), 0, "--project ID", ""),
    "of one command": (("add", "--help"), 0, "--expires", ""),
}


@pytest.mark.parametrize(("arguments", "code", "out", "err"), HELP.values(), ids=HELP.keys())
def test_ours_help_starts_no_suite(tmp_path: Path, arguments: tuple[str, ...], code: int, out: str, err: str) -> None:
    done = run(*arguments, f"--data={tmp_path / 'data'}")
    assert (done[0], out in done[1], err in done[2]) == (code, True, True)
    assert not (tmp_path / "data").exists()


def test_spec_a_project_is_asked_itself_and_not_the_local_data() -> None:
    with database() as host:
        chosen = ("--project", "a-project", "--database", f"http://{host}/?ns=a-project")
        code, text, _ = run("add", "phone", "--scope", "write", *chosen)
        assert (code, text.startswith("kindling_phone_")) == (0, True)
        listed = json.loads(run("list", "--json", *chosen)[1])["keys"]
    assert [(key["name"], key["scope"], key["collections"]) for key in listed] == [("phone", "write", None)]


def test_spec_a_database_goes_with_its_project() -> None:
    code, out, said = run("list", "--database", "https://x.firebaseio.com")
    assert (code, out, said.splitlines()[-1]) == (2, "", "dev.py keys: error: --database goes with --project")


def test_spec_a_project_without_credentials_is_said_in_one_line(tmp_path: Path) -> None:
    env = {"CLOUDSDK_CONFIG": str(tmp_path), "NO_GCE_CHECK": "true", "GOOGLE_APPLICATION_CREDENTIALS": ""}
    code, out, said = run("list", "--project", "a-project", **env)
    assert (code, out, said.count("\n")) == (3, "", 1)
    assert "gcloud auth application-default login" in said
