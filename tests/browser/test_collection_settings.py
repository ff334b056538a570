"""A collection's page as an administrator has it: what is private, who may read it, the end of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.table import titles
from tests.browser.watched import Opened
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]


def test_spec_an_administrator_sees_what_is_private_and_makes_it_public(page: Opened, site: Site) -> None:
    site.ask("POST", "/save_data/sketches?_key=id", 201, [{"id": "one", "title": "Draft"}])
    page.watch.expect("status of 404")
    shown = page.go("#/collections/sketches")
    expect(shown.get_by_role("heading", level=1)).to_have_text("It is not there")
    page.sign_in(site.key)
    expect(titles(shown)).to_have_text(["Draft"])
    shown.get_by_text("Use this data").click()
    for program in ("curl", "Python", "pandas", "JavaScript"):
        shown.get_by_role("button", name=program, exact=True).click()
        code = shown.get_by_role("region", name="The query as code")
        expect(code).to_contain_text(re.compile(r"X-API-Key\W+YOUR_KEY"))
    with shown.expect_download() as started:
        shown.get_by_role("button", name="NDJSON").click()
    assert json.loads(Path(started.value.path()).read_text())["title"] == "Draft"
    assert site.key not in shown.content()
    shown.get_by_text("Settings", exact=True).click()
    assert violations(shown) == []
    shown.get_by_role("button", name="Make it public").click()
    expect(shown.locator(".facts").get_by_text("public")).to_be_visible()
    assert site.get("/get_data/sketches").status_code == 200


def test_spec_a_collection_is_deleted_only_when_its_name_is_typed(page: Opened, site: Site) -> None:
    site.save("doomed", [{"id": "one", "title": "Last"}])
    shown = page.go("#/collections/doomed")
    page.sign_in(site.key)
    shown.get_by_text("Settings", exact=True).click()
    shown.get_by_role("button", name="Delete the collection …").click()
    deleting = shown.get_by_role("dialog").get_by_role("button", name="Delete the collection")
    expect(deleting).to_be_disabled()
    assert violations(shown) == []
    shown.get_by_label(re.compile("^Type doomed")).fill("doomed")
    deleting.click()
    expect(shown).to_have_url(re.compile(r"#/$"))
    assert site.get("/get_data/doomed").status_code == 404
