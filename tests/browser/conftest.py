"""Chromium on the served suite. A test takes `page` (a desk), `any_look` (once per look), or `open_page` for more.

Every page a test opens is watched (tests/browser/watched.py) and at the end nothing may have gone wrong in it: no
message on the console, no error, no dialog, nothing that the policy refused, no failed request, none to another origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import AXE
from tests.browser.served import served
from tests.browser.watched import DESK, LOOKS, Look, Opened, opened
from tests.chromium import chromium
from tests.clients.served import Site

OpenPage = Callable[..., Opened]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One suite for all browser tests; whoever writes uses names of its own."""
    with served(tmp_path_factory.mktemp("dashboard")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module (tests/chromium.py)."""
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci in tests/")
    with chromium() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[OpenPage]:
    """Opens a watched page: `open_page("#/", look=…, origin=…)`."""
    with ExitStack() as stack:

        def opener(path: str = "", *, look: Look = DESK, origin: str = "") -> Opened:
            one = stack.enter_context(opened(browser, origin or site.hosting, look))
            one.go(path)
            return one

        yield opener


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Opened]:
    """A watched page at a desk, nothing opened in it yet: `page.go("#/")`."""
    with opened(browser, site.hosting) as one:
        yield one


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def any_look(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """As `page`, once at every look."""
    with opened(browser, site.hosting, request.param) as one:
        yield one
