"""A small project that the suite's tests serve: every kind of trigger, and answers that say what arrived."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from firebase_functions import db_fn, https_fn, options, params, scheduler_fn, tasks_fn

REGION = params.StringParam("REGION", default="us-central1")
GATE = threading.Event()  # requests to hold wait for a request to release


@https_fn.on_request(region=REGION)
def echo(request: https_fn.Request) -> https_fn.Response:
    """What the function sees of a request."""
    seen = {
        "method": request.method,
        "path": request.path,
        "query": request.query_string.decode(),
        "raw": request.environ["RAW_URI"],
        "headers": sorted([key, value] for key, value in request.headers.items()),
        "body": request.get_data(as_text=True) if request.content_length != 0 else "",
        "pid": os.getpid(),
        "env": {name: os.environ.get(name) for name in request.args.getlist("env")},
    }
    headers = {"Content-Type": "application/json"}
    if vary := request.args.get("vary"):
        headers["Vary"] = vary
    if cache := request.args.get("cache"):
        headers["Cache-Control"] = cache
    return https_fn.Response(json.dumps(seen), status=int(request.args.get("status", "200")), headers=headers)


@https_fn.on_request()
def stream(request: https_fn.Request) -> https_fn.Response:
    """Pieces of a body, each when it is made."""
    pieces = int(request.args.get("pieces", "3"))

    def body() -> Iterator[str]:
        for number in range(pieces):
            yield f"piece {number}\n"
            if request.args.get("hold"):
                GATE.wait(10)

    return https_fn.Response(body(), mimetype="text/plain")


@https_fn.on_request(timeout_sec=1)
def hold(_request: https_fn.Request) -> https_fn.Response:
    """Waits until somebody calls release."""
    GATE.wait(10)
    return https_fn.Response("held")


@https_fn.on_request()
def release(_request: https_fn.Request) -> https_fn.Response:
    """Lets the waiting requests go."""
    GATE.set()
    return https_fn.Response("released")


@https_fn.on_request()
def fails(_request: https_fn.Request) -> https_fn.Response:
    """An error nobody catches."""
    raise ValueError("on purpose")


def _note(kind: str, fact: object) -> None:
    """Appends a line to the file that the test reads."""
    with Path(os.environ["NOTES"]).open("a", encoding="utf-8") as notes:
        notes.write(json.dumps([kind, fact]) + "\n")


@scheduler_fn.on_schedule(schedule=os.environ.get("SCHEDULE", "every 5 minutes"), retry_count=1, min_backoff_seconds=1)
def tick(event: scheduler_fn.ScheduledEvent) -> None:
    """A schedule."""
    _note("tick", [event.job_name, event.schedule_time.isoformat()])


@tasks_fn.on_task_dispatched(
    retry_config=options.RetryConfig(max_attempts=3, min_backoff_seconds=0, max_backoff_seconds=1),
    rate_limits=options.RateLimits(max_concurrent_dispatches=2),
)
def work(request: tasks_fn.CallableRequest) -> str:
    """A task; one whose data has `fail` fails that many times."""
    attempt = int(request.raw_request.headers["X-CloudTasks-TaskRetryCount"])
    _note("work", [request.data, attempt])
    if attempt < request.data.get("fail", 0):
        raise ValueError("not yet")
    return "done"


@db_fn.on_value_written(reference="pub/{id}")
def written(event: db_fn.Event[db_fn.Change[object]]) -> None:
    """An event of the database."""
    _note("written", [event.params, event.data.after])
