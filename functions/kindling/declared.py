"""What functions/main.py declares its functions with: Firebase's SDK, or next to nothing while one of them only serves.

The SDK is needed where somebody asks which functions there are (the Firebase CLI, the local suite), and for what a
schedule or a queue sets off: those calls it unwraps. To a request by URL its `on_request` adds nothing, since no
function lets it do CORS, and loading it is half of a cold start. So an instance that serves one does without, until
main.py asks for more than is offered here.

Facts relied on: an instance is told its one function by FUNCTION_TARGET; whoever asks what there is sets none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from . import settings
from .serve.table import TABLE

F = TypeVar("F", bound=Callable[..., Any])


def _as_it_is(*, cors: None = None, **_options: Any) -> Callable[[F], F]:
    """A decorator that leaves the function as it is."""
    if cors is not None:
        raise TypeError("cors= is the SDK's work, which is not loaded here; kindling.serve.cors says who may read")
    return lambda function: function


class _Said:
    """What is said in the SDK's words; the SDK is loaded for it only when its `value` is asked for."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = cache(make)  # the SDK takes a parameter once a process

    def __getattr__(self, name: str) -> _Said:
        return _Said(lambda: getattr(self._make(), name))

    def __call__(self, *arguments: Any, **options: Any) -> _Said:
        return _Said(lambda: self._make()(*arguments, **options))

    @property
    def value(self) -> Any:
        """What the parameter is set to."""
        return self._make().value


class _Decorators:
    """One of the SDK's modules: the decorators given here, and the module itself for every other name."""

    def __init__(self, module: str, **decorators: Any) -> None:
        self._module = module
        vars(self).update(decorators)

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._module), name)


if TYPE_CHECKING or settings.served() not in {route.function for route in TABLE}:
    from firebase_functions import https_fn, options, params, scheduler_fn, tasks_fn
else:
    https_fn = _Decorators("firebase_functions.https_fn", on_request=_as_it_is)
    scheduler_fn = _Decorators("firebase_functions.scheduler_fn", on_schedule=_as_it_is)
    tasks_fn = _Decorators("firebase_functions.tasks_fn", on_task_dispatched=_as_it_is)
    params = _Said(lambda: import_module("firebase_functions.params"))
    options = _Said(lambda: import_module("firebase_functions.options"))

__all__ = ["https_fn", "options", "params", "scheduler_fn", "tasks_fn"]
