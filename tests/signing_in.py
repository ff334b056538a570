"""Google's part of signing in, on loopback: the certificates of ID tokens, the lookup of users.

The SDK takes the addresses of the real services from constants; `production` puts these in their place and leaves
everything else as it is on Firebase, so that signature, project, expiry and revocation are really checked.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from firebase_admin import _token_gen, _user_mgt

from tests.live import http_server

PROJECT = "demo-kindling"
KID = "the-key-of-the-tests"
LIFE = timedelta(days=2)


@cache
def signer(name: str) -> rsa.RSAPrivateKey:
    """A key that signs tokens, always the same under one name; Google's own is `google`."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    """A private key as text."""
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


@cache
def certificate() -> str:
    """What vouches for the key of `google`, as Google publishes it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "securetoken.system.gserviceaccount.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(signer("google").public_key())
    builder = builder.serial_number(1).not_valid_before(now - LIFE).not_valid_after(now + LIFE)
    return builder.sign(signer("google"), hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def claims(**more: Any) -> dict[str, Any]:
    """What an ID token of a user of the project says; None takes a claim away."""
    now = int(time.time())
    told = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "u1",
        "user_id": "u1",
        "auth_time": now - 5,
        "iat": now - 5,
        "exp": now + 3600,
        **more,
    }
    return {name: value for name, value in told.items() if value is not None}


def signed(*, by: str = "google", kid: str | None = KID, **more: Any) -> str:
    """A token with those claims, signed."""
    return jwt.encode(claims(**more), pem(signer(by)), "RS256", headers={"kid": kid} if kid else {})


@dataclass
class Google:
    """The services; `users` maps a uid to what the Auth service keeps of it, `refusal` is a status it answers with."""

    origin: str
    users: dict[str, dict[str, Any]] = field(default_factory=lambda: {"u1": {}})
    refusal: int | None = None
    certificates: dict[str, str] = field(default_factory=lambda: {KID: certificate()})
    lookups: int = 0

    @property
    def host(self) -> str:
        """Its HOST:PORT."""
        return self.origin.removeprefix("http://")

    def answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """What it answers to a request."""
        if path == "/certificates":
            return (200, dict(self.certificates)) if self.certificates else (500, {})
        if path.endswith("/accounts:lookup"):
            self.lookups += 1
            if self.refusal:
                return self.refusal, {"error": {"status": "PERMISSION_DENIED", "message": "no"}}
            wanted = json.loads(body)["localId"]
            return 200, {"users": [{"localId": one, **self.users[one]} for one in wanted if one in self.users]}
        return 404, {}


@contextmanager
def google() -> Iterator[Google]:
    """The services on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, told = services.answer(self.path, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http_server(Handler) as host:
        services = Google(f"http://{host}")
        yield services


@contextmanager
def production(services: Google, folder: Path) -> Iterator[None]:
    """The SDK as on Firebase, with a service account of its own and no Auth emulator; only the addresses are these."""
    account = folder / "account.json"
    account.write_text(
        json.dumps(
            {
                "type": "service_account",
                "project_id": PROJECT,
                "private_key_id": "any",
                "private_key": pem(signer("account")),
                "client_email": f"functions@{PROJECT}.iam.gserviceaccount.com",
                "token_uri": services.origin,
                "universe_domain": "example",  # in Google's own it would ask where the account may be used
            }
        )
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
        patch.setenv("GCLOUD_PROJECT", PROJECT)
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
        patch.setattr(_token_gen, "ID_TOKEN_CERT_URI", f"{services.origin}/certificates")
        patch.setattr(_user_mgt.UserManager, "ID_TOOLKIT_URL", f"{services.origin}/v1")
        yield
