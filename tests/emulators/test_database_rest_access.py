"""Who may do what by REST, and in which database; the rules' language itself has its own tests."""

from __future__ import annotations

import pytest

from tests.emulators.database_server import DatabaseServer

RULES = {
    "rules": {
        "$case": {
            "open": {".read": True, ".write": True},
            "readable": {".read": True},
            "queried": {".read": "query.orderByKey && query.limitToFirst <= 2"},
        }
    }
}


class TestRules:
    """Who may do what; the language itself has its own tests."""

    def test_spec_rules_hold_for_everyone_but_the_owner(self, server: DatabaseServer, place: str) -> None:
        denied = (401, {"error": "Permission denied"})
        write = server.call("PUT", f"{place}/readable.json", 1, owner=False)
        assert (write.status_code, write.json()) == denied
        assert server.get(f"{place}/readable.json") is None
        assert server.call("PUT", f"{place}/open/a.json", 1, owner=False).status_code == 200
        assert server.call("GET", f"{place}/open.json", owner=False).json() == {"a": 1}
        read = server.call("GET", f"{place}.json", owner=False)
        assert (read.status_code, read.json()) == denied

    def test_spec_one_denied_path_denies_the_whole_update(self, server: DatabaseServer, place: str) -> None:
        answer = server.call("PATCH", f"{place}.json", {"open/a": 1, "readable/b": 2}, owner=False)
        assert (answer.status_code, server.get(f"{place}.json")) == (401, None)
        assert server.call("PATCH", f"{place}.json", {"open/a": 1, "open/b": 2}, owner=False).status_code == 200

    def test_spec_rules_see_the_query(self, server: DatabaseServer, place: str) -> None:
        server.put(f"{place}/queried.json", {"a": 1, "b": 2, "c": 3})
        allowed = server.call("GET", f"{place}/queried.json", owner=False, orderBy='"$key"', limitToFirst=2)
        assert (allowed.status_code, allowed.json()) == (200, {"a": 1, "b": 2})
        assert (
            server.call("GET", f"{place}/queried.json", owner=False, orderBy='"$key"', limitToFirst=3).status_code
            == 401
        )
        assert server.call("GET", f"{place}/queried.json", owner=False).status_code == 401

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("http://localhost:5000", 200),
            ("http://127.0.0.1:1", 200),
            ("http://[::1]:1", 200),
            ("https://evil.example", 401),
            ("null", 401),
            ("http://[", 401),
        ],
    )
    def test_ours_a_foreign_page_is_never_the_owner(
        self, server: DatabaseServer, place: str, origin: str, status: int
    ) -> None:
        assert server.call("PUT", f"{place}.json", 1, headers={"Origin": origin}).status_code == status

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("127.0.0.1:9", 200),
            ("[::1]:9", 200),
            ("database:9000", 200),
            ("x.localhost", 200),
            ("evil.example", 401),
            ("[", 400),
        ],
    )
    def test_ours_the_owner_is_not_served_under_a_strangers_name(
        self, server: DatabaseServer, place: str, host: str, status: int
    ) -> None:
        assert server.call("GET", f"{place}.json", headers={"Host": host}).status_code == status

    def test_spec_a_browser_may_ask_first(self, server: DatabaseServer, place: str) -> None:
        answer = server.call("OPTIONS", f"{place}.json", owner=False, headers={"Origin": "http://x.example"})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
        assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]


class TestNamespaces:
    """Each a database of its own."""

    def test_spec_a_namespace_is_the_parameter_or_the_first_label_of_the_host(
        self, server: DatabaseServer, place: str
    ) -> None:
        server.put(f"{place}.json", "one", ns="first")
        server.put(f"{place}.json", "two")
        assert server.get(f"{place}.json", ns="first") == "one"
        assert server.get(f"{place}.json", ns="demo-kindling-default-rtdb") == "two"
        assert server.call("GET", f"{place}.json", headers={"Host": "first.firebaseio.com"}).json() == "one"
        assert server.get(f"{place}.json", ns="second") is None
