"""What every static page is served with, asked of whoever serves it."""

from __future__ import annotations

import requests

from devtools.preflight.hosting import HEADERS
from tests.running_suite import DEADLINE_S, ROOT

PUBLIC = ROOT / "public"
EXACT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "public, max-age=300",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
NEVER = ("'unsafe-inline'", "'unsafe-eval'", "http:", "*")  # in a policy: leave to run or to load anything


def paths() -> list[str]:
    """Every static file, and the folders that have a page of their own."""
    files = [file for file in sorted(PUBLIC.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    folders = [f"/{file.parent.relative_to(PUBLIC)}/" for file in files if file.name == "index.html"]
    return [*(f"/{file.relative_to(PUBLIC)}" for file in files), *folders]


def faults(origin: str) -> list[str]:
    """What is wrong with how they are served, a line each."""
    found: list[str] = []
    with requests.Session() as session:
        for path in paths():
            response = session.get(origin + path, timeout=DEADLINE_S)
            headers = response.headers
            policy = headers.get("Content-Security-Policy", "")
            found += [f"{path}: {response.status_code}"] if response.status_code != 200 else []
            found += [f"{path}: no {name}" for name in (*HEADERS, "ETag") if name not in headers]
            found += [
                f"{path}: {name}: {headers.get(name)}" for name, value in EXACT.items() if headers.get(name) != value
            ]
            found += [f"{path}: {word} in its policy" for word in NEVER if word in policy.split()]
            said = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
            found += [f"{path}: {name} {said.get(name)}" for name, value in POLICY.items() if said.get(name) != value]
    return found
