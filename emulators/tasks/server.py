"""The task queues of a project, over HTTP: the part of Cloud Tasks v2 that the admin SDK uses.

    POST   /projects/P/locations/L/queues/Q/tasks        creates a task
    DELETE /projects/P/locations/L/queues/Q/tasks/ID     deletes one
    GET    /queueStats                                   what is waiting and running

A queue exists while a function of its name does; its tasks outlive the function. Only the admin SDK's emulator
credentials ("Bearer owner") are let in: a web page can post to this machine, but cannot set that header.
Knows nothing of rates and retries: they are the dispatchers'.
"""

import asyncio
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

from emulators.clock.time_source import Time
from emulators.errors import MachineError
from emulators.functions.manifest import Endpoint
from emulators.tasks.dispatch import Dispatcher, Outcomes, Post
from emulators.tasks.journal import Journal
from emulators.tasks.task import TASK_BYTES, Refused, Task, read

ROUTE = re.compile(
    r"/projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/queues/(?P<queue>[^/]+)"
    r"/tasks(?:/(?P<id>[^/]+))?"
)
STATS = "/queueStats"
QUEUE_NAME = re.compile(r"[A-Za-z0-9-]{1,100}")  # Cloud Tasks: what a queue may be called
MAX_TASKS = 100_000  # waiting in all; their bodies are held in memory
MAX_BYTES = 256 * 1024 * 1024  # of bodies waiting in all
BODY_BYTES = 2 * TASK_BYTES  # of a request: the task in base64, and what is around it
HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
}


class TaskQueues:
    """Every queue of the project."""

    def __init__(self, project: str, file: Path, post: Post, time: Time) -> None:
        """Takes up the tasks in `file`; MachineError when it cannot be read."""
        self._project = project
        self._post = post
        self._time = time
        self._dispatchers: dict[str, Dispatcher] = {}
        self._endpoints: dict[str, Endpoint] = {}
        try:
            self._journal = Journal(file, self._now())
        except (OSError, ValueError) as error:
            raise MachineError(f"the tasks in {file} cannot be read ({error}): mend or remove the file") from error
        self._bytes = sum(len(task.body) for task in self._journal.tasks.values())

    async def set(self, endpoints: Iterable[Endpoint]) -> None:
        """Makes these the queues; one that is as it was goes on undisturbed."""
        wanted = {f"{endpoint.region}/{endpoint.name}": endpoint for endpoint in endpoints}
        changed = {
            queue for queue in self._endpoints.keys() | wanted.keys() if self._endpoints.get(queue) != wanted.get(queue)
        }
        # Each stands in its place until it has stopped: a task that comes meanwhile is kept, and sent by the next.
        await asyncio.gather(*(self._dispatchers[queue].stop() for queue in changed & self._dispatchers.keys()))
        for queue in changed & self._dispatchers.keys():
            del self._dispatchers[queue]
        self._endpoints = wanted
        for queue in changed & wanted.keys():
            outcomes = Outcomes(again=self._again, gone=self._gone)
            self._dispatchers[queue] = Dispatcher(wanted[queue], self._post, self._time, outcomes)
        for task in list(self._journal.tasks.values()):
            if task.queue in changed & wanted.keys():
                self._dispatchers[task.queue].add(task)

    async def stop(self) -> None:
        """Sends nothing more; what is not done stays on disk."""
        for dispatcher in self._dispatchers.values():
            await dispatcher.stop()
        self._dispatchers.clear()
        self._journal.close()

    def serves(self, path: str) -> bool:
        """Whether a path of the functions port is the queues'."""
        return path == STATS or ROUTE.fullmatch(path) is not None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one request, errors in Google's form."""
        try:
            return web.json_response(await self._answer(request))
        except Refused as error:
            code = HTTP_STATUS[error.status]
            document = {"error": {"code": code, "status": error.status, "message": str(error)}}
            return web.json_response(document, status=code)

    async def _answer(self, request: web.Request) -> dict[str, object]:
        if request.path == STATS:
            return self._stats()
        if request.headers.get("Authorization") != "Bearer owner":
            raise Refused("UNAUTHENTICATED", "the task queues are for the admin SDK: send Authorization: Bearer owner")
        route = ROUTE.fullmatch(request.path)
        queue = f"{route['location']}/{route['queue']}" if route else ""
        if route is None or route["project"] != self._project or queue not in self._endpoints:
            raise Refused("NOT_FOUND", f"there is no queue {queue}: deploy a task queue function of that name")
        if request.method == "POST" and route["id"] is None:
            return self._create(queue, await _body(request))
        if request.method == "DELETE" and route["id"] is not None:
            return self._delete(queue, route["id"])
        raise Refused("INVALID_ARGUMENT", f"{request.method} is not served here: create and delete are")

    def _create(self, queue: str, body: bytes) -> dict[str, object]:
        now = self._now()
        task = read(body, queue, now, secrets.token_hex(12))
        if self._journal.is_taken(task.key, now):
            raise Refused("ALREADY_EXISTS", f"there is or was a task {task.id} within the last hour")
        if len(self._journal.tasks) >= MAX_TASKS or self._bytes + len(task.body) > MAX_BYTES:
            raise Refused("RESOURCE_EXHAUSTED", f"{len(self._journal.tasks)} tasks are waiting: let them be done first")
        self._journal.keep(task)
        self._bytes += len(task.body)
        self._dispatchers[queue].add(task)
        location, _, name = queue.partition("/")
        # The emulator's form: the admin SDK takes one character off the name before it reads it.
        return {"task": {"name": f"/projects/{self._project}/locations/{location}/queues/{name}/tasks/{task.id}"}}

    def _delete(self, queue: str, task_id: str) -> dict[str, object]:
        task = self._journal.tasks.get((queue, task_id))
        if task is None:
            raise Refused("NOT_FOUND", f"there is no task {task_id}")
        self._dispatchers[queue].discard(task_id)
        self._gone(task)
        return {}

    def _again(self, task: Task) -> None:
        if task.key not in self._journal.tasks:
            return  # deleted while it ran: not tried again
        self._journal.keep(task)
        self._dispatchers[task.queue].add(task)

    def _gone(self, task: Task) -> None:
        if task.key in self._journal.tasks:
            self._journal.remove(task.key, self._now())
            self._bytes -= len(task.body)

    def _stats(self) -> dict[str, object]:
        waiting = [task.queue for task in self._journal.tasks.values()]
        return {
            queue: {"tasks": waiting.count(queue), "running": dispatcher.running}
            for queue, dispatcher in sorted(self._dispatchers.items())
        }

    def _now(self) -> float:
        return self._time.now().timestamp()


def queue_name_fits(name: str) -> bool:
    """Whether a function's name can be a queue's; one with an underscore never gets a queue in production."""
    return QUEUE_NAME.fullmatch(name) is not None


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(65536):
        body += chunk
        if len(body) > BODY_BYTES:
            raise Refused("INVALID_ARGUMENT", f"the request is larger than {BODY_BYTES} bytes")
    return bytes(body)
