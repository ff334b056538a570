"""The dashboard's e-mail form in Chromium against the real Auth emulator: the official suite serves all of it.

The two addresses of Firebase Auth lead to the emulator, and Hosting's reserved one tells of a web app, as a deployed
project's does; everything between is what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from tests.browser.watched import Opened, opened
from tests.chromium import chromium
from tests.official.people import PASSWORD, user
from tests.official.suites import START_S, OfficialSuite

pytestmark = [pytest.mark.official, pytest.mark.browser]

AUTH = ("identitytoolkit.googleapis.com", "securetoken.googleapis.com")
WEB_APP = {"apiKey": "any", "projectId": "a-project-with-a-web-app"}


@pytest.fixture
def page(official: OfficialSuite) -> Iterator[Opened]:
    """A watched page of the official suite's dashboard, with Firebase Auth behind its own addresses."""
    with chromium() as browser, opened(browser, official.hosting) as one:
        expect.set_options(timeout=START_S * 1000)
        for host in AUTH:
            one.page.route(f"https://{host}/**", to_emulator(official))
        one.page.route("**/__/firebase/init.json", lambda route: route.fulfill(json=WEB_APP))
        one.watch.expect(f"request to https://{AUTH[0]}/")
        yield one


def to_emulator(official: OfficialSuite) -> Callable[[Route], None]:
    """Hands a request for Firebase Auth to the emulator, and its answer back."""

    def handed(route: Route) -> None:
        asked = route.request
        at = urlsplit(asked.url)
        answer = requests.request(
            asked.method,
            f"{official.origin('auth')}/{at.netloc}{at.path}?{at.query}",
            data=asked.post_data,
            headers={"Content-Type": asked.headers.get("content-type", "")},
            timeout=START_S,
        )
        headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
        route.fulfill(status=answer.status_code, body=answer.content, headers=headers)

    return handed


def sign_in(page: Opened, email: str, password: str = PASSWORD) -> Page:
    """Fills in the form of users."""
    shown = page.go("")
    shown.get_by_role("button", name="Sign in").click()
    shown.get_by_label("E-mail").fill(email)
    shown.get_by_label("Password").fill(password)
    shown.keyboard.press("Enter")
    return shown


def test_spec_a_user_with_the_claim_is_an_administrator_also_after_the_token_was_renewed(
    page: Opened, official: OfficialSuite
) -> None:
    page.watch.expect(f"request to https://{AUTH[1]}/")
    email, _ = user(official, admin=True)
    shown = sign_in(page, email)
    expect(shown.get_by_text(email)).to_be_visible()
    expect(shown.get_by_role("link", name="New source").first).to_be_visible()
    assert "idToken" not in shown.evaluate("sessionStorage.getItem('kindling.session')")
    shown.reload()  # the token was in memory alone: a new one is asked for
    expect(shown.get_by_text(email)).to_be_visible()
    expect(shown.get_by_role("button", name="Run now").first).to_be_visible()


def test_spec_a_user_without_the_claim_may_read_and_is_told_so(page: Opened, official: OfficialSuite) -> None:
    page.watch.expect("status of 403")
    email, _ = user(official)
    shown = sign_in(page, email)
    expect(shown.get_by_text(email)).to_be_visible()
    expect(shown.get_by_role("link", name="New source")).to_have_count(0)


def test_spec_a_wrong_password_is_told_in_words(page: Opened, official: OfficialSuite) -> None:
    page.watch.expect("status of 400")
    email, _ = user(official)
    shown = sign_in(page, email, "not this")
    expect(shown.get_by_role("dialog").get_by_role("alert")).to_have_text("The e-mail or the password is wrong.")
