"""The system's Chromium, driven by Playwright: how it is found, started and ended, for every test that looks at a page.

While Playwright runs, no other test of this thread may have a loop of its own: so nobody keeps it longer than a module.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-quic",
    "--disable-background-networking",  # nothing here is asked of anybody outside this machine
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without pages; the test is skipped where there is none."""
    program = shutil.which("chromium")
    if not program:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()
