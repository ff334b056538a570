"""Where the database is, and as whom it is spoken to: what Firebase tells a function, read once.

Facts relied on: FIREBASE_CONFIG is set in every function and names the database; an emulator is named by
FIREBASE_DATABASE_EMULATOR_HOST or by an http URL with `?ns=`, and takes `owner` for a token; `auth_variable_override`
makes the rules apply to whoever holds a service account, under the uid it names.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from ..errors import SettingInvalid

SERVICE_UID = "kindling"  # database.rules.json holds the rules of a commit for it
LOCAL_PROJECT = "demo-kindling"


@dataclass(frozen=True, slots=True)
class Place:
    """One database: `origin` as scheme and host, and `parameters` that every call carries.

    `emulated` says that it is no service of Google's and takes the word `owner` for a token.
    """

    origin: str
    parameters: str
    emulated: bool


def _config() -> dict[str, str]:
    found: dict[str, str] = json.loads(os.environ.get("FIREBASE_CONFIG") or "{}")
    return found


def project() -> str:
    """The id of the Firebase project."""
    return _config().get("projectId") or os.environ.get("GCLOUD_PROJECT") or LOCAL_PROJECT


def place() -> Place:
    """The database of this process; raises SettingInvalid for an address that is none."""
    url = _config().get("databaseURL") or f"https://{LOCAL_PROJECT}-default-rtdb.firebaseio.com"
    parts = urlsplit(url)
    emulator = os.environ.get("FIREBASE_DATABASE_EMULATOR_HOST")
    override = f"auth_variable_override={quote(json.dumps({'uid': SERVICE_UID}, separators=(',', ':')))}"
    if parts.scheme == "https" and parts.netloc:
        if not emulator:
            return Place(f"https://{parts.netloc}", override, emulated=False)
        return Place(f"http://{emulator}", f"ns={parts.netloc.split('.')[0]}&{override}", emulated=True)
    namespace = parse_qs(parts.query).get("ns", [""])[0]
    if parts.scheme != "http" or not parts.netloc or not namespace:
        raise SettingInvalid("FIREBASE_CONFIG: databaseURL must be https, or an emulator's http URL with ?ns=")
    return Place(f"http://{parts.netloc}", f"ns={quote(namespace)}&{override}", emulated=True)
