"""Which credentials give which access. "spec": what the emulators' clients send."""

from __future__ import annotations

import base64

import pytest

from emulators.database.tokens import Access, BadToken, credentials
from tests.tokens import unsigned

CLAIMS = {"sub": "u1", "exp": 1, "email": "a@b.c", "firebase": {"sign_in_provider": "password"}}
AUTH = {"uid": "u1", "token": CLAIMS, "provider": "password"}
TOKEN = unsigned(CLAIMS)
OVERRIDE = {"auth_variable_override": '{"uid":"kindling"}'}

GIVEN: list[tuple[str, dict[str, str], dict[str, str], Access]] = [
    ("no credentials: rules with auth null", {}, {}, Access()),
    ("Bearer owner is the administrator", {"Authorization": "Bearer owner"}, {}, Access(admin=True)),
    ("so is the parameter access_token", {}, {"access_token": "owner"}, Access(admin=True)),
    ("so is the parameter auth", {}, {"auth": "owner"}, Access(admin=True)),
    (
        "owner with an override is that user",
        {"Authorization": "Bearer owner"},
        OVERRIDE,
        Access(auth={"uid": "kindling"}),
    ),
    (
        "owner with the override null is no user",
        {"Authorization": "Bearer owner"},
        {"auth_variable_override": "null"},
        Access(),
    ),
    ("a token is decoded, and may be expired", {"Authorization": f"Bearer {TOKEN}"}, {}, Access(auth=AUTH)),
    ("a token may come as a parameter", {}, {"auth": TOKEN}, Access(auth=AUTH)),
    ("the scheme's case does not matter", {"Authorization": f"bearer {TOKEN}"}, {}, Access(auth=AUTH)),
    ("a signature is not looked at", {"Authorization": f"Bearer {TOKEN}c2ln"}, {}, Access(auth=AUTH)),
    ("the header wins", {"Authorization": f"Bearer {TOKEN}"}, {"auth": "owner"}, Access(auth=AUTH)),
    (
        "a token that does not tell its provider is a custom one",
        {},
        {"auth": unsigned({"user_id": "u2"})},
        Access(auth={"uid": "u2", "token": {"user_id": "u2"}, "provider": "custom"}),
    ),
]


@pytest.mark.parametrize(("sentence", "headers", "params", "expected"), GIVEN, ids=[row[0] for row in GIVEN])
def test_spec_access(sentence: str, headers: dict[str, str], params: dict[str, str], expected: Access) -> None:
    assert credentials(headers, params) == expected


UNREADABLE = "Could not parse auth token."
REFUSED: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    ("garbage", {"Authorization": "Bearer garbage"}, {}, UNREADABLE),
    ("another scheme", {"Authorization": "Basic b3duZXI6"}, {}, UNREADABLE),
    ("no token", {"Authorization": "Bearer "}, {}, UNREADABLE),
    ("an empty parameter", {}, {"auth": ""}, UNREADABLE),
    ("no base64", {}, {"auth": "a.!!!.c"}, UNREADABLE),
    ("claims that are no object", {}, {"auth": unsigned([1])}, UNREADABLE),
    ("a header that is no object", {}, {"auth": unsigned(CLAIMS, [1])}, UNREADABLE),
    ("claims without a user", {}, {"auth": unsigned({"email": "a@b.c"})}, UNREADABLE),
    ("a user that is no text", {}, {"auth": unsigned({"sub": 7})}, UNREADABLE),
    ("endlessly nested claims", {}, {"auth": "e30." + base64.b64encode(b"[" * 100_000).decode() + "."}, UNREADABLE),
    (
        "an override that is no JSON",
        {"Authorization": "Bearer owner"},
        {"auth_variable_override": "{uid}"},
        "auth_variable_override is not JSON; send an object, or null for no user.",
    ),
    (
        "an override that is a string",
        {"Authorization": "Bearer owner"},
        {"auth_variable_override": '"kindling"'},
        "auth_variable_override must be a JSON object, or null for no user.",
    ),
    (
        "an override by a user",
        {"Authorization": f"Bearer {TOKEN}"},
        OVERRIDE,
        "auth_variable_override is for administrators only; send it with the token 'owner'.",
    ),
    (
        "an override by nobody",
        {},
        OVERRIDE,
        "auth_variable_override is for administrators only; send it with the token 'owner'.",
    ),
]


@pytest.mark.parametrize(("sentence", "headers", "params", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_spec_refused(sentence: str, headers: dict[str, str], params: dict[str, str], message: str) -> None:
    with pytest.raises(BadToken) as caught:
        credentials(headers, params)
    assert str(caught.value) == message
