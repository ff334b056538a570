"""Users of the Auth emulator: made, signed in, and asked to save something."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import requests

from tests.official.suites import OWNER, PROJECT, START_S, OfficialSuite

PASSWORD = "of no worth"


def toolkit(official: OfficialSuite, call: str, body: dict[str, Any], *, owner: bool = False) -> dict[str, Any]:
    """One call of the Auth emulator's API."""
    place = f"{official.origin('auth')}/identitytoolkit.googleapis.com/v1"
    path = f"projects/{PROJECT}/accounts:{call}" if owner else f"accounts:{call}?key=any"
    answer = requests.post(f"{place}/{path}", json=body, headers=OWNER if owner else {}, timeout=START_S)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def user(official: OfficialSuite, **claims: Any) -> tuple[str, str]:
    """A new user with those claims: address and uid. Everybody's password is PASSWORD."""
    email = f"{uuid4().hex}@example.com"
    uid = toolkit(official, "signUp", {"email": email, "password": PASSWORD})["localId"]
    if claims:
        toolkit(official, "update", {"localId": uid, "customAttributes": json.dumps(claims)}, owner=True)
    return email, uid


def token(official: OfficialSuite, email: str) -> str:
    """An ID token, as a sign-in gives it now."""
    body = {"email": email, "password": PASSWORD, "returnSecureToken": True}
    found: str = toolkit(official, "signInWithPassword", body)["idToken"]
    return found


def changed(token: str, **claims: Any) -> str:
    """The token with other claims; the Auth emulator's are not signed."""
    head, payload, signature = token.split(".")
    known = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    text = base64.urlsafe_b64encode(json.dumps({**known, **claims}).encode()).rstrip(b"=").decode()
    return f"{head}.{text}.{signature}"


def save(official: OfficialSuite, collection: str, token: str) -> requests.Response:
    """Saves a document with that token."""
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{official.hosting}/save_data/{collection}", json={"a": 1}, headers=headers, timeout=START_S)
