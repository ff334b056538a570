"""What functions/main.py declares its functions with: Firebase's SDK, or next to nothing while one of them only serves.

The SDK is needed where somebody asks which functions there are (the Firebase CLI, the local suite), and for what a
schedule or a queue sets off: those calls it unwraps. To a request by URL its `on_request` adds nothing, since no
function lets it do CORS, and loading it is half of a cold start. So an instance that serves one does without.

Facts relied on: an instance is told its one function by FUNCTION_TARGET; whoever asks what there is sets none.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

from . import settings
from .naming import FUNCTIONS

EVENTS = frozenset({"scrape_due", "scrapesource", "prune"})
"""The functions that a schedule or a queue sets off."""

F = TypeVar("F", bound=Callable[..., Any])


def _as_it_is(*, cors: None = None, **_options: Any) -> Callable[[F], F]:
    """A decorator that leaves the function as it is."""
    if cors is not None:
        raise TypeError("cors= is the SDK's work, which is not loaded here; kindling.serve.cors says who may read")
    return lambda function: function


def _unsaid(*_arguments: Any, **_options: Any) -> None:
    """An option or parameter that nobody reads."""


if TYPE_CHECKING or settings.served() not in FUNCTIONS - EVENTS:
    from firebase_functions import https_fn, options, params, scheduler_fn, tasks_fn
else:
    https_fn = SimpleNamespace(on_request=_as_it_is)
    scheduler_fn = SimpleNamespace(on_schedule=_as_it_is)
    tasks_fn = SimpleNamespace(on_task_dispatched=_as_it_is)
    params = SimpleNamespace(StringParam=_unsaid, IntParam=_unsaid, SecretParam=_unsaid)
    options = SimpleNamespace(
        MemoryOption=SimpleNamespace(MB_256=None, MB_512=None), RetryConfig=_unsaid, RateLimits=_unsaid
    )

__all__ = ["EVENTS", "https_fn", "options", "params", "scheduler_fn", "tasks_fn"]
