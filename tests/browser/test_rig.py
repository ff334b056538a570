"""The rig itself: a page that does what no page may is found out, one that does nothing wrong is let be."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import violations
from tests.browser.watched import Opened, Watch, opened
from tests.clients.served import Site
from tests.running_suite import eventually

pytestmark = [pytest.mark.browser, pytest.mark.suite]

PAGE = "../docs/"  # any page under the dashboard's policy
WRONG = {
    "a message on the console": ("console.log('hello')", r"console log: hello"),
    "an error nobody catches": ("setTimeout(() => { throw new Error('oh') })", r"error: oh"),
    "a dialog": ("alert(1)", r"dialog"),
    "a script in the markup": ("document.body.innerHTML = '<img src=x onerror=alert(1)>'", r"policy: script-src-attr"),
    "a style in the markup": ("document.body.innerHTML = '<b style=\"color:red\">x</b>'", r"policy: style-src-attr"),
    "what the policy refuses to ask": ("fetch('https://elsewhere.example/').catch(() => {})", r"policy: connect-src"),
    "a request to another origin": ("open('https://elsewhere.example/broken')", r"request to https://elsewhere"),
    "a request without an answer": ("fetch('/broken').catch(() => {})", r"request failed: GET .*/broken"),
    "an error in a page that it opens": ("open('/get_data/nothing')", r"console error: .*404"),
    "an answer that is an error": ("fetch('/get_data/nothing')", r"console error: .*404"),
}
DONE = "() => new Promise((done) => setTimeout(done))"  # after everything that was due before


@pytest.mark.parametrize(("script", "told"), WRONG.values(), ids=WRONG)
def test_ours_a_page_that_does_wrong_is_found_out(browser: Browser, site: Site, script: str, told: str) -> None:
    with opened(browser, site.hosting) as one:
        page = one.go(PAGE)
        page.context.route("**/broken", lambda route: route.abort())
        page.evaluate(f"() => {{ {script} }}")

        def found_out() -> bool:
            page.evaluate(DONE)  # the browser tells in its own time
            return any(re.search(told, said) for said in one.watch.wrong())

        eventually(found_out)
        one.watch.expect(r".")


def test_ours_what_was_expected_must_come() -> None:
    watch = Watch("http://site.example")
    watch.expect("status of 404")
    watch.add("console error: status of 500")
    assert watch.wrong() == ["console error: status of 500", "never told: status of 404"]


def test_ours_axe_runs_under_the_policy_and_finds(page: Opened) -> None:
    shown = page.go(PAGE)
    assert violations(shown) == []
    shown.evaluate("document.body.append(document.createElement('button'))")
    assert "button-name" in {one["rule"] for one in violations(shown)}
