"""What each role may read and write of the database: every node, over REST, WebSocket and the npm client.

The service's own functions are the role `service`. Over REST it comes as it does in production, as an administrator
acting under its uid; over the WebSocket, where the service never comes, as a token with that uid.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pytest
import requests
from kindling.store import paths

from tests.emulators.javascript import SCENARIO_S, SCRIPTS, environment, node
from tests.emulators.websocket_client import WireClient
from tests.live import database
from tests.tokens import unsigned

pytestmark = pytest.mark.slow

NAMESPACE = "roles"
OWNER = {"Authorization": "Bearer owner"}
TIMEOUT_S = 30

ROLES: dict[str, dict[str, Any] | None] = {
    "stranger": None,
    "user": {"sub": "u1", "user_id": "u1"},
    "administrator": {"sub": "u2", "user_id": "u2", "admin": True},
    "service": {"sub": "kindling", "user_id": "kindling"},
}
ALL = list(ROLES)
SERVICE = ["service"]
NOBODY: list[str] = []

SEED: dict[str, Any] = {
    "meta": {"schema": 1},
    "collections": {"open": {"public": True, "version": 1}, "closed": {"public": False, "version": 1}},
    "data": {"open": {"a": {"n": 1}}, "closed": {"a": {"n": 1}}},
    "changes": {"open": {"0000000001-00000": {"id": "a"}}, "closed": {"0000000001-00000": {"id": "a"}}},
    "commits": {"open": {"v1": "token"}},
    "forgotten": {"open": {"b": 1}},
    "sources": {"s": {"state": {"status": "ok"}, "definition": "url: https://example.com"}},
    "pages": {"s": {"p": {"url": "https://example.com"}}},
    "rows": {"s": {"p": {"a": "print"}}},
    "runs": {"s": {"r": {"status": "ok", "fence": 1}}},
    "leases": {"s": {"run": "r", "fence": 1, "until": 0}},
    "hosts": {"h": {"next_at": 0}},
    "days": {"2026-01-31": {"queued": 1}},
    "keys": {"pandas": {"hash": "h", "scope": "read", "created": 1}, "gone": {"hash": "h", "revoked": 1}},
}


@dataclass(frozen=True)
class Case:
    """A place that is read, and an update of one or more places; and who may."""

    path: str
    readers: list[str]
    change: dict[str, Any]
    writers: list[str]


CASES: dict[str, Case] = {
    "everything": Case("", SERVICE, {"meta": None, "other": 1}, NOBODY),
    "a place that nobody knows": Case("other", SERVICE, {"other": 1}, NOBODY),
    "the schema's number": Case("meta/schema", SERVICE, {"meta/schema": 2}, SERVICE),
    "the list of collections": Case("collections", SERVICE, {"collections": None}, NOBODY),
    "a public summary": Case("collections/open", ALL, {"collections/open/public": False}, NOBODY),
    "a private summary": Case("collections/closed", SERVICE, {"collections/closed/public": True}, NOBODY),
    "a private summary made public with a version": Case(
        "collections/closed/public", SERVICE, {"collections/closed": {"public": True, "version": 2}}, SERVICE
    ),
    "freshness": Case("collections/open/fresh", ALL, {"collections/open/fresh": {"status": "ok"}}, SERVICE),
    "the beginning of the log": Case("collections/open/floor", ALL, {"collections/open/floor": 1}, SERVICE),
    "all data": Case("data", SERVICE, {"data": None}, NOBODY),
    "a public record without a commit": Case("data/open/a", ALL, {"data/open/a": {"n": 2}}, NOBODY),
    "a public record in a commit": Case(
        "data/open", ALL, {"data/open/a": {"n": 2}, "collections/open/version": 2}, SERVICE
    ),
    "a record in a commit that skips a version": Case(
        "data/open/a/n", ALL, {"data/open/a": {"n": 2}, "collections/open/version": 3}, NOBODY
    ),
    "a private record in a commit": Case(
        "data/closed/a", SERVICE, {"data/closed/a": None, "collections/closed/version": 2}, SERVICE
    ),
    "a record of a new collection": Case(
        "data/new", SERVICE, {"data/new/a": {"n": 1}, "collections/new": {"version": 1}}, SERVICE
    ),
    "the token of a commit": Case("commits/open/v1", SERVICE, {"commits/open/v1": "mine"}, SERVICE),
    "all changes": Case("changes", SERVICE, {"changes": None}, NOBODY),
    "a public log": Case("changes/open", ALL, {"changes/open/0000000002-00000": {"id": "a"}}, NOBODY),
    "a public log in a commit": Case(
        "changes/open/0000000001-00000",
        ALL,
        {"changes/open/0000000002-00000": {"id": "a"}, "collections/open/version": 2},
        SERVICE,
    ),
    "a private log": Case("changes/closed", SERVICE, {"changes/closed/0000000001-00000": None}, SERVICE),
    "what is forgotten": Case("forgotten/open/b", SERVICE, {"forgotten/open/b": None}, SERVICE),
    "a source": Case("sources/s", SERVICE, {"sources/s/definition": "url: https://example.org"}, SERVICE),
    "a page": Case("pages/s/p", SERVICE, {"pages/s/p/digest": None}, SERVICE),
    "a print": Case("rows/s/p/a", SERVICE, {"rows/s/p/a": "other"}, SERVICE),
    "a run under its fence": Case("runs/s/r", SERVICE, {"runs/s/r": {"status": "ok", "fence": 1}}, SERVICE),
    "a run under another fence": Case("runs/s", SERVICE, {"runs/s/r": {"status": "ok", "fence": 2}}, NOBODY),
    "a lease with a later fence": Case("leases/s", SERVICE, {"leases/s": {"fence": 2}}, SERVICE),
    "a lease with an earlier fence": Case("leases", SERVICE, {"leases/s": {"fence": 0}}, NOBODY),
    "a host": Case("hosts/h", SERVICE, {"hosts/h/next_at": 1}, SERVICE),
    "a day's runs": Case("days/2026-01-31", SERVICE, {"days/2026-01-31/queued": 0}, SERVICE),
    "all keys": Case("keys", SERVICE, {"keys": None}, NOBODY),
    "a new key": Case("keys/new", SERVICE, {"keys/new": {"hash": "mine", "scope": "admin", "created": 1}}, SERVICE),
    "the end of a key": Case("keys/pandas", SERVICE, {"keys/pandas/revoked": 2}, SERVICE),
    "another secret under a key's name": Case("keys/pandas/hash", SERVICE, {"keys/pandas/hash": "mine"}, NOBODY),
    "a revoked key brought back": Case("keys/gone", SERVICE, {"keys/gone/revoked": None}, NOBODY),
}
READERS = {name: case.readers for name, case in CASES.items() if case.readers}
WRITERS = {name: case.writers for name, case in CASES.items() if case.writers}


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """A database with the project's rules."""
    with database() as found:
        yield found


