"""A site and the tools of a run, for every test of this folder."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from kindling.fetch import Gate, Secrets
from kindling.run import Tools
from kindling.store import Store, paths

from tests.faultsite import FaultSite, ManualClock
from tests.runs.scene import Scene


@pytest.fixture
def site() -> Iterator[FaultSite]:
    with FaultSite() as made:
        yield made


@pytest.fixture
def tools(store: Store, site: FaultSite) -> Tools:
    store.database.update({paths.HOSTS: None})  # another test's site may have had this port
    return Tools(
        store=store,
        clock=ManualClock(),
        gate=Gate(allow=[site.door]),
        site="",
        contact="",
        secrets=Secrets(),
        chance=random.Random(1),
    )


@pytest.fixture
def scene(site: FaultSite, tools: Tools) -> Scene:
    return Scene(site, tools)
