"""`dev.py admin` where it can do nothing: it says in one line what is missing, and asks nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import administrators
from tests.typed import typed

CASES = {
    "the project of the laptop is none on Firebase": (
        ("someone@example.com",),
        2,
        "demo-kindling is no project on Firebase: name one with --project, or set FIREBASE_AUTH_EMULATOR_HOST",
    ),
    "without credentials": (
        ("someone@example.com", "--project", "a-project"),
        3,
        "no Google credentials: run `gcloud auth application-default login`, "
        "or name a service account's file in GOOGLE_APPLICATION_CREDENTIALS",
    ),
}


@pytest.mark.parametrize(("arguments", "code", "said"), CASES.values(), ids=CASES.keys())
def test_spec_what_is_missing_is_said_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    nobody = {"FIREBASE_AUTH_EMULATOR_HOST": "", "GOOGLE_APPLICATION_CREDENTIALS": ""}
    done = typed("admin", *arguments, env={**nobody, "CLOUDSDK_CONFIG": str(tmp_path), "NO_GCE_CHECK": "true"})
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"admin: {said}\n")


def test_spec_to_revoke_needs_a_name() -> None:
    with pytest.raises(SystemExit) as ended:
        administrators.main(["--revoke"])
    assert ended.value.code == 2
