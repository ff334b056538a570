"""Firebase users: an ID token with the claim admin may write, one without may be told so, garbage is refused.

The tokens are unsigned, as the Auth emulator gives them; the SDK takes them where FIREBASE_AUTH_EMULATOR_HOST is set.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kindling.store import store

from tests.api import Api, served

PROJECT = "demo-kindling"


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The endpoints on a database of their own, with the Auth emulator's word for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9")
        patch.setenv("GCLOUD_PROJECT", PROJECT)
        with served() as found:
            yield found


def token(**claims: Any) -> dict[str, str]:
    """The header of a user's request."""
    now = int(time.time())
    payload = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "u1",
        "user_id": "u1",
        "auth_time": now - 5,
        "iat": now - 5,
        "exp": now + 3600,
        **claims,
    }
    parts = [{"alg": "none", "typ": "JWT"}, payload]
    text = ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return {"Authorization": f"Bearer {text}."}


def test_spec_a_user_with_the_claim_writes_and_the_log_says_who(api: Api) -> None:
    headers = token(admin=True)
    assert api.ask("PUT", "/save_data/written/a", json={"n": 1}, headers=headers).status_code == 201
    answer = api.get("/get_changes/written", headers=headers)
    assert answer.json is not None
    assert [item["by"] for item in answer.json["items"]] == ["user:u1"]
    assert answer.headers["Cache-Control"] == "no-store"


CLAIMS: dict[str, dict[str, Any]] = {
    "no claim": {},
    "a claim that is false": {"admin": False},
    "a claim that is a text": {"admin": "true"},
    "a claim that is 1": {"admin": 1},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS.keys())
def test_spec_a_user_without_the_claim_is_403_and_reads_as_a_stranger(api: Api, claims: dict[str, Any]) -> None:
    headers = token(**claims)
    answer = api.ask("PUT", "/save_data/users/b", json={"n": 1}, headers=headers)
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    assert api.get("/get_data", headers=headers).json == {"collections": []}
    assert api.get("/get_data/written", headers=headers).status_code == 404


BAD: dict[str, dict[str, str]] = {
    "no token": {"Authorization": "Bearer x"},
    "of another project": token(aud="other", iss="https://securetoken.google.com/other"),
    "with no user": token(sub="", admin=True),
}


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD.keys())
def test_spec_a_token_is_401(api: Api, headers: dict[str, str]) -> None:
    answer = api.ask("PUT", "/save_data/users/c", json={"n": 1}, headers=headers)
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_ours_a_token_where_none_can_be_checked_is_401(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    store().database.close()  # the SDK looks for the emulator once
    answer = api.get("/get_data", headers=token(admin=True))
    store().database.close()
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
