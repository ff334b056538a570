"""Signing in with a key: checked before it is kept, kept no longer than asked, forgotten on the way out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.watched import Opened
from tests.clients.served import Site
from tests.typed import typed

pytestmark = [pytest.mark.browser, pytest.mark.suite]


def stored(page: Page) -> dict[str, Any]:
    """What the browser keeps: beyond the tab, and in it."""
    found: dict[str, Any] = page.evaluate("({computer: {...localStorage}, tab: {...sessionStorage}})")
    return found


def asked(page: Opened) -> Page:
    """A page with the dialog open."""
    shown = page.go("")
    shown.get_by_role("button", name="Sign in").click()
    expect(shown.get_by_role("dialog", name="Sign in")).to_be_visible()
    return shown


def test_spec_the_dialog_is_accessible_at_every_look_and_closes_with_escape(any_look: Opened) -> None:
    page = asked(any_look)
    expect(page.get_by_label("A key of this project")).to_be_focused()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    assert stored(page) == {"computer": {}, "tab": {}}


def test_spec_the_focus_stays_in_the_dialog(page: Opened) -> None:
    shown = asked(page)
    inside = "document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))"
    for _ in range(8):  # more than there is to focus; between the ends the browser's own controls have their turn
        shown.keyboard.press("Tab")
        assert shown.evaluate(inside)


def test_spec_a_wrong_key_is_refused_in_words_and_not_kept(page: Opened) -> None:
    page.watch.expect("status of 401")
    shown = asked(page)
    shown.get_by_label("A key of this project").fill("wrong")
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("dialog").get_by_role("alert")).to_contain_text("This key is not known here")
    assert stored(shown) == {"computer": {}, "tab": {}}
    expect(shown.get_by_role("dialog")).to_be_visible()


def test_spec_a_good_key_is_kept_in_the_tab_alone_and_lasts_a_reload(page: Opened, site: Site) -> None:
    shown = page.go("")
    page.sign_in(site.key)
    kept = stored(shown)
    assert kept["computer"] == {}
    assert site.key in kept["tab"]["kindling.session"]
    shown.reload()
    expect(shown.get_by_role("button", name="Sign out")).to_be_visible()
    other = shown.context.new_page()
    other.goto(shown.url)
    expect(other.get_by_role("button", name="Sign in")).to_be_visible()


def test_spec_a_key_is_remembered_on_the_computer_only_when_asked_and_signing_out_forgets_it(
    page: Opened, site: Site
) -> None:
    shown = asked(page)
    shown.get_by_label("A key of this project").fill(site.key)
    shown.get_by_label("Remember on this computer").check()
    shown.get_by_role("button", name="Sign in with the key").click()
    expect(shown.get_by_role("button", name="Sign out")).to_be_visible()
    kept = stored(shown)
    assert kept["tab"] == {}
    assert site.key in kept["computer"]["kindling.session"]
    other = shown.context.new_page()
    other.goto(shown.url)
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("button", name="Sign in")).to_be_visible()
    assert stored(other) == {"computer": {}, "tab": {}}
    expect(shown.get_by_role("button", name="Sign in")).to_be_visible()  # in the first tab, too


def test_spec_what_was_seen_with_a_key_is_gone_without_it(page: Opened, site: Site) -> None:
    site.ask("PUT", "/save_data/diary/one", 201, {"a": 1})
    shown = page.go("")
    page.sign_in(site.key)
    expect(shown.get_by_role("link", name="diary")).to_be_visible()
    shown.get_by_role("button", name="Sign out").click()
    expect(shown.get_by_role("link", name="movies").first).to_be_visible()
    expect(shown.get_by_role("link", name="diary")).to_have_count(0)
    expect(shown.get_by_role("link", name="New source")).to_have_count(0)


def keys(site: Site, *words: str) -> dict[str, Any]:
    """What `dev.py keys` tells of the suite's keys."""
    done = typed("keys", f"--data={site.folder / 'data'}", *words, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_spec_a_key_for_one_collection_reads_that_and_changes_nothing(page: Opened, site: Site) -> None:
    for name in ("ledger", "letters"):
        site.ask("PUT", f"/save_data/{name}/one", 201, {"a": 1})
    page.watch.expect("status of 403")
    shown = page.go("")
    page.sign_in(keys(site, "add", "auditor", "--scope=read", "--collections=ledger")["key"])
    expect(shown.get_by_text("Holder of a key")).to_be_visible()
    expect(shown.get_by_role("link", name="ledger")).to_be_visible()
    expect(shown.get_by_role("link", name="letters")).to_have_count(0)
    assert shown.get_by_role("button", name="Run now").count() == 0
    assert shown.get_by_role("link", name="New source").count() == 0
    page.go("#/collections/ledger/one")
    expect(shown.get_by_role("heading", level=1)).to_be_visible()
    assert shown.get_by_text("Edit", exact=True).count() == 0


def test_spec_a_key_that_may_write_one_collection_edits_its_documents_and_no_others(page: Opened, site: Site) -> None:
    for name in ("drafts", "finals"):
        site.save(name, [{"id": "one", "title": "First"}])
    page.watch.expect("status of 403")
    shown = page.go("#/collections/drafts/one")
    page.sign_in(keys(site, "add", "writer", "--scope=write", "--collections=drafts")["key"])
    shown.get_by_text("Edit", exact=True).click()
    editor = shown.locator("textarea")
    expect(editor).to_have_value(re.compile("First"))
    editor.fill('{"title": "Second"}')
    shown.get_by_role("button", name="Save").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Second")
    assert site.get("/get_data/drafts/one").json()["title"] == "Second"
    page.go("#/collections/finals/one")
    expect(shown.get_by_role("heading", level=1)).to_have_text("First")
    assert shown.get_by_text("Edit", exact=True).count() == 0
    assert shown.get_by_role("button", name="Delete …").count() == 0


def test_spec_a_key_that_is_taken_back_while_signed_in_is_told(page: Opened, site: Site) -> None:
    shown = page.go("#/collections/notes")
    page.sign_in(keys(site, "add", "leaver", "--scope=admin")["key"])
    keys(site, "revoke", "leaver")
    page.watch.expect("status of 401")
    shown.reload()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Sign in to see this")
    shown.get_by_role("button", name="Sign out").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("notes")


def test_spec_without_a_web_app_nobody_else_is_asked_anything(page: Opened) -> None:
    with page.page.expect_response("**/__/firebase/init.json") as answer:
        shown = asked(page)
    assert answer.value.status == 200
    expect(shown.get_by_label("E-mail")).to_have_count(0)  # and the watch tells of a request to anybody else
