"""The environment a function runs in: what Firebase sets, the .env files, the secrets.

Facts relied on: later .env files win, .env.local is the emulator's alone, secrets come from .secret.local; the admin
SDK reads FIREBASE_CONFIG for the database and the *_EMULATOR_HOST variables for where it answers.
Knows nothing of processes.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emulators.errors import MachineError
from emulators.functions import dotenv
from emulators.listening import Address

KEY_BYTES = 24  # of a generated secret: 192 bits


@dataclass(frozen=True)
class Surroundings:
    """What the functions are told of the suite they run in."""

    project: str
    hosting: Address
    functions: Address
    database: Address | None  # None where the project has no database
    namespace: str


def environment(
    inherited: Mapping[str, str], surroundings: Surroundings, folder: Path, secret_file: Path, extra: Mapping[str, str]
) -> dict[str, str]:
    """The whole environment of the functions; ConfigError where an .env file is wrong. `extra` wins."""
    files = [folder / ".env", folder / f".env.{surroundings.project}", folder / ".env.local", secret_file]
    return {**inherited, **dotenv.read_files(files), **_firebase(surroundings), **extra}


def _firebase(at: Surroundings) -> dict[str, str]:
    config = {"projectId": at.project, "storageBucket": f"{at.project}.appspot.com"}
    given = {
        "FUNCTIONS_EMULATOR": "true",
        "GCLOUD_PROJECT": at.project,
        "GOOGLE_CLOUD_PROJECT": at.project,
        "CLOUD_TASKS_EMULATOR_HOST": str(at.functions),
        "K_REVISION": "1",
        "TZ": "UTC",
        "SITE_URL": at.hosting.origin,
    }
    if at.database is not None:
        config["databaseURL"] = f"{at.database.origin}/?ns={at.namespace}"
        given["FIREBASE_DATABASE_EMULATOR_HOST"] = str(at.database)
    return {**given, "FIREBASE_CONFIG": json.dumps(config)}


def ensure_secret(file: Path, name: str, value: str | None = None) -> str:
    """The secret `name` of the file; where it is missing, `value` or a random one is appended.

    The file is made so that only its owner can read it.
    """
    known = dotenv.read_files([file])
    if name not in known:
        known[name] = secrets.token_urlsafe(KEY_BYTES) if value is None else value
        gap = "\n" if file.exists() and file.read_bytes()[-1:] not in (b"", b"\n") else ""
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise MachineError(f"{file} cannot be written ({error.strerror}): name another with --secrets") from error
        with os.fdopen(descriptor, "a", encoding="utf-8") as out:
            out.write(f"{gap}{name}={known[name]}\n")
    return known[name]
