"""The table of every endpoint: the ROUTES of all modules of `endpoints`.

Dispatch, the specification, the checks before a deploy and the tests all read this. Its order is the one in which the
API is told: verb by verb, what has none last; of each verb the data first, then by path; the routes of one function as
its module has them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from ..naming import VERBS
from . import endpoints
from .routing import Route


def _routes() -> Iterator[Route]:
    for module in pkgutil.iter_modules(endpoints.__path__):
        yield from import_module(f".{module.name}", endpoints.__name__).ROUTES


def _place(route: Route) -> tuple[int, bool, str]:
    verb, _, subject = route.function.partition("_")
    rank = VERBS.index(verb) if verb in VERBS else len(VERBS)
    return rank, subject != "data", route.path.split("/")[1]


TABLE: tuple[Route, ...] = tuple(sorted(_routes(), key=_place))
