"""Reading, as ratios in one run: `python3 dev.py bench query [--json] [--no-peers] [--quick]`.

What is compared takes turns, round by round, so that a busy machine slows both; a line is the median of the rounds'
ratios with the smallest and the biggest. No question is asked twice unless the line says so: an answer that is kept
would measure only that it is kept.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import requests

from benchmarks import _peers
from benchmarks._lines import Line, Options, main, told
from benchmarks._rig import CONNECTIONS, ROOT, START_S, Server, asking, bare, fill, function, get, seconds, server

# a round against a peer that reads 100,000 documents each time: one a connection, because it lets kept ones drop
FEW = CONNECTIONS
FEW_ROUNDS = 3  # and few rounds: each takes such a peer a quarter of a minute
MAIN = ROOT / "functions" / "main.py"
COMPARED = 950  # the price above which answers are compared: in the small collection less than a page is

Asked = tuple[Server, Callable[[], bytes]]  # a server, and what writes the next request to it


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked of how much: documents, rounds that count (one more goes first) and requests of each.

    `small` are few enough to be kept in memory by a function, `middle` and `large` are not.
    """

    small: int = 1_000
    middle: int = 5_000
    large: int = 100_000
    rounds: int = 15
    requests: int = 200
    cold_starts: int = 5


QUICK = Size(small=100, middle=1_000, large=1_000, rounds=1, requests=20, cold_starts=1)


def in_turn(first: Asked, second: Asked, size: Size) -> list[float]:
    """How many times as long the second server takes as the first, per round: the ratio of their requests a second."""
    return [_round_s(second, size.requests) / _round_s(first, size.requests) for _ in range(size.rounds + 1)][1:]


def _round_s(asked: Asked, requests: int) -> float:
    running, write = asked
    return seconds(running.port, [write() for _ in range(requests)])


@contextlib.contextmanager
def database(folder: Path, size: Size) -> Iterator[str]:
    """A database with the collections; its HOST:PORT."""
    command = (sys.executable, "-m", "emulators.database", "--port", "{port}", "--data", str(folder / "database"))
    rules = ("--rules", str(ROOT / "database.rules.json"))
    with server(*command, *rules, path="/.json?shallow=true&ns=demo&access_token=owner", env={}) as running:
        host = f"127.0.0.1:{running.port}"
        for name, count in (("small", size.small), ("middle", size.middle), ("large", size.large)):
            fill(host, name, count)
        yield host


def filtered(collection: str, price: float) -> str:
    """20 documents of one category above a price, dearest first."""
    return f"/{collection}?category=comedy&price__gte={price}&_sort=-price&_limit=20"


def indexed(collection: str, price: float) -> str:
    """20 documents above a price, cheapest first: what the index on price serves."""
    return f"/{collection}?price__gte={price}&_sort=price&_limit=20"


class Questions:
    """Questions of which none was asked before."""

    def __init__(self) -> None:
        """Starts at the first."""
        self._numbers = itertools.count()

    def filtered(self, collection: str) -> bytes:
        """The next of its kind."""
        return asking(filtered(collection, next(self._numbers) / 1000))

    def indexed(self, collection: str) -> bytes:
        """The next of its kind."""
        return asking(indexed(collection, next(self._numbers) / 100))


def floor(looking: Server, hello: Server, size: Size) -> Line:
    """How near to a bare hello an answer can come that first looks whether it is still true."""
    root = asking("/")
    ratios = in_turn((looking, lambda: root), (hello, lambda: root), size)
    return told("hello after a look at the database, requests/s", "hello", ratios)


def reading(ours: Server, hello: Server, constant: Server, same: str, size: Size) -> Iterator[Line]:
    """The lines of a warm function; `same` is the question that is asked again and again."""
    questions = Questions()
    root, repeated = asking("/"), asking(same)
    filtered = in_turn((ours, lambda: questions.filtered("small")), (hello, lambda: root), size)
    yield told("20 of 1,000 filtered and sorted, requests/s", "hello", filtered, ("at least", 0.8))
    again = in_turn((ours, lambda: repeated), (constant, lambda: root), size)
    yield told("the same question again, 200, requests/s", "constant bytes", again, ("at least", 0.5))
    known = asking(same, If_None_Match=header(get(ours.port, repeated), "ETag"))
    unchanged = in_turn((ours, lambda: known), (constant, lambda: root), size)
    yield told("the same with its ETag, 304, requests/s", "constant bytes", unchanged, ("at least", 0.5))
    grown = in_turn((ours, lambda: questions.indexed("small")), (ours, lambda: questions.indexed("large")), size)
    yield told("100,000 documents by index, time", "ourselves at 1,000", grown, ("at most", 1.5))
    flat = in_turn((ours, lambda: questions.indexed("middle")), (ours, lambda: questions.indexed("large")), size)
    yield told("100,000 documents by index, time", "ourselves at 5,000, by index too", flat, ("at most", 1.5))
    yield told("memory of the function after all that, MB", "256 MB", [ours.memory_mb()], ("at most", 256))


