"""Checks that ask Google: the project answers, its database is there, its secrets are set. Only before a deploy."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from devtools.preflight.finding import Finding
from devtools.preflight.subject import Subject

ANSWER_S = 120  # for one question to Google through the CLI, on a slow line
SIGNED_OUT = "Failed to authenticate"  # how the CLI says it, whatever was asked
LOG_IN = "run `firebase login`, or give CI credentials: docs/deploy.md"


@dataclass(frozen=True, slots=True)
class Told:
    """What the CLI answered to a question."""

    result: Any  # None where it failed
    error: str | None = None


def ask(subject: Subject, question: Sequence[str]) -> Told:
    """Asks with the Firebase CLI, in its JSON form."""
    command = [*subject.cli, *question, "--project", subject.project, "--json", "--non-interactive"]
    try:
        done = subprocess.run(  # noqa: S603  # fixed words, names of this project
            command,
            cwd=subject.folder,
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Told(None, f"no answer within {ANSWER_S} s")
    start = done.stdout.find("{")
    try:
        told = json.loads(done.stdout[start:]) if start >= 0 else {}
    except ValueError:
        told = {}
    if done.returncode or told.get("status") != "success":
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return Told(None, str(told.get("error") or last))
    return Told(told.get("result"))


def database(subject: Subject) -> Iterator[Finding]:
    """The project answers, and has the default database that functions are told of."""
    if subject.config.database is None:
        return
    told = ask(subject, ["database:instances:list"])
    if told.error is not None:
        yield Finding(subject.project, f"Firebase does not tell its databases: {told.error}", LOG_IN)
    elif not any(_is_default(each) for each in told.result or []):
        what = "it has no default Realtime Database: the functions would have nowhere to keep anything"
        yield Finding(subject.project, what, "make it in the console, or with `firebase init database`: docs/deploy.md")


def _is_default(instance: dict[str, Any]) -> bool:
    return str(instance.get("type", "")).upper().startswith("DEFAULT")


def secrets(subject: Subject) -> Iterator[Finding]:
    """Every secret has a value: without one a deploy in CI stops half-way."""
    for name in subject.loaded.secrets:
        told = ask(subject, ["functions:secrets:get", name])
        if told.error is not None and SIGNED_OUT in told.error:
            yield Finding(subject.project, f"Firebase does not tell its secrets: {told.error}", LOG_IN)
            return
        versions = (told.result or {}).get("secrets", []) if isinstance(told.result, dict) else []
        if told.error is not None or not any(each.get("state", "ENABLED") == "ENABLED" for each in versions):
            what = f"the secret {name} has no value ({told.error})" if told.error else f"the secret {name} has no value"
            yield Finding(subject.project, what, f"firebase functions:secrets:set {name}")
