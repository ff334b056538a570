"""A running database for tests: the real process on a free port, and small words to talk to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

ROOT = Path(__file__).parents[2]
OWNER = {"Authorization": "Bearer owner"}
TIMEOUT_S = 30  # far more than anything here takes; a hang becomes a failure


class DatabaseServer:
    """One server process; `kill` is kill -9, leaving the block is SIGTERM."""

    def __init__(self, *arguments: str, rules: Mapping[str, Any] | None = None) -> None:
        command = [sys.executable, "-m", "emulators.database", "--port", "0", *arguments]
        self._folder = tempfile.TemporaryDirectory()
        if rules is not None:
            file = Path(self._folder.name, "rules.json")
            file.write_text(json.dumps(rules))
            command += ["--rules", str(file)]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "error"},
        )
        assert self.process.stdout
        assert self.process.stderr
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the server did not start: {self.process.stderr.read()}")
        self.url = line.removeprefix("database ").strip()
        self.host = self.url.removeprefix("http://")
        self.errors = ""
        self._session = requests.Session()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        owner: bool = True,
        **params: Any,
    ) -> requests.Response:
        """One request, by default as the owner. A body that is not bytes is sent as JSON, None as no body."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return self._session.request(
            method,
            self.url + path,
            data=data,
            params=params,
            headers={**(OWNER if owner else {}), **(headers or {})},
            timeout=TIMEOUT_S,
        )

    def get(self, path: str, **params: Any) -> Any:
        """The JSON value at a path."""
        response = self.call("GET", path, **params)
        assert response.status_code == 200, response.text
        return response.json()

    def put(self, path: str, value: Any, **params: Any) -> None:
        """Set the value at a path."""
        response = self.call("PUT", path, json.dumps(value).encode(), print="silent", **params)
        assert response.status_code == 204, response.text

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.process.kill()
        self.close()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        self.close()
        return self.process.returncode

    def close(self) -> None:
        """Wait for the end of the process and keep what it said on stderr."""
        self._session.close()
        _, errors = self.process.communicate(timeout=TIMEOUT_S)
        self.errors += errors
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.returncode is None:
            self.stop()