def header(answer: bytes, name: str) -> str:
    """The value of a header of an answer."""
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return next(line.partition(":")[2].strip() for line in lines if line.lower().startswith(f"{name.lower()}:"))


def cold(env: dict[str, str], folder: Path, size: Size) -> Line:
    """Start to first answer, ours and hello's in turn."""
    ratios = []
    for _ in range(size.cold_starts + 1):
        with function(MAIN, "get_data", "/small?_limit=1", env) as ours:
            pass
        with bare("hello", folder) as hello:
            pass
        ratios.append(ours.started_s / hello.started_s)
    return told("cold start to the first 200, time", "hello", ratios[1:], ("at most", 1.1))


def against_peers(ours: Server, folder: Path, size: Size) -> Iterator[Line]:
    """The same data and questions with the neighbours, each in an environment of its own, once they answer the same."""
    for peer in _peers.PEERS:
        with peer.serve(folder, size.small) as other:
            agreed(ours.port, filtered("small", COMPARED), peer, other.port, peer.filtered(COMPARED))
            ratios = in_turn((ours, partial(Questions().filtered, "small")), (other, _peer_asks(peer.filtered)), size)
        yield told("20 of 1,000 filtered and sorted, requests/s", peer.name, ratios, ("at least", peer.small_goal))
        with peer.serve(folder, size.large) as other:
            agreed(ours.port, indexed("large", COMPARED), peer, other.port, peer.indexed(COMPARED))
            ratios = in_turn(
                (ours, partial(Questions().indexed, "large")),
                (other, _peer_asks(peer.indexed)),
                replace(size, requests=FEW, rounds=min(size.rounds, FEW_ROUNDS)),
            )
        yield told("20 of 100,000 by index, requests/s", peer.name, ratios, ("at least", peer.large_goal))


def agreed(ours: int, question: str, peer: _peers.Peer, theirs: int, same: str) -> None:
    """Ends the benchmark where a peer does not give the records that we give, in our order, or both give none.

    `ours` and `theirs` are ports, `same` is our question as the peer takes it.
    """
    here, there = _json(ours, question), _json(theirs, same)
    prices = [one["price"] for one in here["items"]]
    if not prices or peer.prices(there) != prices:
        raise SystemExit(f"{peer.name} gives the prices {peer.prices(there)} to {same}, and we {prices} to {question}")


def _json(port: int, path: str) -> Any:
    answer = requests.get(f"http://127.0.0.1:{port}{path}", timeout=START_S)
    answer.raise_for_status()
    return answer.json()


def _peer_asks(question: Callable[[float], str]) -> Callable[[], bytes]:
    numbers = itertools.count()
    return lambda: asking(question(next(numbers) / 100))


def measured(options: Options) -> Iterator[Line]:
    """Every line, as it is measured."""
    sizes = QUICK if options.quick else Size()
    with tempfile.TemporaryDirectory() as name, database(Path(name), sizes) as host:
        folder = Path(name)
        env = {"FIREBASE_DATABASE_EMULATOR_HOST": host, "GCLOUD_PROJECT": "demo-kindling", "SITE_URL": "http://site"}
        same = "/small?category=comedy&_sort=-price&_limit=20"
        with function(MAIN, "get_data", same, env) as ours:
            size = len(get(ours.port, asking(same)).partition(b"\r\n\r\n")[2])
            with bare("hello", folder) as hello:
                with bare("looking", folder, **env) as looking:
                    yield floor(looking, hello, sizes)
                with bare("constant", folder, SIZE=str(size)) as constant:
                    yield from reading(ours, hello, constant, same, sizes)
            if options.peers:
                yield from against_peers(ours, ROOT / ".kindling" / "benchmarks", sizes)
        yield cold(env, folder, sizes)


if __name__ == "__main__":
    sys.exit(main("query", __doc__, measured))
