"""The Hosting port: sends what `site` decided.

Facts relied on (read in the CLI's proxy, tried on Hosting): a function has 60 s, then the answer is 504; of the cookies
only `__session` reaches it; it sees the function's own host name, and the site's as X-Forwarded-Host; an answer
without Cache-Control is private; Vary names what the cache keys on. What a function sets wins over firebase.json.
What a path means is for `site` to decide, but for the one address that Hosting keeps for itself.
"""

import functools
import mimetypes

from aiohttp import web
from multidict import CIMultiDict

from emulators import proxy
from emulators.functions.front import Front, still_starting
from emulators.hosting import paths
from emulators.hosting.site import Called, Moved, Site, Static

FUNCTION_S = 60
VARY = ("Accept-Encoding", "Authorization", "Cookie")
SESSION = "__session"
STATIC_CACHE = "max-age=3600"  # what Hosting sets on files that firebase.json says nothing of
STATIC_METHODS = "GET, HEAD"
INIT = "/__/firebase/init.json"  # reserved by Hosting: which project this is, and its web app's key where it has one

# A table of our own: the system's differs from machine to machine.
TYPES = mimetypes.MimeTypes()
for _type, _ending in (
    ("text/javascript", ".js"),
    ("text/javascript", ".mjs"),
    ("application/manifest+json", ".webmanifest"),
    ("font/woff2", ".woff2"),
    ("image/svg+xml", ".svg"),
    ("application/yaml", ".yaml"),
    ("text/markdown", ".md"),
):
    TYPES.add_type(_type, _ending)
WITH_CHARSET = ("text/", "application/json", "application/manifest+json", "application/xml", "image/svg+xml")


class HostingServer:
    """Answers at the Hosting port."""

    def __init__(self, site: Site, front: Front, functions_host: str, project: str) -> None:
        self.site = site
        self._project = project
        self._front = front
        self._functions_host = functions_host

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one request."""
        raw, mark, query = request.raw_path.partition("?")
        try:
            path = paths.clean(raw)
        except paths.BadPathError:
            return web.Response(
                status=400, text="the path is too long, holds control characters, or is not percent-encoded UTF-8\n"
            )
        if path == INIT:
            return web.json_response({"projectId": self._project})  # no apiKey: there is no Auth here to sign in with
        decision = self.site.decide(path)
        headers = self.site.headers(path)
        if isinstance(decision, Called):
            return await self._function(request, decision, paths.encode(path) + mark + query, headers)
        if isinstance(decision, Moved):
            return web.Response(
                status=decision.status, headers=headers | {"Location": decision.location + mark + query}
            )
        if isinstance(decision, Static):
            return _static(request, decision, headers)
        return web.Response(status=404, text="404: there is nothing at this address\n", headers=headers)

    async def _function(
        self, request: web.Request, called: Called, target: str, configured: dict[str, str]
    ) -> web.StreamResponse:
        if self._front.starting:
            return still_starting()
        endpoint = self._front.served.endpoints.get(called.function)
        if endpoint is None or called.region not in (None, endpoint.region):
            return web.Response(status=404, text=f"firebase.json names the function {called.function}: there is none\n")
        return await self._front.call(
            request,
            endpoint,
            target,
            self._request_headers(request),
            timeout_s=min(FUNCTION_S, endpoint.timeout_s),
            finish=functools.partial(_finish, configured),
        )

    def _request_headers(self, request: web.Request) -> CIMultiDict[str]:
        headers = proxy.end_to_end(request.headers.items())
        session = session_cookie(headers.popall("Cookie", []))
        if session:
            headers["Cookie"] = session
        headers["X-Forwarded-Host"] = request.host
        headers["Host"] = self._functions_host
        return headers


def session_cookie(cookies: list[str]) -> str | None:
    """The one cookie that Hosting lets through, as a Cookie header; None without it."""
    pairs = (pair.strip() for text in cookies for pair in text.split(";"))
    return next((pair for pair in pairs if pair.startswith(f"{SESSION}=")), None)


def content_type(name: str) -> str:
    """The media type of a file name, with a character set where it is text."""
    kind = TYPES.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(WITH_CHARSET) else kind


def _static(request: web.Request, decision: Static, headers: dict[str, str]) -> web.StreamResponse:
    defaults = {"Cache-Control": STATIC_CACHE, "Content-Type": content_type(decision.file.name)}
    if decision.status != 200:  # the page of what is missing answers any method, and no condition or range changes it
        return web.Response(body=decision.file.read_bytes(), status=decision.status, headers=defaults | headers)
    if request.method not in STATIC_METHODS.split(", "):
        return web.Response(status=405, headers={"Allow": STATIC_METHODS}, text=f"a file is for {STATIC_METHODS}\n")
    return web.FileResponse(decision.file, headers=defaults | headers)


def _finish(configured: dict[str, str], headers: CIMultiDict[str]) -> None:
    for key, value in configured.items():
        headers.setdefault(key, value)
    headers.setdefault("Cache-Control", "private")
    named = [name.strip() for value in headers.popall("Vary", []) for name in value.split(",") if name.strip()]
    missing = [name for name in VARY if name.lower() not in {known.lower() for known in named}]
    headers["Vary"] = ", ".join(named + missing)
