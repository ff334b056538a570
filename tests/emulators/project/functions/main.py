"""A small project that the suite's tests serve: every kind of trigger, and answers that say what arrived."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from firebase_functions import db_fn, https_fn, options, params, scheduler_fn, tasks_fn
from firebase_functions.core import Change
from flask import Request, Response

REGION = params.StringParam("REGION", default="us-central1")
VERSION = "first"
HOLD_S = 30  # how long a held request waits for its file; longer than any test


@https_fn.on_request(region=REGION)  # type: ignore[arg-type]  # the SDK takes parameters, its annotation does not say so
def echo(request: Request) -> Response:
    """What the function sees of a request; the query says how to answer."""
    seen = {
        "method": request.method,
        "path": request.path,
        "raw": request.environ["RAW_URI"],
        "headers": {key: value for key, value in request.headers.items() if key != "Function-Execution-Id"},
        "bytes": len(request.get_data()),
        "pid": os.getpid(),
        "version": VERSION,
        "env": {name: os.environ.get(name) for name in request.args.getlist("env")},
    }
    headers = {
        "Content-Type": "application/json",
        **dict(pair.split(":", 1) for pair in request.args.getlist("header")),
    }
    return Response(json.dumps(seen), status=int(request.args.get("status", "200")), headers=headers)


@https_fn.on_request()
def stream(request: Request) -> Response:
    """A body in pieces; the second waits for a file."""

    def body() -> Iterator[str]:
        yield "first\n"
        _wait_for(request.args["file"])
        yield "second\n"

    return Response(body(), mimetype="text/plain")


@https_fn.on_request()
def hold(request: Request) -> Response:
    """Answers when a file exists."""
    _wait_for(request.args["file"])
    return Response(VERSION)


@https_fn.on_request(timeout_sec=1)
def slow(request: Request) -> Response:
    """As hold, with less time to live than it takes."""
    _wait_for(request.args["file"])
    return Response("too late")


@https_fn.on_request()
def fails(_request: Request) -> Response:
    """An error nobody catches."""
    raise ValueError("on purpose")


@scheduler_fn.on_schedule(schedule=os.environ.get("SCHEDULE", "1 of jan 00:00"))
def tick(event: scheduler_fn.ScheduledEvent) -> None:
    """A schedule."""
    _note("tick", [event.job_name, event.schedule_time.strftime("%S.%f")])


@scheduler_fn.on_schedule(schedule="1 of jan 00:00")
def scrape_due(_event: scheduler_fn.ScheduledEvent) -> None:
    """The schedule that also fires at once."""
    _note("scrape_due", None)


@tasks_fn.on_task_dispatched(
    retry_config=options.RetryConfig(max_attempts=3, min_backoff_seconds=0, max_backoff_seconds=1),
    rate_limits=options.RateLimits(max_concurrent_dispatches=2),
)
def work(request: https_fn.CallableRequest[dict[str, int]]) -> str:
    """A task; one whose data has `fail` fails that many times."""
    attempt = int(request.raw_request.headers["X-CloudTasks-TaskRetryCount"])
    _note("work", [request.data, attempt])
    if attempt < request.data.get("fail", 0):
        raise ValueError("not yet")
    return "done"


@db_fn.on_value_written(reference="pub/{id}")
def written(event: db_fn.Event[Change[object]]) -> None:
    """An event of the database."""
    _note("written", [event.params, event.data.after])


def _wait_for(file: str) -> None:
    """Returns when the file exists."""
    tick = threading.Event()
    for _ in range(HOLD_S * 50):
        if Path(file).exists():
            return
        tick.wait(0.02)


def _note(kind: str, fact: object) -> None:
    """Appends a line to the file that the test reads."""
    with Path(os.environ["NOTES"]).open("a", encoding="utf-8") as notes:
        notes.write(json.dumps([kind, fact]) + "\n")
