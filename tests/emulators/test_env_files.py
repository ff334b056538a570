"""Env files and secrets: what is read of them, what is refused, which wins."""

from pathlib import Path

import pytest

from emulators.errors import ConfigError
from emulators.functions import dotenv, environment
from emulators.listening import Address

ENV = {
    "plain": ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
    "comments and blanks": ("# c\n\n  A=1 # not this\n", {"A": "1"}),
    "single quotes take all as it is": ("A='#\\n \"x\"'\n", {"A": '#\\n "x"'}),
    "double quotes take escapes": ('A="a\\nb\\"c"\n', {"A": 'a\nb"c'}),
    "a value over lines": ('A="a\nb"\nB=1\n', {"A": "a\nb", "B": "1"}),
    "nothing": ("A=\n", {"A": ""}),
    "export": ("export A=1\n", {"A": "1"}),
    "the last wins": ("A=1\nA=2", {"A": "2"}),
}


@pytest.mark.parametrize(("text", "values"), ENV.values(), ids=ENV.keys())
def test_spec_env_files(text: str, values: dict[str, str]) -> None:
    assert dotenv.parse(text, ".env") == values


BAD_ENV = {
    "no equals sign": ("A=1\nnonsense\n", r"\.env, line 2: this is not KEY=VALUE"),
    "a name of the platform": ("FIREBASE_X=1", "line 1: FIREBASE_X belongs to the platform"),
    "a reserved name": ("PORT=1", "PORT belongs to the platform"),
    "a name that is none": ("a-b=1", "'a-b' is no name"),
    "a quote that does not end": ('A="x', "not KEY=VALUE"),
}


@pytest.mark.parametrize(("text", "complaint"), BAD_ENV.values(), ids=BAD_ENV.keys())
def test_ours_a_wrong_env_file_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        dotenv.parse(text, ".env")


def test_ours_an_env_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"A=1\nB=caf\xe9\n")
    with pytest.raises(ConfigError, match=r"^\.env, line 2: this is no UTF-8: save the file in it$"):
        dotenv.read_files([file])


@pytest.mark.parametrize("before", [None, "", "A=1\n", "A=1"], ids=["no file", "nothing", "a line", "no end of line"])
def test_ours_a_secret_is_made_once_and_leaves_what_is_there(tmp_path: Path, before: str | None) -> None:
    file = tmp_path / ".secret.local"
    if before is not None:
        file.write_text(before)
    made = environment.ensure_secret(file, "KEY")
    assert file.read_text().splitlines() == [*(before or "").splitlines(), f"KEY={made}"]
    assert (environment.ensure_secret(file, "KEY"), len(made)) == (made, 32)


def test_spec_later_env_files_win(tmp_path: Path) -> None:
    for name, text in {".env": "A=1\nB=1\nC=1", ".env.p": "B=2\nC=2", ".env.local": "C=3"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "secrets").write_text("S=4")
    at = Address("127.0.0.1", 1)
    surroundings = environment.Surroundings("p", at, at, None, "p-default-rtdb")
    given = environment.environment({"A": "0"}, surroundings, tmp_path, tmp_path / "secrets", {"X": "5"})
    assert {name: given[name] for name in "ABCSX"} == {"A": "1", "B": "2", "C": "3", "S": "4", "X": "5"}
