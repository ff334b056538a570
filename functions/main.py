"""The functions of Firebase: one for each endpoint, schedule and queue, each a line; what they do is in kindling.

Every option is here; what an operator may set, kindling.settings tells. `cpu=1` is said everywhere because the SDK's
own default would give each function a sixth of a core and one request at a time. `kindling.declared` has the SDK's own
names, and spares an instance that only answers requests the loading of the SDK.
"""

from __future__ import annotations

import gc
from typing import Any
from zoneinfo import ZoneInfo

from flask import Request, Response
from kindling.declared import https_fn, options, params, scheduler_fn, tasks_fn
from kindling.serve.boundary import serve
from kindling.serve.events import hand_over, is_probe, retain, run_task

REGION = params.StringParam("REGION", default="us-central1")
READER_INSTANCES = params.IntParam("READER_INSTANCES", default=10)
WRITER_INSTANCES = params.IntParam("WRITER_INSTANCES", default=3)
RUN_INSTANCES = params.IntParam("RUN_INSTANCES", default=10)
ADMIN_KEY = params.SecretParam("ADMIN_KEY")
SOURCE_SECRETS = params.SecretParam("SOURCE_SECRETS")
WEBHOOK_SECRET = params.SecretParam("WEBHOOK_SECRET")

SHARED: dict[str, Any] = {
    "region": REGION,
    "memory": options.MemoryOption.MB_256,
    "cpu": 1,
    "concurrency": 80,
    "timeout_sec": 60,
}
READER: dict[str, Any] = {**SHARED, "max_instances": READER_INSTANCES, "secrets": [ADMIN_KEY]}
WRITER: dict[str, Any] = {**SHARED, "max_instances": WRITER_INSTANCES, "secrets": [ADMIN_KEY]}
SCRAPER: dict[str, Any] = {**WRITER, "memory": options.MemoryOption.MB_512, "secrets": [ADMIN_KEY, SOURCE_SECRETS]}
RUN: dict[str, Any] = {
    **SCRAPER,
    "concurrency": 1,
    "timeout_sec": 900,
    "max_instances": RUN_INSTANCES,
    "secrets": [SOURCE_SECRETS, WEBHOOK_SECRET],
}
RETRIES = options.RetryConfig(max_attempts=8, min_backoff_seconds=30, max_backoff_seconds=600)
RATES = options.RateLimits(max_concurrent_dispatches=RUN_INSTANCES)
CLOCK: dict[str, Any] = {
    "region": REGION,
    "memory": options.MemoryOption.MB_512,
    "cpu": 1,
    "max_instances": 1,
    "timeout_sec": 300,
}


@https_fn.on_request(**READER)
def hello_world(request: Request) -> Response:
    """Hello World!, and the 404 of every path that is nobody's."""
    return serve("hello_world", request)


@https_fn.on_request(**READER)
def get_data(request: Request) -> Response:
    """The collections, a query of one, one document."""
    return serve("get_data", request)


@https_fn.on_request(**READER)
def get_changes(request: Request) -> Response:
    """What was added, changed and removed."""
    return serve("get_changes", request)


@https_fn.on_request(**READER)
def get_series(request: Request) -> Response:
    """One field over time."""
    return serve("get_series", request)


@https_fn.on_request(**WRITER)
def save_data(request: Request) -> Response:
    """Saves documents and the settings of collections."""
    return serve("save_data", request)


@https_fn.on_request(**WRITER)
def delete_data(request: Request) -> Response:
    """Deletes a document or a collection."""
    return serve("delete_data", request)


@https_fn.on_request(**READER)
def get_sources(request: Request) -> Response:
    """The sources with their health."""
    return serve("get_sources", request)


@https_fn.on_request(**READER)
def get_runs(request: Request) -> Response:
    """What became of the runs."""
    return serve("get_runs", request)


@https_fn.on_request(**WRITER)
def save_source(request: Request) -> Response:
    """Keeps a source without a deploy."""
    return serve("save_source", request)


@https_fn.on_request(**WRITER)
def delete_source(request: Request) -> Response:
    """Forgets a source."""
    return serve("delete_source", request)


@https_fn.on_request(**SCRAPER)
def preview_source(request: Request) -> Response:
    """What a definition would give."""
    return serve("preview_source", request)


@https_fn.on_request(**WRITER)
def scrape_now(request: Request) -> Response:
    """Queues a run."""
    return serve("scrape_now", request)


@scheduler_fn.on_schedule(schedule="every 5 minutes", secrets=[WEBHOOK_SECRET], **CLOCK)
def scrape_due(_: scheduler_fn.ScheduledEvent) -> None:
    """Hands every source that is due to the queue."""
    if not is_probe():
        hand_over()


@tasks_fn.on_task_dispatched(retry_config=RETRIES, rate_limits=RATES, **RUN)
def scrapesource(task: https_fn.CallableRequest[Any]) -> None:
    """Runs one source."""
    run_task(task.data)


@scheduler_fn.on_schedule(schedule="every day 03:00", timezone=ZoneInfo("UTC"), **CLOCK)
def prune(_: scheduler_fn.ScheduledEvent) -> None:
    """Enforces retention."""
    if not is_probe():
        retain()


@https_fn.on_request(**READER)
def health(request: Request) -> Response:
    """Whether it works."""
    return serve("health", request)


@https_fn.on_request(**READER)
def openapi(request: Request) -> Response:
    """The API told to programs: OpenAPI and Postman."""
    return serve("openapi", request)


gc.freeze()  # what is loaded stays: a full collection that looks through it holds all requests up for 15 ms
