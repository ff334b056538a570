"""kill -9 at random moments under load: every acknowledged write is there, and no request is there by half."""

from __future__ import annotations

import json
import random
import socket
import threading
from pathlib import Path

import pytest

from tests.emulators.database_server import TIMEOUT_S, DatabaseServer

pytestmark = pytest.mark.slow

KILLS = 30
CLIENTS = 3
FIELDS = 40  # of one multi-path update, all equal: half an update would show
PAD_BYTES = 20_000  # so much that compaction comes between
HEAD = (
    b"PATCH /.json?print=silent HTTP/1.1\r\nHost: localhost\r\n"
    b"Authorization: Bearer owner\r\nContent-Length: %d\r\n\r\n"
)


class Client(threading.Thread):
    """Counts up in a record of its own until the server dies, knowing what was acknowledged last."""

    def __init__(self, host: str, number: int, start: int, acknowledgements: threading.Semaphore) -> None:
        super().__init__()
        name, _, port = host.partition(":")
        self._connection = socket.create_connection((name, int(port)))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._connection.makefile("rb")
        self.number = number
        self.sent = self.acknowledged = start
        self._acknowledgements = acknowledgements

    def run(self) -> None:
        """Write until the connection breaks."""
        try:
            while self._write(self.sent + 1):
                self.acknowledged = self.sent
                self._acknowledgements.release()
        except OSError:
            pass
        finally:
            self._answers.close()
            self._connection.close()

    def _write(self, value: int) -> bool:
        self.sent = value
        update = {
            f"{part}/c{self.number}/f{field}": value for part in ("left", "right") for field in range(FIELDS // 2)
        }
        body = json.dumps({**update, f"pad/c{self.number}": "x" * PAD_BYTES}).encode()
        self._connection.sendall(HEAD % len(body) + body)
        status = self._answers.readline()
        while self._answers.readline() not in (b"\r\n", b""):
            pass
        return status.startswith(b"HTTP/1.1 204")


def found(server: DatabaseServer, known: dict[int, tuple[int, int]]) -> dict[int, int]:
    """What each client's record holds: all of it the same, no less than was acknowledged, no more than was sent."""
    root = server.get("/.json") or {}
    counts: dict[int, int] = {}
    for number, (acknowledged, sent) in known.items():
        values = set(root.get("left", {}).get(f"c{number}", {"f0": 0}).values())
        values |= set(root.get("right", {}).get(f"c{number}", {"f0": 0}).values())
        assert len(values) == 1
        counts[number] = values.pop()
        assert acknowledged <= counts[number] <= sent
    return counts


def test_ours_thirty_kills_lose_no_acknowledged_write_and_leave_no_half(tmp_path: Path) -> None:
    dice = random.Random(20261122)
    known = dict.fromkeys(range(CLIENTS), (0, 0))
    for _ in range(KILLS):
        acknowledgements = threading.Semaphore(0)
        with DatabaseServer("--data", str(tmp_path / "data")) as server:
            clients = [
                Client(server.host, number, value, acknowledgements) for number, value in found(server, known).items()
            ]
            for client in clients:
                client.start()
            for _ in range(dice.randrange(3, 60)):
                assert acknowledgements.acquire(timeout=TIMEOUT_S)
            server.kill()
            for client in clients:
                client.join(TIMEOUT_S)
            known = {client.number: (client.acknowledged, client.sent) for client in clients}
    with DatabaseServer("--data", str(tmp_path / "data")) as server:
        found(server, known)
    assert sum(acknowledged for acknowledged, _ in known.values()) > KILLS
    assert list((tmp_path / "data").rglob("snapshot-*")), "the test is meant to write enough for a compaction"
