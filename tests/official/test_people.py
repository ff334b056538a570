"""Who may write: users of the auth emulator, by the ID tokens it gives out."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.official.suites import PROJECT, START_S, OfficialSuite

pytestmark = pytest.mark.official

OWNER = {"Authorization": "Bearer owner"}
PASSWORD = "of no worth"


def toolkit(official: OfficialSuite, call: str, body: dict[str, Any], *, owner: bool = False) -> dict[str, Any]:
    """One call of the auth emulator's API."""
    place = f"{official.origin('auth')}/identitytoolkit.googleapis.com/v1"
    path = f"projects/{PROJECT}/accounts:{call}" if owner else f"accounts:{call}?key=any"
    answer = requests.post(f"{place}/{path}", json=body, headers=OWNER if owner else {}, timeout=START_S)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sign_in(official: OfficialSuite, **claims: Any) -> tuple[str, str]:
    """A new user with those claims: the uid and an ID token."""
    account = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD, "returnSecureToken": True}
    uid = toolkit(official, "signUp", account)["localId"]
    toolkit(official, "update", {"localId": uid, "customAttributes": json.dumps(claims)}, owner=True)
    return uid, toolkit(official, "signInWithPassword", account)["idToken"]


def save(official: OfficialSuite, collection: str, token: str) -> requests.Response:
    """Saves a document with that token."""
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{official.hosting}/save_data/{collection}", json={"a": 1}, headers=headers, timeout=START_S)


def changed(token: str, **claims: Any) -> str:
    """The token with other claims; the auth emulator's are not signed."""
    head, payload, signature = token.split(".")
    known = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    text = base64.urlsafe_b64encode(json.dumps({**known, **claims}).encode()).rstrip(b"=").decode()
    return f"{head}.{text}.{signature}"


def test_spec_a_user_with_the_claim_writes_and_the_log_says_who(official: OfficialSuite) -> None:
    uid, token = sign_in(official, admin=True)
    assert save(official, "people_claim", token).status_code == 201
    answer = requests.get(
        f"{official.hosting}/get_changes/people_claim", headers={"Authorization": f"Bearer {token}"}, timeout=START_S
    )
    assert [item["by"] for item in answer.json()["items"]] == [f"user:{uid}"]


@pytest.mark.parametrize(
    "claims", [{}, {"admin": False}, {"admin": "true"}, {"administrator": True}], ids=["none", "false", "text", "other"]
)
def test_spec_a_user_without_the_claim_is_forbidden(official: OfficialSuite, claims: dict[str, Any]) -> None:
    _, token = sign_in(official, **claims)
    answer = save(official, "people_none", token)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:kindling:problem:forbidden")


FOREIGN = {"aud": "another-project", "iss": "https://securetoken.google.com/another-project"}
NO_TOKENS = {
    "garbage": lambda token: "garbage",
    "half a token": lambda token: token.rpartition(".")[0],
    "a token of another project": lambda token: changed(token, **FOREIGN),
    "a token of nobody": lambda token: changed(token, sub=""),
}


@pytest.mark.parametrize("made", NO_TOKENS.values(), ids=NO_TOKENS.keys())
def test_spec_what_proves_nothing_is_unauthorized(official: OfficialSuite, made: Any) -> None:
    _, token = sign_in(official, admin=True)
    answer = save(official, "people_garbage", made(token))
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:kindling:problem:unauthorized")
    assert "WWW-Authenticate" in answer.headers


def test_ours_the_time_of_a_token_that_nobody_signed_is_not_looked_at(official: OfficialSuite) -> None:
    """The SDK's own doing, with an auth emulator only; told in docs/emulators.md."""
    _, token = sign_in(official, admin=True)
    assert save(official, "people_late", changed(token, exp=1)).status_code == 201
