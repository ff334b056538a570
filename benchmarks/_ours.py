"""Our own side of the scraping benchmarks, as a process of its own: runs sources when told, and says what each cost.

`python -m benchmarks._ours`: one JSON command a line on standard input, one JSON answer a line on standard output.
FIREBASE_DATABASE_EMULATOR_HOST names the database. The pace between two requests to a host is none here, as for every
contender; all else is as in a function.
"""

from __future__ import annotations

import json
import random
import re
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kindling import run as runs
from kindling.fetch import Gate, Secrets, SystemClock
from kindling.sources import Source, parse
from kindling.store import store
from kindling.store.writes import new_id

from benchmarks._definitions import JOBS

NO_PACE_S = 0.0  # what is measured is the work: every contender asks as fast as it can, and the site is our own


def source_of(command: dict[str, Any]) -> Source:
    """The source that a command names: its name, site, job and number of pages."""
    return parse(JOBS[command["job"]](command["site"], command["count"]), command["name"])


def perform(sources: list[Source]) -> list[str]:
    """Runs sources, each host's beside the others'; their status."""
    doors = {urlsplit(url).netloc for source in sources for url in source.urls}
    clock = SystemClock()
    tools = runs.Tools(
        store=store(),
        clock=clock,
        gate=Gate(allow=doors),
        site="",
        contact="",
        secrets=Secrets(),
        chance=random.Random(0),
        pace_s=NO_PACE_S,
    )

    def one(source: Source) -> str:
        record = runs.run_source(source, new_id(clock.now_ms()), tools)
        return f"{record.status} {record.error or ''}".strip() if record else "held"

    if len(sources) == 1:
        return [one(sources[0])]
    with ThreadPoolExecutor(len(sources)) as pool:
        return list(pool.map(one, sources))


def answer(command: dict[str, Any]) -> dict[str, Any]:
    """Carries out a command: what it cost, in this process."""
    sources = [source_of(one) for one in command["sources"]]
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    status = perform(sources)
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return {"status": status, "cpu_s": cpu_s, "wall_s": wall_s, "peak_kb": int(found[1]) if found else 0}


def main() -> None:
    """Answers commands until they end."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
