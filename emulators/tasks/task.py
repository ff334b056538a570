"""A task: how a request to create one is read, and what its attempts are told; pure.

Facts relied on: the admin SDK sends `{"task": {...}}` as in Cloud Tasks v2 REST, with the body in base64 and an empty
url for "the function of the queue's name"; names are unique for an hour after the task is gone; the headers of an
attempt are those of the documentation ("Create HTTP target tasks").
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

TASK_BYTES = 1024 * 1024  # Cloud Tasks: the largest task
DEFAULT_DEADLINE_S = 600.0
DEADLINE_S = (15.0, 1800.0)  # Cloud Tasks: the shortest and the longest
FURTHEST_S = 30 * 86400  # Cloud Tasks: how far ahead a task may be scheduled
NAME = re.compile(r"projects/[^/]+/locations/[^/]+/queues/[^/]+/tasks/(?P<id>[A-Za-z0-9_-]{1,500})")
DURATION = re.compile(r"(\d+(?:\.\d+)?)s")

# Cloud Tasks sets or drops these whatever a task says ("HttpRequest.headers").
OWN_HEADERS = frozenset({"host", "content-length", "user-agent", "connection", "transfer-encoding", "authorization"})
OWN_PREFIXES = ("x-google-", "x-appengine-", "x-cloudtasks-")


class Refused(Exception):
    """The request cannot be carried out; `status` is Google's word for why."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class Token(Struct, forbid_unknown_fields=True, rename="camel"):
    """A token that production would add; there is none here."""

    service_account_email: str = ""
    audience: str | None = None
    scope: str | None = None


class HttpRequest(Struct, forbid_unknown_fields=True, rename="camel"):
    """What a task sends."""

    url: str = ""
    http_method: str = "POST"
    headers: dict[str, str] = {}
    body: str = ""
    oidc_token: Token | None = None
    oauth_token: Token | None = None


class TaskRequest(Struct, forbid_unknown_fields=True, rename="camel"):
    """A task as a client describes it."""

    http_request: HttpRequest
    name: str | None = None
    schedule_time: datetime | None = None
    dispatch_deadline: str | None = None


class CreateRequest(Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of a request to create a task."""

    task: TaskRequest
    response_view: str | None = None


class Task(Struct, frozen=True):
    """A task as it is kept: what to send and how far it is."""

    queue: str  # LOCATION/NAME
    id: str
    body: bytes
    headers: dict[str, str]
    due: float  # seconds of the epoch
    deadline_s: float
    failures: int = 0
    responses: int = 0  # attempts that got an answer
    first: float | None = None  # when it was first tried
    previous: int | None = None  # the last answer's status

    @property
    def key(self) -> tuple[str, str]:
        """What identifies it."""
        return self.queue, self.id


def read(body: bytes, queue: str, now: float, new_id: str) -> Task:
    """The task of a request to create one; Refused says what is wrong with it."""
    if len(body) > TASK_BYTES * 3 // 2:
        raise Refused("INVALID_ARGUMENT", f"the task is larger than {TASK_BYTES} bytes")
    try:
        asked = msgspec.json.decode(body, type=CreateRequest).task
        content = base64.b64decode(asked.http_request.body, validate=True)
    except (msgspec.DecodeError, binascii.Error) as error:
        raise Refused("INVALID_ARGUMENT", f"the task cannot be read: {error}") from error
    if len(content) > TASK_BYTES:
        raise Refused("INVALID_ARGUMENT", f"the task is larger than {TASK_BYTES} bytes")
    if asked.http_request.url:
        raise Refused("INVALID_ARGUMENT", "a task with a url of its own is not sent here: leave it to the function")
    if asked.http_request.http_method != "POST":
        raise Refused("INVALID_ARGUMENT", "a function's task is a POST")
    return Task(
        queue=queue,
        id=_id(asked.name, new_id),
        body=content,
        headers={key: value for key, value in asked.http_request.headers.items() if _is_free(key)},
        due=_due(asked.schedule_time, now),
        deadline_s=_deadline(asked.dispatch_deadline),
    )


def attempt_headers(task: Task) -> dict[str, str]:
    """The headers of the task's next attempt."""
    _, _, name = task.queue.partition("/")
    headers = {
        **task.headers,
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": name,
        "X-CloudTasks-TaskName": task.id,
        "X-CloudTasks-TaskRetryCount": str(task.failures),
        "X-CloudTasks-TaskExecutionCount": str(task.responses),
        "X-CloudTasks-TaskETA": f"{task.due:.6f}",
    }
    if task.previous is not None:
        headers["X-CloudTasks-TaskPreviousResponse"] = str(task.previous)
    return headers


def retry_after_s(headers: Mapping[str, Any]) -> float:
    """The seconds a Retry-After header asks for; 0 without one (a date is not among what Cloud Tasks documents)."""
    text = str(headers.get("Retry-After", ""))
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0.0


def _id(name: str | None, new_id: str) -> str:
    if name is None:
        return new_id
    match = NAME.fullmatch(name)
    if match is None:
        raise Refused("INVALID_ARGUMENT", "a task's name is projects/P/locations/L/queues/Q/tasks/ID")
    return match["id"]


def _due(asked: datetime | None, now: float) -> float:
    if asked is None:
        return now
    due = (asked if asked.tzinfo else asked.replace(tzinfo=UTC)).timestamp()
    if due > now + FURTHEST_S:
        raise Refused("INVALID_ARGUMENT", "a task may be scheduled 30 days ahead at most")
    return max(due, now)


def _deadline(asked: str | None) -> float:
    if asked is None:
        return DEFAULT_DEADLINE_S
    match = DURATION.fullmatch(asked)
    if match is None or not DEADLINE_S[0] <= float(match[1]) <= DEADLINE_S[1]:
        raise Refused("INVALID_ARGUMENT", "a task's dispatchDeadline is 15s to 1800s")
    return float(match[1])


def _is_free(header: str) -> bool:
    return header.lower() not in OWN_HEADERS and not header.lower().startswith(OWN_PREFIXES)
