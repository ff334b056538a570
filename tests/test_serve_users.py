"""Firebase users: an ID token with the claim admin may write, one without is told so, what proves nothing is refused.

Tried as on Firebase, with signed tokens that the SDK checks against certificates of the test; and with unsigned ones as
the Auth emulator gives them, which the SDK takes where FIREBASE_AUTH_EMULATOR_HOST is set.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import firebase_admin
import jwt
import pytest
from kindling.firebase import application
from werkzeug.test import TestResponse

from tests.api import Api, served
from tests.signing_in import KID, PROJECT, Google, certificate, claims, google, production, signed
from tests.tokens import unsigned

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def services() -> Iterator[Google]:
    with google() as found:
        yield found


@pytest.fixture(scope="module")
def api(services: Google, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The endpoints on a database of their own, users as on Firebase."""
    with production(services, tmp_path_factory.mktemp("account")), served() as found:
        forget()
        yield found
        forget()


def forget() -> None:
    """Has the next token look anew for credentials and the Auth emulator, which the SDK does once an app."""
    firebase_admin.delete_app(application())


@pytest.fixture
def fresh(services: Google) -> Iterator[Google]:
    """The services with the one user u1, and so again afterwards."""
    before = (dict(services.users), dict(services.certificates))
    yield services
    services.users, services.certificates = before
    services.refusal = None


def bearer(token: str) -> dict[str, str]:
    """The header of a user's request."""
    return {"Authorization": f"Bearer {token}"}


def save(api: Api, token: str) -> TestResponse:
    """Saves a document with the token."""
    return api.ask("PUT", "/save_data/written/a", json={"n": 1}, headers=bearer(token))


def emulated(**more: Any) -> str:
    """A token as the Auth emulator gives it."""
    return unsigned(claims(**more))


def test_spec_a_user_with_the_claim_writes_and_the_log_says_who(api: Api) -> None:
    headers = bearer(signed(admin=True))
    assert api.ask("PUT", "/save_data/logged/a", json={"n": 1}, headers=headers).status_code == 201
    answer = api.get("/get_changes/logged", headers=headers)
    assert answer.json is not None
    assert [item["by"] for item in answer.json["items"]] == ["user:u1"]
    assert answer.headers["Cache-Control"] == "no-store"


CLAIMS: dict[str, dict[str, Any]] = {
    "no claim": {},
    "a claim that is false": {"admin": False},
    "a claim that is a text": {"admin": "true"},
    "a claim that is 1": {"admin": 1},
}


@pytest.mark.parametrize("given", CLAIMS.values(), ids=CLAIMS.keys())
def test_spec_a_user_without_the_claim_is_403_and_reads_as_a_stranger(api: Api, given: dict[str, Any]) -> None:
    assert save(api, signed(admin=True)).status_code in (200, 201)
    token = signed(**given)
    answer = save(api, token)
    assert (answer.status_code, answer.json) == (
        403,
        {
            "type": "urn:kindling:problem:forbidden",
            "title": "Forbidden",
            "status": 403,
            "detail": "This needs the scope write for written, or an ID token with the claim admin; user:u1 has none.",
            "scope": "public",
            "collections": None,
        },
    )
    assert api.get("/get_data", headers=bearer(token)).json == {"collections": []}
    assert api.get("/get_data/written", headers=bearer(token)).status_code == 404


def altered() -> str:
    """A token of a user without the claim, in which somebody wrote it."""
    head, _, signature = signed().split(".")
    payload = urlsafe_b64encode(json.dumps(claims(admin=True)).encode()).decode().rstrip("=")
    return f"{head}.{payload}.{signature}"


def confused() -> str:
    """A token whose HMAC key is the public certificate, for a verifier that believes the token's own `alg`."""
    head = urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": KID}).encode()).decode().rstrip("=")
    payload = urlsafe_b64encode(json.dumps(claims(admin=True)).encode()).decode().rstrip("=")
    algorithm = jwt.get_algorithm_by_name("HS256")
    mark = algorithm.sign(f"{head}.{payload}".encode(), certificate().encode())
    return f"{head}.{payload}.{urlsafe_b64encode(mark).decode().rstrip('=')}"


