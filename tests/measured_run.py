"""Runs one source in a process of its own, as an instance does, and prints the most memory it ever held, in bytes.

Arguments: the page's URL, its HOST:PORT, and how many records it has.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from kindling.fetch import Gate, Secrets, SystemClock
from kindling.run import Tools, run_source
from kindling.sources import parse
from kindling.store import Store
from kindling.store.client import Database


def main() -> None:
    """Run it, import what an instance imports, and tell."""
    import main as functions  # noqa: F401 - what every instance has loaded: the framework and the SDK

    url, door, count = sys.argv[1:]
    definition = (
        f"url: {url}\nevery: 1h\nrecords: li\nkey: name\nindex: [price]\nlimits: {{records: {count}}}\n"
        "fields: {name: b, price: {select: i, type: number}, text: p}"
    )
    tools = Tools(Store(Database()), SystemClock(), Gate(allow=[door]), "", "", Secrets(), random.Random(1), pace_s=0.0)
    record = run_source(parse(definition, "measured"), "r1", tools)
    assert record is not None
    assert (record.status, record.records) == ("ok", int(count)), record
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")))


main()
