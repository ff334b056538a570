"""A collection's table as tests look at it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def titles(page: Page) -> Locator:
    """The first cell of every row."""
    return page.locator("table.data tbody th")