ISSUER = "https://securetoken.google.com/"
NO_PROOF: dict[str, Callable[[], str]] = {
    "garbage": lambda: "x",
    "half a token": lambda: signed(admin=True).rpartition(".")[0],
    "a token that expired a minute ago": lambda: signed(admin=True, exp=int(time.time()) - 60),
    "a token from the future": lambda: signed(admin=True, iat=int(time.time()) + 600),
    "a token of another project": lambda: signed(admin=True, aud="other", iss=ISSUER + "other"),
    "a token that another project issued for this one": lambda: signed(admin=True, iss=ISSUER + "other"),
    "a token of another issuer": lambda: signed(admin=True, iss=f"https://example.com/{PROJECT}"),
    "a token of nobody": lambda: signed(admin=True, sub=""),
    "a token without a subject": lambda: signed(admin=True, sub=None),
    "a token that someone else signed": lambda: signed(admin=True, by="thief"),
    "a token signed with a key nobody knows": lambda: signed(admin=True, kid="unknown"),
    "a token that names no key": lambda: signed(admin=True, kid=None),
    "a token with a claim written into it": altered,
    "a token signed with the public certificate": confused,
    "a token that nobody signed": lambda: emulated(admin=True),
}


@pytest.mark.parametrize("made", NO_PROOF.values(), ids=NO_PROOF.keys())
def test_spec_what_proves_nothing_is_unauthorized(api: Api, made: Callable[[], str]) -> None:
    answer = save(api, made())
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.json is not None
    assert answer.json["detail"] == "The ID token is not valid here, or no longer; sign in again."
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


ENDED: dict[str, dict[str, dict[str, Any]]] = {
    "revoked": {"u1": {"validSince": str(2**33)}},
    "disabled": {"u1": {"disabled": True}},
    "deleted": {},
}


@pytest.mark.parametrize("users", ENDED.values(), ids=ENDED.keys())
def test_ours_a_good_token_of_an_administrator_who_ended_is_refused_at_once(
    api: Api, fresh: Google, users: dict[str, dict[str, Any]]
) -> None:
    token = signed(admin=True)
    assert save(api, token).status_code in (200, 201)
    fresh.users = users
    assert save(api, token).status_code == 401


def test_ours_the_auth_service_is_asked_about_administrators_only(api: Api, fresh: Google) -> None:
    before = fresh.lookups
    assert api.get("/get_data", headers=bearer(signed())).status_code == 200
    assert fresh.lookups == before
    assert api.get("/get_data", headers=bearer(signed(admin=True))).status_code == 200
    assert fresh.lookups == before + 1


def test_ours_what_cannot_be_checked_now_is_503_admits_nobody_and_is_logged(
    api: Api, fresh: Google, capfd: pytest.CaptureFixture[str]
) -> None:
    token = signed(admin=True)
    fresh.refusal = 403
    answers = [save(api, token)]
    fresh.refusal, fresh.certificates = None, {}
    answers.append(save(api, token))
    assert [(one.status_code, one.headers["Retry-After"]) for one in answers] == [(503, "5"), (503, "5")]
    told = [json.loads(line) for line in capfd.readouterr().out.splitlines() if "auth-failed" in line]
    assert [line["error"] for line in told] == ["PermissionDeniedError", "CertificateFetchError"]


@pytest.mark.inside
def test_ours_a_token_where_none_can_be_checked_is_401(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    forget()
    answer = api.get("/get_data", headers=bearer(signed(admin=True)))
    forget()
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


EMULATED: dict[str, tuple[dict[str, Any], int]] = {
    "a token with the claim": ({"admin": True}, 201),
    "a token without it": ({}, 403),
    "a token of another project": ({"admin": True, "aud": "other", "iss": ISSUER + "other"}, 401),
    "a token of nobody": ({"admin": True, "sub": ""}, 401),
}


@pytest.mark.parametrize(("given", "status"), EMULATED.values(), ids=EMULATED.keys())
def test_spec_with_the_auth_emulator_unsigned_tokens_are_taken(
    api: Api, services: Google, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], status: int
) -> None:
    api.ask("DELETE", "/delete_data/written/a", headers=bearer(signed(admin=True)))
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", services.host)
    forget()
    answer = save(api, emulated(**given))
    forget()
    assert answer.status_code == status
