"""One JSON line an event, as Cloud Logging reads it from stdout; nothing else here writes log lines.

A line holds names, numbers and codes of this project, never a key, a secret, a header, a document or the text of a
page. So an exception is told by its type and its place and not by its message, which may quote any of them.

Facts relied on: Cloud Run makes an entry of each line of JSON, its severity that of `severity`, the other fields its
`jsonPayload`; Error Reporting groups entries by `stack_trace`. docs/operations.md lists the events; a test compares.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Mapping

TEXT_MAX = 500  # characters of one value: names and codes are short, and a line may be at most 256 KB

STACK_MAX = 50_000  # characters: the innermost frames are last

INFO, WARNING, ERROR = "INFO", "WARNING", "ERROR"

EVENTS: dict[str, tuple[str, str]] = {
    "sources-due": (INFO, "the clock handed sources over to the queue"),
    "source-invalid": (ERROR, "a source does not run, its definition is wrong; told once by each instance"),
    "sources-late": (ERROR, "sources whose last success is too long ago; told once each"),
    "sources-capped": (ERROR, "sources that have used up their runs of the day; told once each"),
    "run-ended": (INFO, "a run ended well, or by its own limits"),
    "run-bad": (WARNING, "a run ended and its result was not taken"),
    "run-waits": (INFO, "another run has the host or the source; the queue delivers it again"),
    "run-superseded": (WARNING, "a run lost its lease to a later one and wrote nothing more"),
    "task-dropped": (ERROR, "a task of the queue names no run"),
    "lease-not-renewed": (WARNING, "a run could not hold its lease; it tries again"),
    "webhook-failed": (ERROR, "an alert could not be delivered; the next run tries again"),
    "indexes-built": (INFO, "the clock went on with indexes that are not ready"),
    "pruned": (INFO, "retention took what is too old"),
    "database-failed": (ERROR, "a request, a schedule or a run met a database that does not answer or refuses"),
    "auth-failed": (ERROR, "an ID token could not be checked: Google's Auth service does not answer or refuses"),
    "queue-failed": (ERROR, "a run could not be handed over: Cloud Tasks does not answer or refuses"),
    "bug": (ERROR, "a mistake in this project; `id` is in the client's answer, `stack_trace` says where"),
}
"""Every event: its severity and what it means to an operator."""

_out = {"stderr": False}


def to_stderr() -> None:
    """Writes to stderr from now on: the stdout of a command is its result."""
    _out["stderr"] = True


def tell(event: str, message: str, **fields: str | float | None) -> None:
    """Writes the line of one event of EVENTS; fields that are None are left out."""
    _write(event, message, {name: _short(value) for name, value in fields.items() if value is not None})


def tell_bug(mark: str, error: BaseException, *, where: str) -> None:
    """Writes the line of an exception that nobody foresaw, met in `where`, for those who have its `mark`."""
    kind = type(error).__name__
    stack = "".join(_stack(error))[-STACK_MAX:]
    _write("bug", f"{kind} in {where}", {"id": mark, "where": where, "error": kind, "stack_trace": stack})


def _write(event: str, message: str, fields: Mapping[str, str | float]) -> None:
    severity, _ = EVENTS[event]
    line = json.dumps({"severity": severity, "message": _short(message), "event": event, **fields})
    stream = sys.stderr if _out["stderr"] else sys.stdout
    stream.write(line + "\n")  # one write, so that the lines of two threads stay apart
    stream.flush()


def _short(value: str | float) -> str | float:
    return value[:TEXT_MAX] if isinstance(value, str) else value


def _stack(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause:
        yield from _stack(cause)
        yield "\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__name__}\n"