def seed(host: str) -> None:
    """The database as it is before each case."""
    url = f"http://{host}/.json?ns={NAMESPACE}"
    assert requests.put(url, json=SEED, headers=OWNER, timeout=TIMEOUT_S).status_code == 200


def collected(may: Callable[[str, Case], tuple[bool, bool]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Who may read and write, by case: `may` tries one role at one case."""
    reads: dict[str, list[str]] = {}
    writes: dict[str, list[str]] = {}
    for role in ROLES:
        for name, case in CASES.items():
            read, written = may(role, case)
            if read:
                reads.setdefault(name, []).append(role)
            if written:
                writes.setdefault(name, []).append(role)
    return reads, writes


def test_ours_every_node_has_its_cases() -> None:
    nodes = {value for name, value in vars(paths).items() if name.isupper() and isinstance(value, str)} - {"_m"}
    assert {case.path.split("/")[0] for case in CASES.values()} - {"", "other"} == {one.split("/")[0] for one in nodes}
    assert SEED.keys() == {one.split("/")[0] for one in nodes}


def test_spec_each_role_over_rest(host: str) -> None:
    session = requests.Session()

    def may(role: str, case: Case) -> tuple[bool, bool]:
        seed(host)
        claims = ROLES[role]
        query = {"ns": NAMESPACE}
        headers = {"Authorization": f"Bearer {unsigned(claims)}"} if claims else {}
        if role == "service":
            headers, query = OWNER, {**query, "auth_variable_override": json.dumps({"uid": "kindling"})}
        read = session.get(f"http://{host}/{case.path}.json", params=query, headers=headers, timeout=TIMEOUT_S)
        url = f"http://{host}/.json"
        write = session.patch(url, params=query, headers=headers, json=case.change, timeout=TIMEOUT_S)
        assert {read.status_code, write.status_code} <= {200, 401}
        return read.status_code == 200, write.status_code == 200

    with session:
        assert collected(may) == (READERS, WRITERS)


def test_spec_each_role_over_the_websocket(host: str) -> None:
    async def asked() -> dict[tuple[str, str], tuple[bool, bool]]:
        found = {}
        for role, claims in ROLES.items():
            async with WireClient(f"ws://{host}", params={"ns": NAMESPACE}) as client:
                if claims:
                    assert (await client.ask("auth", {"cred": unsigned(claims)}))[-1]["s"] == "ok"
                for case in CASES.values():
                    await asyncio.to_thread(seed, host)
                    read = (await client.ask("q", {"p": f"/{case.path}", "h": ""}))[-1]["s"]
                    await client.ask("n", {"p": f"/{case.path}"})
                    written = (await client.ask("m", {"p": "/", "d": case.change}))[-1]["s"]
                    assert {read, written} <= {"ok", "permission_denied"}
                    found[role, str(case)] = (read == "ok", written == "ok")
        return found

    found = asyncio.run(asked())
    assert collected(lambda role, case: found[role, str(case)]) == (READERS, WRITERS)


def test_spec_each_role_with_the_npm_client(host: str) -> None:
    told = {"roles": ROLES, "seed": SEED, "cases": {name: asdict(case) for name, case in CASES.items()}}
    done = subprocess.run(
        [node(), str(SCRIPTS / "roles.mjs")],
        env=environment(host, NAMESPACE),
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=SCENARIO_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["reads"], found["writes"]) == (READERS, WRITERS)
