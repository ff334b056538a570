"""The process and its own addresses: start, stop, settings, export and import, counters."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulators.database.__main__ import MAX_ADDRESS_BYTES
from tests.emulators.database_server import OWNER, ROOT, TIMEOUT_S, DatabaseServer

pytestmark = pytest.mark.slow

OPEN = '{"rules": {\n  // everybody\n  ".read": true, ".write": true}}'
CLOSED = {"rules": {".read": False, ".write": False}}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A start that is meant to fail."""
    command = [sys.executable, "-m", "emulators.database", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)


def test_ours_a_busy_port_is_one_line_that_names_port_and_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        failed = run("--port", str(port))
    text = f"database: --port {port} on 127.0.0.1 can't be used (Address already in use); choose another --port\n"
    assert (failed.returncode, failed.stdout, failed.stderr) == (3, "", text)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--rules", "bad.json"], 1, "bad.json:2:"),
        (["--rules", "none.json"], 3, "none.json: No such file or directory"),
        (["--data", "bad.json"], 3, "bad.json: File exists"),
        (["--rules", "latin.json"], 1, "latin.json:2:12: The rules are not valid UTF-8."),
        (
            ["--data", "strange.json"],
            3,
            "strange.json holds more than databases (database name 'lost+found' is not valid",
        ),
        (["--data", "shut.json"], 3, "journal-00000001: Is a directory"),
        (["--port", "x"], 2, "'x' is no port: give 0 to 65535"),
        (["--port", "65536"], 2, "'65536' is no port: give 0 to 65535"),
    ],
    ids=[
        "rules that are wrong",
        "rules that are not there",
        "a data folder that is a file",
        "rules in another encoding",
        "a data folder with a folder that is no database",
        "a journal that cannot be read",
        "a port that is no number",
        "a port that is too high",
    ],
)
def test_ours_a_start_that_fails_says_why(tmp_path: Path, arguments: list[str], code: int, text: str) -> None:
    (tmp_path / "bad.json").write_text('{"rules": {\n ".read": "no such thing"}}')
    (tmp_path / "latin.json").write_bytes(b'{"rules": {\n ".read": "\xe9"}}')
    (tmp_path / "strange.json" / "lost+found").mkdir(parents=True)
    (tmp_path / "shut.json" / "name" / "journal-00000001").mkdir(parents=True)
    failed = run("--port", "0", *(str(tmp_path / word) if word.endswith(".json") else word for word in arguments))
    assert (failed.returncode, failed.stdout) == (code, "")
    assert text in failed.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ours_a_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with DatabaseServer("--data", str(tmp_path / "data")) as server:
        server.put("/a.json", 1)
        server.process.send_signal(number)
        server.close()
    assert (server.process.returncode, server.errors) == (0, "")
    with DatabaseServer("--data", str(tmp_path / "data")) as server:
        assert server.get("/a.json") == 1


def test_ours_data_of_every_namespace_is_there_after_a_restart(tmp_path: Path) -> None:
    with DatabaseServer("--data", str(tmp_path / "data")) as server:
        server.put("/a.json", {"x": {".value": 1, ".priority": "p"}}, ns="one")
        server.put("/a.json", 2, ns="two")
        assert server.get("/a.json", ns="three") is None
    with DatabaseServer("--data", str(tmp_path / "data")) as server:
        assert server.get("/.inspect/databases.json") == [{"name": "one"}, {"name": "two"}]
        assert server.get("/a.json", ns="one", format="export") == {"x": {".value": 1, ".priority": "p"}}
        assert server.get("/a.json", ns="two") == 2


def test_ours_a_torn_journal_is_reported_once_and_the_rest_is_served(tmp_path: Path) -> None:
    with DatabaseServer("--data", str(tmp_path / "data")) as server:
        server.put("/a.json", 1)
        server.put("/b.json", 2)
        server.kill()
    (file,) = (tmp_path / "data").rglob("journal-*")
    file.write_bytes(file.read_bytes()[:-3])
    with DatabaseServer("--data", str(tmp_path / "data")) as server:
        assert server.get("/.json") == {"a": 1}
    lost = file.read_bytes()
    assert server.errors.startswith(f"database: {file}: the last ")
    with DatabaseServer("--data", str(tmp_path / "data")) as server:
        assert server.get("/.json") == {"a": 1}
    assert (server.errors, file.read_bytes()) == ("", lost)


