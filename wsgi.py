"""The whole project as one Flask app, for hosts that start a web process: `web: gunicorn wsgi:app` (Procfile).

Owns nothing: firebase.json says which path is a function's, a file's or elsewhere, and with which headers, as it does
for Firebase Hosting; the boundary that answers for the functions there answers here. Runs, schedules and the queue are
not here: docs/deploy.md says what does them on such a host.

Facts relied on: the database is the one of FIREBASE_CONFIG, reached with GOOGLE_APPLICATION_CREDENTIALS; settings and
secrets are plain variables of the host.
"""

import sys
from pathlib import Path

from flask import Flask, Request, Response, request, send_file

from emulators import project
from emulators.errors import ConfigError
from emulators.hosting import paths
from emulators.hosting.site import Called, Moved, Site, Static

ROOT = Path(__file__).parent
sys.path.append(str(ROOT / "functions"))

from kindling.serve.boundary import serve  # noqa: E402 - found only behind the line above

STATIC_METHODS = ("GET", "HEAD")


def site() -> Site:
    """What firebase.json says of Hosting."""
    hosting = project.load(ROOT).hosting
    if hosting is None:
        raise ConfigError("firebase.json: hosting is missing: it says which path is whose")
    return Site(ROOT, hosting)


def create(served: Site) -> Flask:
    """The app that answers for a site."""
    made = Flask(__name__, static_folder=None)

    # Before Flask looks for routes: it has none, and its own 404 and 405 would be HTML.
    @made.before_request
    def everything() -> Response:
        try:
            path = paths.clean(paths.encode(request.path))
        except paths.BadPathError:
            return Response("the path is too long, or holds control characters\n", 400, content_type="text/plain")
        response = answer(served, path, request)
        for key, value in served.headers(path).items():
            response.headers.setdefault(key, value)
        return response

    return made


def answer(served: Site, path: str, asked: Request) -> Response:
    """The answer to a request for a decoded path."""
    decision = served.decide(path)
    if isinstance(decision, Called):
        return serve(decision.function, asked)
    if isinstance(decision, Moved):
        query = f"?{asked.query_string.decode('latin-1')}" if asked.query_string else ""
        return Response("", decision.status, {"Location": decision.location + query}, content_type="text/plain")
    if isinstance(decision, Static) and asked.method in STATIC_METHODS:
        response = send_file(decision.file, conditional=True)
        response.status_code = decision.status if response.status_code == 200 else response.status_code
        del response.headers["Cache-Control"]  # firebase.json says how long
        return response
    if isinstance(decision, Static):
        return Response("a file is for GET and HEAD\n", 405, {"Allow": ", ".join(STATIC_METHODS)}, "text/plain")
    return Response("there is nothing at this address\n", 404, content_type="text/plain")


app = create(site())
