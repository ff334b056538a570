"""The functions worker: one process that loads the project's main.py once and serves every function in it.

Discovery is the SDK's own (`firebase_functions.private.serving`), request handling is the framework's own
(`functions_framework`: the same application per function, the same gunicorn with threads as in production). What
differs from production is that one process stands for all the functions, so that per-function variables
(K_SERVICE, FUNCTION_TARGET) name none of them.

The supervisor hands over a listening socket and a pipe for the report; the worker writes the manifest to the pipe as
one JSON document when it serves. A request's first path segment is the function; the function does not see it.
Knows nothing of ports, Hosting, clock or queue.
"""

import argparse
import json
import os
import signal
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import flask
import functions_framework
import yaml
from firebase_functions import params
from firebase_functions.private import serving
from functions_framework import execution_id
from functions_framework._http.gunicorn import GunicornApplication

from emulators import leash
from emulators.functions.manifest import resolved

THREADS = 80  # the concurrency of one instance in production; threads are made when they are needed
KEEP_ALIVE_S = 75  # longer than the front keeps an idle connection, so that it never sends into a closing one
UNKNOWN = b"no such function\n"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def load(folder: str) -> dict[str, types.FunctionType]:
    """Loads main.py in `folder` as discovery does; functions by entry point. Whatever main.py raises comes out."""
    os.chdir(folder)
    functions: dict[str, types.FunctionType] = serving.get_functions()  # type: ignore[no-untyped-call]  # the SDK's
    return functions


def manifest(functions: Mapping[str, types.FunctionType]) -> dict[str, Any]:
    """The SDK's manifest of the functions, with each parameter in it replaced by its value here."""
    document = yaml.safe_load(serving.functions_as_yaml(dict(functions)))
    described: dict[str, Any] = resolved(document, lambda name: params._params[name].value)
    return described


def application(name: str, function: types.FunctionType, *, signature: str) -> Application:
    """The application that functions-framework makes of one function; `signature` is http or cloudevent."""
    app = flask.Flask(name)
    app.register_error_handler(500, functions_framework.crash_handler)
    app.wsgi_app = execution_id.WsgiMiddleware(app.wsgi_app)  # type: ignore[method-assign,no-untyped-call]  # Flask's way
    functions_framework._configure_app(app, function, signature)  # type: ignore[no-untyped-call]  # as is
    return app


class Dispatcher:
    """One WSGI application of many: the first path segment chooses, and is taken away."""

    def __init__(self, applications: Mapping[str, Application]) -> None:
        self._applications = applications

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        name, _, rest = environ["PATH_INFO"].removeprefix("/").partition("/")
        chosen = self._applications.get(name)
        if chosen is None:
            start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", str(len(UNKNOWN)))])
            return [UNKNOWN]
        environ["PATH_INFO"] = f"/{rest}"
        environ["RAW_URI"] = environ["RAW_URI"].removeprefix(f"/{name}")
        return chosen(environ, start_response)


def applications(functions: Mapping[str, types.FunctionType], described: Mapping[str, Any]) -> dict[str, Application]:
    """The applications of all functions, each with the signature that its trigger has."""
    return {
        name: application(name, function, signature=_signature(described["endpoints"][name]))
        for name, function in functions.items()
    }


def serve(served: Mapping[str, Application], described: Mapping[str, Any], listener: int, report: int) -> None:
    """Serves on the listening socket `listener`; writes the manifest to `report`; does not return."""

    def ready(_server: object) -> None:
        with os.fdopen(report, "w", encoding="utf-8") as pipe:
            json.dump(described, pipe)

    GunicornApplication(  # type: ignore[no-untyped-call]  # the framework has no annotations
        Dispatcher(served),
        host="",
        port=0,
        debug=False,
        bind=f"fd://{listener}",
        threads=int(os.environ.get("THREADS", THREADS)),
        keepalive=KEEP_ALIVE_S,
        when_ready=ready,
        # The thread that watches the parent starts after the fork: a process with threads must not fork.
        post_worker_init=lambda _worker: leash.hold(_end_group),
        control_socket_disable=True,  # its path would be shared by every worker of this user
    ).run()


def _signature(endpoint: Mapping[str, Any]) -> str:
    return "cloudevent" if "eventTrigger" in endpoint else "http"


def _end_group() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    """Loads and serves the functions of one folder."""
    parser = argparse.ArgumentParser(prog="emulators.functions.worker", description=__doc__)
    parser.add_argument("--functions", required=True, help="the folder of main.py")
    parser.add_argument("--listener", required=True, type=int, help="descriptor of a listening socket")
    parser.add_argument("--report", required=True, type=int, help="descriptor the manifest is written to")
    options = parser.parse_args()
    # The suite's own folder was first in the search path; the functions must not find modules there.
    sys.path.pop(0)
    functions = load(options.functions)
    described = manifest(functions)
    serve(applications(functions, described), described, options.listener, options.report)


if __name__ == "__main__":
    main()
