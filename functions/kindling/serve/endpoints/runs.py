"""The endpoints of runs: what became of them, and one more now. What they do stands in `jobs`; here is only its HTTP.

`jobs` loads the scraper, which no reader's function may pay for, so it is imported when first called.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ... import settings
from ...errors import ApiError
from ...naming import is_name
from ...store import store
from ...values import canonical_id, json_bytes
from .. import charts, formats, run_charts
from ..answer import Answer, Call
from ..callers import Scope
from ..parameters import read_flag
from ..routing import Parameter, Route
from ..schemas import held

if TYPE_CHECKING:
    from ...flow import RunRecord

WAIT_MAX_S = 50  # Hosting gives up after 60
LOOK_EVERY_S = 0.25  # while a client waits for its run: a read of one small node
RUNS_SHOWN = 50  # the latest runs of a source
FORMATS = ("json", "svg")


def get_runs(call: Call) -> Answer:
    """GET /get_runs[/{source}]: the latest runs, of one source or of each the very latest."""
    from ... import known, status
    from ...store.runs import Runs

    runs = Runs(store())
    name = call.names.get("source")
    form = formats.choose(None, dict(call.parameters).get("_format"), call.headers, FORMATS) if name else "json"
    if name is None:
        records = [record for source in sorted(runs.states()) for record in runs.runs(source, limit=1)]
    else:
        records = runs.runs(name, limit=RUNS_SHOWN) if is_name(name) else []
        if not records:
            known.named(store(), name)
    if form == "svg":
        return _chart(call, records)
    return Answer(json_bytes({"runs": [status.run_json(record, call.now_ms) for record in records]}))


def _chart(call: Call, records: Sequence[RunRecord]) -> Answer:
    name = call.parameter("_chart", run_charts.NAMES[0])
    if name not in run_charts.NAMES:
        what = f"there is no chart {name[:40]!r}; there are: {', '.join(run_charts.NAMES)}"
        raise ApiError(400, f"_chart: {what}", kind="bad-query", errors=(("_chart", what),))
    return Answer(
        run_charts.svg(name, call.names["source"], records), formats.MEDIA_TYPES["svg"], headers=charts.HEADERS
    )


def get_run(call: Call) -> Answer:
    """GET /get_runs/{source}/{run}."""
    return _run_answer(_run(call.names["source"], call.names["run"]), call.now_ms)


def _run(source: str, run: str) -> RunRecord:
    from ...store.runs import Runs

    record = Runs(store()).run(source, canonical_id(run)) if is_name(source) else None
    if record is None:
        raise ApiError(404, "There is no such run; GET /get_runs/{source} lists them.", kind="unknown-run")
    return record


def _run_answer(record: RunRecord, now_ms: int, status_code: int = 200) -> Answer:
    from ... import status

    headers = {"Location": _location(record)} if status_code == 202 else {}
    return Answer(json_bytes(status.run_json(record, now_ms)), status=status_code, headers=headers)


def _location(record: RunRecord) -> str:
    return f"{settings.get('SITE_URL').rstrip('/')}/get_runs/{record.source}/{record.run}"


def scrape_now(call: Call) -> Answer:
    """POST /scrape_now/{source}: 202 with the run's address, or 200 with the run if it ends within `_wait` seconds."""
    from ... import jobs, known
    from ...queue import enqueue

    wait_s = _seconds(call.parameter("_wait", "0"))
    accept = read_flag(call, "_accept")
    source = known.named(store(), call.names["source"])
    tools = jobs.tools()
    busy = jobs.running(tools, source.name)
    if busy:
        more = {"run": busy, "location": f"/get_runs/{source.name}/{busy}"}
        raise ApiError(409, f"The source {source.name} is being run.", kind="running", more=more)
    jobs.admit(tools, source.name)
    record = jobs.queue(tools, source.name, accept=accept)
    jobs.pass_on(tools, record, enqueue)
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        time.sleep(LOOK_EVERY_S)
        now = _run(source.name, record.run)
        if now.status not in ("queued", "running"):
            return _run_answer(now, call.now_ms)
    return _run_answer(record, call.now_ms, 202)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= WAIT_MAX_S:
        raise ApiError(
            400, f"_wait is a number of seconds from 0 to {WAIT_MAX_S}, not {text[:20]!r}.", kind="bad-query"
        )
    return seconds


_WAIT = {"type": "number", "minimum": 0, "maximum": WAIT_MAX_S}
ROUTES = (
    Route(
        "get_runs",
        "GET",
        "/get_runs",
        get_runs,
        "The latest run of each source",
        {200: "The runs."},
        needs=Scope.ADMIN,
        schema=held("runs"),
    ),
    Route(
        "get_runs",
        "GET",
        "/get_runs/{source}",
        get_runs,
        "The latest runs of a source",
        {200: "The runs, the latest first, or a chart of them.", 404: "There is no such source."},
        (
            Parameter("_format", f"one of {', '.join(FORMATS)}; svg is a chart", "json", values=FORMATS),
            Parameter("_chart", f"of svg: one of {', '.join(run_charts.NAMES)}", "fill", values=run_charts.NAMES),
        ),
        needs=Scope.ADMIN,
        media_types=tuple(formats.MEDIA_TYPES[name] for name in FORMATS),
        schema=held("runs"),
    ),
    Route(
        "get_runs",
        "GET",
        "/get_runs/{source}/{run}",
        get_run,
        "One run, also while it is going on",
        {200: "The run.", 404: "There is no such run."},
        needs=Scope.ADMIN,
    ),
    Route(
        "scrape_now",
        "POST",
        "/scrape_now/{source}",
        scrape_now,
        "Run a source now",
        {
            200: "The run, which ended in time.",
            202: "The run is queued; Location says where to look.",
            404: "There is no such source.",
            409: "The source is being run, or its definition has mistakes.",
            429: "The runs of the day are used up; Retry-After says when the next may begin.",
            503: "The queue takes no run now; Retry-After says when to try again.",
        },
        (
            Parameter("_wait", f"seconds to wait for the end, up to {WAIT_MAX_S}", "20", _WAIT),
            Parameter("_accept", "1: take a result that would be suspect", "1", values=("0", "1")),
        ),
        needs=Scope.ADMIN,
    ),
)
