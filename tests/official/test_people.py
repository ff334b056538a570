"""Who may write: users of the Auth emulator, by the ID tokens it gives out."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.official.people import changed, save, token, user
from tests.official.suites import START_S, OfficialSuite

pytestmark = pytest.mark.official


def sign_in(official: OfficialSuite, **claims: Any) -> tuple[str, str]:
    """A new user with those claims: the uid and an ID token."""
    email, uid = user(official, **claims)
    return uid, token(official, email)


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
