"""The functions port: from a URL to a function, as the official emulator lays the URLs out.

    /PROJECT/REGION/NAME/rest                    a function; it sees /rest
    /functions/projects/PROJECT/triggers/KEY     an event for the function KEY: REGION-NAME or REGION-NAME-0
    /backends                                    what is served, and what starts it

Knows nothing of Hosting, clock and queue, which call functions through `call`.
"""

import re
from collections.abc import Mapping

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from emulators import proxy
from emulators.functions.manifest import Endpoint, Manifest
from emulators.functions.pool import Pool

EVENTS = re.compile(r"/functions/projects/(?P<project>[^/]+)/triggers/(?P<key>[^/]+)")
FUNCTION = re.compile(r"/(?P<project>[^/]+)/(?P<region>[^/]+)/(?P<name>[^/]+)(?P<rest>/.*)?")
RETRY_S = 1  # they take one or two
GENERATION = re.compile(r"-\d+$")  # the official emulator numbers what it has loaded

TRIGGER_NAMES = {
    "https": "httpsTrigger",
    "schedule": "schedule",
    "queue": "taskQueueTrigger",
    "event": "eventTrigger",
}


class Front:
    """Answers at the functions port and calls functions for the rest of the suite."""

    def __init__(self, project: str, pool: Pool) -> None:
        self._project = project
        self._pool = pool

    @property
    def served(self) -> Manifest:
        """What there is to call now."""
        return self._pool.manifest

    @property
    def starting(self) -> bool:
        """Whether what there is to call is not known yet."""
        return self._pool.starting

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one request that came to the functions port."""
        if self.starting:
            return still_starting()
        path, mark, query = request.raw_path.partition("?")
        if path == "/backends":
            return web.json_response(backends(self.served))
        route = EVENTS.fullmatch(path)
        target = route["key"] if route else ""
        rest = "/"
        if route is None and (route := FUNCTION.fullmatch(path)):
            target = f"{route['region']}-{route['name']}"
            rest = route["rest"] or "/"
        if route is None or route["project"] != self._project:
            return web.Response(status=404, text=f"{path} is no function: they are at /{self._project}/REGION/NAME\n")
        endpoint = find(self.served, target)
        if endpoint is None:
            known = ", ".join(sorted(endpoint.id for endpoint in self.served.endpoints.values()))
            return web.Response(status=404, text=f"Function {target} does not exist, valid functions are: {known}\n")
        headers = proxy.end_to_end(request.headers.items())
        return await self.call(request, endpoint, rest + mark + query, headers, timeout_s=endpoint.timeout_s)

    async def call(
        self,
        request: web.Request,
        endpoint: Endpoint,
        target: str,
        headers: CIMultiDict[str],
        *,
        timeout_s: float,
        finish: proxy.Finish = lambda _headers: None,
    ) -> web.StreamResponse:
        """The function's answer to the request, whose path and query it sees as `target`."""
        worker = self._pool.next()
        if worker is None:
            return still_starting()
        if request.remote:
            before = headers.get("X-Forwarded-For")
            headers["X-Forwarded-For"] = f"{before}, {request.remote}" if before else request.remote
        headers.setdefault("X-Forwarded-Proto", request.scheme)
        async with worker.request():
            try:
                url = f"{worker.address.origin}/{endpoint.name}{target}"
                return await proxy.forward(request, worker.client, url, headers, timeout_s=timeout_s, finish=finish)
            except TimeoutError:
                return web.Response(status=504, text=f"{endpoint.name} gave no answer within {timeout_s:g} s\n")
            except aiohttp.ClientError as failure:
                reason = f"the functions worker gave no answer ({type(failure).__name__}): see the suite's terminal\n"
                return web.Response(status=502, text=reason)

    async def post(
        self, endpoint: Endpoint, headers: dict[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str]]:
        """Posts to a function on behalf of the clock or the queue; status and headers of the answer.

        TimeoutError and aiohttp.ClientError when there is none.
        """
        worker = self._pool.next()
        if worker is None:
            raise aiohttp.ClientConnectionError("the functions are not loaded")
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        async with (
            worker.request(),
            worker.client.post(
                f"{worker.address.origin}/{endpoint.name}/", headers=headers, data=body, timeout=timeout
            ) as answer,
        ):
            await answer.read()
            return answer.status, answer.headers


def still_starting() -> web.Response:
    """The answer of the suite's first moments, when nothing is known of any function."""
    headers = {"Retry-After": str(RETRY_S)}
    return web.Response(status=503, text="the functions are still starting: ask again in a moment\n", headers=headers)


def find(served: Manifest, target: str) -> Endpoint | None:
    """The endpoint called `REGION-NAME`, with or without a generation at its end."""
    by_id = {endpoint.id: endpoint for endpoint in served.endpoints.values()}
    return by_id.get(target) or by_id.get(GENERATION.sub("", target))


def backends(served: Manifest) -> dict[str, object]:
    """The list of functions as the official emulator's /backends gives it."""
    triggers = [
        {
            "id": endpoint.id,
            "name": endpoint.name,
            "entryPoint": endpoint.name,
            "platform": "gcfv2",
            "region": endpoint.region,
            "timeoutSeconds": endpoint.timeout_s,
            TRIGGER_NAMES[endpoint.kind]: endpoint.trigger,
        }
        for _, endpoint in sorted(served.endpoints.items())
    ]
    return {"backends": [{"functionTriggers": triggers}]}
