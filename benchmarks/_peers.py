"""The neighbours that reading is compared with: json-server and Datasette, each in an environment of its own.

They are installed under the data folder at the first run, pinned, by their ordinary installers; another pin has another
folder.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks._rig import Server, document, server

JSON_SERVER = "json-server@1.0.0-beta.15"
DATASETTE = "datasette==0.65.2"

SQL_TYPES = {int: "integer", float: "real"}

Serve = Callable[[Path, int], contextlib.AbstractContextManager[Server]]


@dataclass(frozen=True, slots=True)
class Peer:
    """One neighbour: how it is served with so many documents, its two questions above a price, and our goals.

    `prices` reads those of the records, in their order, out of an answer.
    """

    name: str
    serve: Serve
    filtered: Callable[[float], str]
    indexed: Callable[[float], str]
    prices: Callable[[Any], list[float]]
    small_goal: float
    large_goal: float


def json_server(folder: Path, count: int) -> contextlib.AbstractContextManager[Server]:
    """json-server with `count` documents in one file."""
    home = folder / JSON_SERVER
    program = home / "node_modules" / "json-server" / "lib" / "bin.js"
    if not program.is_file():
        home.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm") or sys.exit("json-server needs npm: install Node, or give --no-peers")
        subprocess.run([npm, "install", "--silent", "--prefix", str(home), JSON_SERVER], check=True)
    data = home / f"{count}.json"
    items = [{"id": f"d{number:07d}", **document(number)} for number in range(count)]
    data.write_text(json.dumps({"items": items}))
    return server("node", str(program), "--port", "{port}", str(data), path="/items/d0000001", env={}, cwd=home)


def datasette(folder: Path, count: int) -> contextlib.AbstractContextManager[Server]:
    """Datasette with `count` documents in SQLite, price indexed."""
    home = folder / DATASETTE
    program = home / "bin" / "datasette"
    if not program.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "install", "--quiet", "setuptools<81", DATASETTE], check=True)
    data = home / "n.db"
    data.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(data)) as database:
        _write(database, count)
    options = ("--setting", "num_sql_threads", "3", "--host", "127.0.0.1", "--port", "{port}")
    return server(str(program), "serve", "-i", str(data), *options, path="/n/items.json?_size=1", env={}, cwd=home)


def _write(database: sqlite3.Connection, count: int) -> None:
    columns = ", ".join(f"{name} {SQL_TYPES.get(type(value), 'text')}" for name, value in document(0).items())
    database.execute(f"create table items (id text primary key, {columns})")
    database.execute("create index price on items (price)")
    rows = ((f"d{number:07d}", *map(_cell, document(number).values())) for number in range(count))
    database.executemany(f"insert into items values (?{', ?' * len(document(0))})", rows)
    database.commit()


def _cell(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value


PEERS = (
    Peer(
        "json-server",
        json_server,
        lambda price: f"/items?category=comedy&price:gte={price}&_sort=-price&_page=1&_per_page=20",
        lambda price: f"/items?price:gte={price}&_sort=price&_page=1&_per_page=20",
        lambda answer: [one["price"] for one in answer["data"]],
        1.7,
        100,
    ),
    Peer(
        "Datasette",
        datasette,
        lambda price: f"/n/items.json?category=comedy&price__gte={price}&_sort_desc=price&_size=20&_shape=objects",
        lambda price: f"/n/items.json?price__gte={price}&_sort=price&_size=20&_shape=objects",
        lambda answer: [one["price"] for one in answer["rows"]],
        6,
        10,
    ),
)
