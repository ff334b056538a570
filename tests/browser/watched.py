"""A page that is watched, with whatever it opens: what goes wrong in them is told at the end of the test.

Owns what counts as wrong. The strict Content-Security-Policy stays on: what the rig itself runs in a page goes through
the DevTools protocol, which no policy stops.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, expect

VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
    tellViolation(`${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`), true);"""
PATIENCE_MS = 30_000  # for what a page shows; ten times what it takes on a busy machine
LEFT = "net::ERR_ABORTED"  # a request that the page gave up itself when it had no more use for it


@dataclass(frozen=True)
class Look:
    """A screen: its size and colours."""

    width: int
    height: int
    scheme: Literal["light", "dark"]


DESK = Look(1280, 900, "light")
LOOKS = {
    "a desk": DESK,
    "a desk in the dark": Look(1280, 900, "dark"),
    "a phone": Look(390, 844, "light"),
    "a phone in the dark": Look(390, 844, "dark"),
}


@dataclass
class Watch:
    """What went wrong in a page, and what the test said would."""

    origin: str
    told: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Something that matches may be told, and must be: an answer of 404 is told on the console by Chromium."""
        self.expected.append(pattern)

    def wrong(self) -> list[str]:
        """What was told and not expected, and what was expected and not told."""
        patterns = [re.compile(pattern) for pattern in self.expected]
        untold = [f"never told: {one.pattern}" for one in patterns if not any(one.search(told) for told in self.told)]
        return [told for told in self.told if not any(one.search(told) for one in patterns)] + untold

    def add(self, told: str) -> None:
        """Something went wrong."""
        self.told.append(told)

    def on_console(self, message: ConsoleMessage) -> None:
        """Every message counts: the dashboard says nothing to the console."""
        self.add(f"console {message.type}: {message.text}")

    def on_request(self, request: Request) -> None:
        """A request to anybody else."""
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.add(f"request to {request.url}")

    def on_failed(self, request: Request) -> None:
        """A request without an answer."""
        if request.failure != LEFT:
            self.add(f"request failed: {request.method} {request.url} {request.failure}")

    def on_dialog(self, dialog: Dialog) -> None:
        """A dialog of the browser's own, which the dashboard never opens; it is closed, or the page would hang."""
        self.add(f"dialog: {dialog.message}")
        dialog.dismiss()


class Opened:
    """A browser's page at one look, and the watch over it."""

    def __init__(self, page: Page, watch: Watch) -> None:
        self.page = page
        self.watch = watch

    def go(self, path: str) -> Page:
        """Opens a path of the dashboard, such as `#/sources/movies`; the page."""
        self.page.goto(f"{self.watch.origin}/dashboard/{path}")
        return self.page

    def sign_in(self, key: str) -> None:
        """Signs in as the administrator, as a person does; the page stays where it is."""
        self.page.get_by_role("button", name="Sign in").first.click()
        self.page.get_by_label("A key of this project").fill(key)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()


@contextmanager
def opened(browser: Browser, origin: str, look: Look = DESK) -> Iterator[Opened]:
    """A fresh context with one empty page, watched from the start. AssertionError at the end for what went wrong."""
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    watch = Watch(origin)
    context.expose_function("tellViolation", lambda told: watch.add(f"policy: {told}"))
    context.add_init_script(VIOLATIONS)
    context.on("console", watch.on_console)
    context.on("weberror", lambda told: watch.add(f"error: {told.error}"))
    context.on("request", watch.on_request)
    context.on("requestfailed", watch.on_failed)
    context.on("dialog", watch.on_dialog)
    page = context.new_page()
    try:
        yield Opened(page, watch)
    finally:
        context.close()
    wrong = watch.wrong()
    assert wrong == [], "\n".join(wrong)
