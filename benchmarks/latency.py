"""One instance of `get_data` under 1, 8 and 80 requests at once, and the start of each function:
`python3 dev.py bench latency [--quick]`.

Beside each stands a bare `on_request` hello under the same framework, asked in turn. The last two lines of a question
say what its freshness costs: the CPU of the function and that of the database, both of one request, in milliseconds.
A reader has started when it has answered a question, any other function when it has answered the platform's probe; the
queue's is asked by tasks alone, and loads what the clock's does.
"""

from __future__ import annotations

import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks._lines import Goal, Line, Options, main, told
from benchmarks._rig import ROOT, Server, asking, bare, fill, function, seconds, server

MAIN = ROOT / "functions" / "main.py"
AT_ONCE = (1, 8, 80)  # the last is what a function is deployed to take
PROBE = "/__/health"
STARTS = {
    "hello_world": "/",
    "get_data": "/small?_limit=1",
    "get_changes": "/small",
    "get_series": "/small/d0000001/price",
    "get_sources": "/",
    "health": "/",
    "openapi": "/openapi.json",
    "get_runs": PROBE,
    "save_data": PROBE,
    "delete_data": PROBE,
    "save_source": PROBE,
    "delete_source": PROBE,
    "preview_source": PROBE,
    "scrape_now": PROBE,
    "scrape_due": PROBE,
    "prune": PROBE,
}
PROFILED = ("get_data", "scrape_due")  # one that only serves, and one that needs the SDK
PACKAGES_SHOWN = 6
IMPORTED = re.compile(r"^import time: +(\d+) \|[^|]*\| +(\S+)$", re.MULTILINE)  # what -X importtime writes


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: documents, rounds that count (one more goes first), requests of each, starts."""

    documents: int = 1_000
    rounds: int = 7
    requests: int = 400
    starts: int = 5


QUICK = Size(documents=100, rounds=1, requests=80, starts=1)
Asks = Callable[[], bytes]


def questions() -> dict[str, Asks]:
    """The two kinds of question: one that is asked again and again, and ones that nobody asked before."""
    numbers = itertools.count()
    again = "/small?category=comedy&_sort=-price&_limit=20"
    return {
        "the same question": lambda: asking(again),
        "a new question": lambda: asking(f"{again}&price__gte={next(numbers) / 1000}"),
    }


def busy(ours: Server, hello: Server, database: Server, size: Size) -> Iterator[Line]:
    """The lines of a warm instance."""
    for name, ask in questions().items():
        for at_once in AT_ONCE:
            mine: list[float] = []
            ratios: list[float] = []
            cpu_s = ours.cpu_s(), database.cpu_s()
            for _ in range(size.rounds + 1):
                bare = seconds(hello.port, [asking("/")] * size.requests, at_once)
                mine.append(seconds(ours.port, [ask() for _ in range(size.requests)], at_once))
                ratios.append(bare / mine[-1])
            spent = [(after - before) for before, after in zip(cpu_s, (ours.cpu_s(), database.cpu_s()), strict=True)]
            each_ms = [1000 * one / size.requests * at_once for one in mine[1:]]
            note = f"{size.requests / statistics.median(mine[1:]):.0f} requests a second of one instance"
            yield told(f"{name}, {at_once} at once, ms", "-", each_ms, note=note)
            yield told(f"{name}, {at_once} at once, requests/s", "hello", ratios[1:])
            for part, used in zip(("function", "database"), spent, strict=True):
                made = 1000 * used / (size.requests * (size.rounds + 1))
                yield told(f"{name}, {at_once} at once, CPU of the {part}, ms", "-", [made])
    yield told("memory of the instance after all that, MB", "256 MB", [ours.memory_mb()], ("at most", 256))


def cold(env: dict[str, str], folder: Path, size: Size) -> Iterator[Line]:
    """The start of each function, to the first good answer, that of hello in turn."""
    for name, path in STARTS.items():
        ratios = []
        for _ in range(size.starts + 1):
            with function(MAIN, name, path, env) as ours:
                pass
            with bare("hello", folder) as hello:
                pass
            ratios.append(ours.started_s / hello.started_s)
        goal: Goal | None = None if path == PROBE else ("at most", 1.1)  # for those who wait: readers
        yield told(f"cold start of {name}, time", "hello", ratios[1:], goal)


def imports(env: dict[str, str]) -> Iterator[Line]:
    """What a function loads before its first answer, and the packages that take most of it."""
    command = [sys.executable, "-X", "importtime", "-c", "import main"]
    for name in PROFILED:
        wanted = {**os.environ, **env, "FUNCTION_TARGET": name}
        done = subprocess.run(command, cwd=MAIN.parent, env=wanted, capture_output=True, text=True, check=True)
        spent: Counter[str] = Counter()
        for own_us, module in IMPORTED.findall(done.stderr):
            package = module.partition(".")[0]
            spent["the standard library" if package in sys.stdlib_module_names else package] += int(own_us)
        total = spent.total()
        shares = ", ".join(f"{package} {us / total:.0%}" for package, us in spent.most_common(PACKAGES_SHOWN))
        yield told(f"imports of {name}, each timed, ms", "-", [total / 1000], note=shares)


def measured(options: Options) -> Iterator[Line]:
    """Every line, as it is measured."""
    size = QUICK if options.quick else Size()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        command = (sys.executable, "-m", "emulators.database", "--port", "{port}", "--data", str(folder / "database"))
        rules = ("--rules", str(ROOT / "database.rules.json"))
        ready = "/.json?shallow=true&ns=demo&access_token=owner"
        database = stack.enter_context(server(*command, *rules, path=ready, env={}))
        host = f"127.0.0.1:{database.port}"
        fill(host, "small", size.documents)
        env = {"FIREBASE_DATABASE_EMULATOR_HOST": host, "GCLOUD_PROJECT": "demo-kindling", "SITE_URL": "http://site"}
        ours = stack.enter_context(function(MAIN, "get_data", STARTS["get_data"], env))
        hello = stack.enter_context(bare("hello", folder))
        yield from busy(ours, hello, database, size)
        yield from cold(env, folder, size)
        yield from imports(env)


if __name__ == "__main__":
    sys.exit(main("latency", __doc__, measured))
