"""A page of somebody's site as an API, asked again and again: `python3 dev.py bench serving [--no-peers] [--quick]`.

That is toapi's whole job: it fetches the page at the first request, keeps what it made of it for ever and never looks
at the page again. Ours was scraped into the database and is asked through the deployed function, which looks each time
whether the collection changed. Both are served by gunicorn with one process and threads.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from benchmarks._contest import PEERS, Job, database, environment, truth, worker
from benchmarks._lines import Line, Options, main, told
from benchmarks._pages import Record
from benchmarks._rig import ROOT, Server, asking, function, get, seconds, server
from benchmarks._site import Edition, site

ROUNDS, REQUESTS = 9, 200
THREADS = 8  # of toapi's process: as many as ask at once
OURS, THEIRS = "/books?_limit=20", "/listing/1.html"


def ours(stack: ExitStack, base: str) -> Server:
    """get_data on a database into which the page was scraped."""
    address = stack.enter_context(database()).address
    with worker(address) as run:
        run.run(("books", Job("listings", base, 1)))
    env = {"FIREBASE_DATABASE_EMULATOR_HOST": address, "SITE_URL": "http://site"}
    return stack.enter_context(function(ROOT / "functions" / "main.py", "get_data", OURS, env))


def toapi(stack: ExitStack, base: str) -> Server:
    """toapi before the page."""
    gunicorn = environment().parent / "gunicorn"
    options = ("--bind=127.0.0.1:{port}", "--workers=1", f"--threads={THREADS}", "toapi_way:app")
    return stack.enter_context(server(str(gunicorn), *options, path=THEIRS, env={"TOAPI_SITE": base}, cwd=PEERS))


def check(name: str, records: list[Record], base: str) -> None:
    """Ends the benchmark unless the answer holds what the page says, in whatever order."""
    found = sorted(({k: v for k, v in one.items() if k != "_id"} for one in records), key=_url)
    if found != sorted(truth(Job("listings", base, 1)), key=_url):
        raise SystemExit(f"{name} does not answer what the page says: {found[:1]}")


def _url(record: Record) -> str:
    return str(record["url"])


def answered(port: int, path: str) -> Any:
    """What a server answers, without its headers."""
    return json.loads(get(port, asking(path)).partition(b"\r\n\r\n")[2])


def measured(options: Options) -> Iterator[Line]:
    """The line, as it is measured."""
    requests = 10 if options.quick else REQUESTS
    with ExitStack() as stack:
        (port,) = stack.enter_context(site(Edition(last=1)))
        base = f"http://127.0.0.1:{port}"
        one = ours(stack, base)
        check("ours", answered(one.port, OURS)["items"], base)
        if not options.peers:
            yield told("a page as an API, requests/s", "nobody", [requests / _round_s(one, OURS, requests)])
            return
        other = toapi(stack, base)
        check("toapi", answered(other.port, THEIRS)["Book"], base)
        rounds = [(_round_s(other, THEIRS, requests), _round_s(one, OURS, requests)) for _ in range(ROUNDS + 1)][1:]
        yield told("a page as an API, requests/s", "toapi", [theirs / mine for theirs, mine in rounds])


def _round_s(asked: Server, path: str, requests: int) -> float:
    return seconds(asked.port, [asking(path)] * requests)


if __name__ == "__main__":
    sys.exit(main("serving", __doc__, measured))
