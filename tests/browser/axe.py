"""Accessibility: axe-core, from npm, run in a page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.running_suite import ROOT

AXE = ROOT / "tests" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => {
    const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"], preload: false });
    const node = (one) => `${one.html}\\n${one.failureSummary}`;
    return found.violations.map((one) => ({ rule: one.id, help: one.help, nodes: one.nodes.map(node) }));
}"""


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds wrong in the page as it is now: rule, help and the elements."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found: list[dict[str, Any]] = page.evaluate(RUN, RULES)
    return found
