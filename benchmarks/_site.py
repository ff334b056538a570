"""The site that is scraped: a process of its own that answers ready bytes, so that its work is nobody's.

`python -m benchmarks._site PORT,PORT… LAST LATENCY_MS EDITION SHARE VALIDATORS`: prints its ports when it answers and
ends with its standard input. Each port is a site of its own with the same pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from benchmarks._pages import PAGES

ROOT = Path(__file__).parents[1]
KEPT = 4_000  # pages that are made once: more than any benchmark asks for
ADDRESS = re.compile(rb"GET /([a-z]+)/([0-9]+)\.html ")
KNOWN = re.compile(rb"\r\nif-none-match: *([^\r]+)", re.IGNORECASE)
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Edition:
    """What the site shows. `edition` changes `share` of the wide records; with `validators` pages have an ETag."""

    last: int = 50  # page of each kind
    latency_ms: float = 0
    edition: int = 0
    share: float = 0.01
    validators: bool = True


class Answers:
    """Answers by request, made once."""

    def __init__(self, edition: Edition) -> None:
        self.delay_s = edition.latency_ms / 1000
        self._edition = edition
        self._made = lru_cache(maxsize=KEPT)(self._make)

    def of(self, request: bytes) -> bytes:
        """The answer to a request's head."""
        found = ADDRESS.match(request)
        if not found or found[1].decode() not in PAGES:
            return MISSING
        tag, answer = self._made(found[1].decode(), int(found[2]))
        known = KNOWN.search(request)
        if known and known[1].strip() == tag:
            return b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % tag
        return answer

    def _make(self, kind: str, number: int) -> tuple[bytes, bytes]:
        shown = self._edition
        body = PAGES[kind](number, shown.last, shown.edition, shown.share)
        tag = b'"%s"' % hashlib.blake2b(body, digest_size=8).hexdigest().encode()
        validator = b"ETag: %s\r\n" % tag if shown.validators else b""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n" % len(body)
        return tag if shown.validators else b"", head + validator + b"\r\n" + body


class Connection(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write to."""
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request; none has a body."""
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            answer = self._answers.of(head)
            if self._answers.delay_s:
                asyncio.get_running_loop().call_later(self._answers.delay_s, self._out.write, answer)
            else:
                self._out.write(answer)


async def serve(ports: list[int], edition: Edition) -> None:
    """Serves until standard input ends."""
    loop = asyncio.get_running_loop()
    answers = Answers(edition)
    servers = [await loop.create_server(lambda: Connection(answers), "127.0.0.1", port) for port in ports]
    print(",".join(str(server.sockets[0].getsockname()[1]) for server in servers), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@contextlib.contextmanager
def site(edition: Edition, ports: tuple[int, ...] = (0,)) -> Iterator[tuple[int, ...]]:
    """A running site; its ports. Port 0 is any free one."""
    words = (edition.last, edition.latency_ms, edition.edition, edition.share, int(edition.validators))
    command = [sys.executable, "-m", "benchmarks._site", ",".join(map(str, ports)), *map(str, words)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout and process.stdin
        try:
            yield tuple(map(int, process.stdout.readline().split(",")))
        finally:
            process.stdin.close()


def main(arguments: list[str]) -> None:
    """Serves as the arguments say."""
    ports, last, latency_ms, edition, share, validators = arguments
    shown = Edition(int(last), float(latency_ms), int(edition), float(share), bool(int(validators)))
    asyncio.run(serve([int(port) for port in ports.split(",")], shown))


if __name__ == "__main__":
    main(sys.argv[1:])
