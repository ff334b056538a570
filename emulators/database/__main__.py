"""`python3 -m emulators.database`: one process that serves the database until it is told to stop.

Prints `database http://HOST:PORT` once it answers. Exit 0 stopped, 1 bad rules, 2 usage, 3 the machine says no.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import socket
import sys
from pathlib import Path

from aiohttp import web

from emulators.database.delivery import Delivery
from emulators.database.namespaces import CLOSED_RULES, Namespaces
from emulators.database.rules import RulesError
from emulators.database.server import Server
from emulators.database.storage import StorageError

BACKLOG = 1024
MAX_ADDRESS_BYTES = 128 * 1024  # of a request: the longest path, 32 keys of 768 escaped bytes, and a query
STOP_S = 1.0  # how long a stop waits for requests in flight
COLLECT_EVERY = 50_000  # allocations between looks for garbage: a big tree makes each look dear, and has no cycles


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python3 -m emulators.database", description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=_port, default=9000, help="0 is any free port (default %(default)s)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where data is kept; without it in memory only")
    parser.add_argument(
        "--rules", type=Path, metavar="FILE", help="security rules; without it only the owner may do anything"
    )
    parser.add_argument("--functions", metavar="HOST:PORT", help="where events for functions are sent")
    parser.add_argument("--project", default="demo-kindling", help="names the default database (default %(default)s)")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the server and return the exit code."""
    options = arguments().parse_args(argv)
    try:
        return asyncio.run(serve(options))
    except RulesError as error:
        return _failed(f"{options.rules}:{error}", 1)
    except StorageError as error:
        return _failed(str(error), 3)


async def serve(options: argparse.Namespace) -> int:
    """Listen, load, answer, until a signal comes."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        listening = _listen(options.host, options.port)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # Python appends the address
        return _failed(f"--port {options.port} on {options.host} can't be used ({reason}); choose another --port", 3)
    with listening:
        delivery = Delivery(options.functions, _warn) if options.functions else None
        namespaces = Namespaces(
            options.data,
            rules_text=_rules_text(options.rules),
            send=delivery.send if delivery else lambda trigger, event: None,
            warn=_warn,
        )
        gc.freeze()
        gc.set_threshold(COLLECT_EVERY)
        server = Server(namespaces, f"{options.project}-default-rtdb", delivery=delivery)
        try:
            await _run(server, listening, stopped)
        finally:
            if delivery:
                await delivery.close()
            namespaces.close()
    return 0


async def _run(server: Server, listening: socket.socket, stopped: asyncio.Event) -> None:
    runner = web.AppRunner(
        server.app(),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=STOP_S,
        max_line_size=MAX_ADDRESS_BYTES,
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listening, backlog=BACKLOG).start()
        host, port = listening.getsockname()[:2]
        print(f"database http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)
        await stopped.wait()
    finally:
        await runner.cleanup()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give 0 to 65535")
    return int(text)


def _rules_text(file: Path | None) -> str:
    if file is None:
        return CLOSED_RULES
    try:
        data = file.read_bytes()
    except OSError as error:
        raise StorageError(f"--rules {file}: {error.strerror}") from error
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise RulesError(line, column, "The rules are not valid UTF-8.") from error


def _warn(text: str) -> None:
    print(f"database: {text}", file=sys.stderr, flush=True)


def _failed(text: str, code: int) -> int:
    _warn(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
