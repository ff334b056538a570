"""FIREBASE: the Admin SDK's one app, for what only the SDK does: people's tokens and the task queue.

Loaded by the first that needs it: it costs 100 ms of a cold start, and no reader of data needs it.
"""

from __future__ import annotations

from threading import Lock

import firebase_admin

from .store import place

TIMEOUT_S = 10  # a function has 60 s, and the SDK alone would wait for 120
_lock = Lock()


def application() -> firebase_admin.App:
    """The SDK's app of this project, made at the first call."""
    with _lock:
        try:
            return firebase_admin.get_app()
        except ValueError:
            return firebase_admin.initialize_app(options={"projectId": place.project(), "httpTimeout": TIMEOUT_S})