def test_ours_two_servers_never_share_a_data_folder(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with DatabaseServer("--data", data) as first:
        second = run("--port", "0", "--data", data)
        owner = f"is in use by the database with process id {first.process.pid}; stop it or use another folder"
        assert (second.returncode, second.stdout, second.stderr) == (3, "", f"database: --data {data} {owner}\n")
    with DatabaseServer("--data", data):
        pass


def test_ours_uploaded_rules_hold_until_the_process_ends(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    with DatabaseServer(*data, rules=CLOSED) as server:
        server.put("/a.json", 1)
        server.call("PUT", "/.settings/rules.json", OPEN.encode()).raise_for_status()
        assert server.call("GET", "/a.json", owner=False).json() == 1
    with DatabaseServer(*data, rules=CLOSED) as server:
        assert server.call("GET", "/a.json", owner=False).status_code == 401


def test_ours_what_is_no_http_is_400_as_plain_text() -> None:
    long = b"a" * MAX_ADDRESS_BYTES
    with DatabaseServer() as server:
        name, _, port = server.host.partition(":")
        for text in (b"rubbish\r\n\r\n", b"FOO /a.json HTTP/1.1\r\n\r\n", b"GET /%b.json HTTP/1.1\r\n\r\n" % long):
            with socket.create_connection((name, int(port)), timeout=TIMEOUT_S) as connection:
                connection.sendall(text)
                answer = connection.recv(1000)
            status, _, headers = answer.partition(b"\r\n")
            assert (status, b"Content-Type: text/plain" in headers) == (b"HTTP/1.0 400 Bad Request", True)


class TestSettings:
    """/.settings and /.inspect, as the Firebase CLI uses them."""

    def test_spec_rules_are_uploaded_as_text_and_read_back(self, server: DatabaseServer) -> None:
        answer = server.call("PUT", "/.settings/rules.json", OPEN.encode(), ns="rules")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert server.call("GET", "/.settings/rules.json", ns="rules").text == OPEN
        assert server.get("/.settings/rules.json", ns="rules", format="strict") == {
            "rules": {".read": True, ".write": True}
        }
        assert server.call("PUT", "/a.json", 1, ns="rules", owner=False).status_code == 200
        assert server.get("/.settings/rules.json") == CLOSED
        assert server.call("PUT", "/a.json", 1, owner=False).status_code == 401

    def test_spec_bad_rules_are_refused_with_their_place_and_the_old_ones_stay(self, server: DatabaseServer) -> None:
        server.call("PUT", "/.settings/rules.json", OPEN.encode(), ns="kept")
        answer = server.call("PUT", "/.settings/rules.json", b'{"rules": {\n  ".read": "1 +"}}', ns="kept")
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("2:")
        assert server.call("GET", "/.settings/rules.json", ns="kept").text == OPEN
        assert server.call("PUT", "/.settings/rules.json", b"\xff", ns="kept").status_code == 400

    def test_spec_export_and_import_as_the_firebase_cli_does_them(self, server: DatabaseServer) -> None:
        value = {"list": {"0": "a", "1": {".value": "b", ".priority": 1}}, "n": 1.5, ".priority": "root"}
        target: dict[str, Any] = {"ns": "imported", "disableTriggers": "true", "writeSizeLimit": "unlimited"}
        server.put("/.json", value, ns="exported")
        assert {"name": "exported"} in server.get("/.inspect/databases.json", ns="demo-exp")
        assert server.get("/.json", ns="exported", shallow="true", limitToFirst=1) == {"list": True}
        text = server.call("GET", "/.json", ns="exported", format="export").content
        assert server.call("PUT", "/.json", text, **target).status_code == 200
        assert server.call("GET", "/.json", ns="imported", format="export").content == text

    @pytest.mark.parametrize(
        ("method", "address", "status", "text"),
        [
            (
                "GET",
                "/.settings/profile.json",
                404,
                "GET /.settings/profile.json is not served; there are: GET /.settings/rules.json",
            ),
            ("DELETE", "/.settings/rules.json", 404, "DELETE /.settings/rules.json is not served"),
            ("GET", "/.inspect/coverage", 404, "GET /.inspect/coverage is not served"),
            ("GET", "/.settings/rules.json?format=pretty", 400, "takes no parameter but ns and format=strict"),
            ("GET", "/.inspect/stats.json?print=pretty", 400, "takes no parameter but ns and format=strict"),
        ],
    )
    def test_ours_what_is_not_served_is_refused(
        self, server: DatabaseServer, method: str, address: str, status: int, text: str
    ) -> None:
        answer = server.call(method, address)
        assert (answer.status_code, text in answer.json()["error"]) == (status, True)

    @pytest.mark.parametrize(
        ("method", "address"),
        [
            ("GET", "/.settings/rules.json"),
            ("PUT", "/.settings/rules.json"),
            ("POST", "/.settings/functionTriggers.json"),
            ("PUT", "/.settings/functionTriggers.json"),
            ("GET", "/.inspect/databases.json"),
            ("GET", "/.inspect/stats.json"),
        ],
    )
    def test_ours_settings_are_the_owners(self, server: DatabaseServer, method: str, address: str) -> None:
        answer = server.call(method, address, owner=False)
        assert (answer.status_code, answer.json()["error"].startswith("Permission denied")) == (401, True)

    def test_ours_operations_and_bytes_are_counted(self, server: DatabaseServer) -> None:
        def stats() -> Any:
            return server.get("/.inspect/stats.json", ns="counted")

        assert stats() == {"reads": 0, "writes": 0, "bytes_in": 0, "bytes_out": 0}
        server.call("PUT", "/a.json", b'"12345"', ns="counted", print="silent")
        server.call("PATCH", "/.json", b'{"b":1}', ns="counted")
        server.get("/a.json", ns="counted")
        assert stats() == {"reads": 1, "writes": 2, "bytes_in": 7 + 7, "bytes_out": 7 + 7}


def test_ours_there_is_a_bound_to_databases() -> None:
    with DatabaseServer() as server:
        statuses = [server.call("GET", "/a.json", ns=f"n{n}").status_code for n in range(101)]
    assert statuses == [200] * 100 + [404]


def test_spec_curl_reads_and_writes(server: DatabaseServer) -> None:
    def curl(*arguments: str) -> str:
        header = f"Authorization: {OWNER['Authorization']}"
        done = subprocess.run(
            ["curl", "-sS", "-H", header, *arguments], capture_output=True, text=True, check=True, timeout=TIMEOUT_S
        )
        return done.stdout

    address = f"{server.url}/curl.json"
    assert json.loads(curl("-X", "PUT", "-d", '{"a": [1, "ü"]}', address)) == {"a": [1, "ü"]}
    assert list(json.loads(curl("-d", "5", address))) == ["name"]
    assert curl("-X", "DELETE", f"{server.url}/curl/a/1.json") == "null"
    assert json.loads(curl(f"{address}?orderBy=%22%24key%22&limitToLast=1")) == {"a": [1]}
