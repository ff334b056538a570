"""A server that answers each request with the next words of a script, and remembers what it was asked."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

DEADLINE_S = 30
SILENCE = b""
"""Instead of an answer: the connection is closed."""
HUSH = None
"""Instead of an answer: nothing, until the client goes."""


def answer(status: int, body: bytes = b"{}", *headers: str) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status} Words", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Scripted:
    """The server: where it is, what it was asked with which bodies, and how many connections it took."""

    script: list[bytes | None]
    port: int = 0
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    def talk(self, connection: socket.socket) -> None:
        """Answers the requests of one connection; an answer with `Connection: close`, or none at all, ends it."""
        self.connections += 1
        with suppress(OSError), connection, connection.makefile("rb") as reader:
            while line := reader.readline():
                length = 0
                while (header := reader.readline().strip()) != b"":
                    name, _, value = header.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                self.bodies.append(reader.read(length))
                self.asked.append(line.decode().rsplit(" ", 1)[0])
                words = self.script.pop(0)
                if words is HUSH:
                    reader.read(1)
                    return
                connection.sendall(words)
                if not words or b"Connection: close" in words:
                    return


@contextmanager
def scripted(script: Sequence[bytes | None], trust: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """A server with that script, over TLS where there is a context."""
    server = Scripted(list(script))
    threads: list[threading.Thread] = []
    opened: list[socket.socket] = []

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                opened.append(plain)
                threads.append(threading.Thread(target=greet, args=(plain,)))
                threads[-1].start()

    def greet(plain: socket.socket) -> None:
        with suppress(OSError), plain:
            plain.settimeout(DEADLINE_S)
            server.talk(trust.wrap_socket(plain, server_side=True) if trust else plain)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        accepting = threading.Thread(target=accept, args=(listener,))
        accepting.start()
        try:
            yield server
        finally:
            for one in [listener, *opened]:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            for thread in [accepting, *threads]:
                thread.join(DEADLINE_S)
