"""Headers, secrets, cookies and validators: what is sent where, and what never is."""

from __future__ import annotations

import json

import pytest
from kindling.errors import FetchFailed, SettingInvalid
from kindling.fetch import Secrets, user_agent
from kindling.fetch.page import content_type
from kindling.flow import NotModified, Page, Validators

from tests.faultsite import Exchange, FaultSite, ManualClock, answer, moved, page, says
from tests.faultsite_rig import fetcher

TOKEN = {"Authorization": "Bearer {shop}"}


def secrets(*origins: str, value: str = "s3cret") -> Secrets:
    return Secrets.parse(json.dumps({"shop": {"value": value, "origins": list(origins)}}))


def sent(site: FaultSite, name: str, path: str = "/") -> list[str | None]:
    """The header as each request for the path had it."""
    return [asked.headers.get(name) for asked in site.asked if asked.path == path]


def test_ours_a_secret_goes_to_its_origin_but_not_to_robots_txt() -> None:
    with FaultSite({"/": page()}) as site, fetcher(site, secrets=secrets(site.url(""))) as fetching:
        fetching.get(site.url(), headers=TOKEN)
    assert sent(site, "authorization") == ["Bearer s3cret"]
    assert sent(site, "authorization", "/robots.txt") == [None]


def test_ours_a_secret_of_another_origin_is_left_out() -> None:
    with FaultSite({"/": page()}) as site, fetcher(site, secrets=secrets("https://shop.example")) as fetching:
        fetching.get(site.url(), headers={**TOKEN, "X-Other": "1"})
    assert (sent(site, "authorization"), sent(site, "x-other")) == ([None], ["1"])


def test_ours_the_same_host_on_another_port_is_another_origin() -> None:
    with (
        FaultSite({"/": page()}) as site,
        FaultSite() as other,
        fetcher(site, secrets=secrets(other.url(""))) as fetching,
    ):
        fetching.get(site.url(), headers=TOKEN)
    assert sent(site, "authorization") == [None]


HEADERS = {"Authorization": "Basic abc", "Cookie": "session=1", "X-Key": "k", "Accept-Language": "de"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_ours_no_header_of_a_source_follows_a_redirect_to_another_origin(status: int) -> None:
    with (
        FaultSite({"/b": page()}) as other,
        FaultSite({"/": moved(other.url("/b"), status)}) as site,
        fetcher(site, other) as fetching,
    ):
        fetching.get(site.url(), headers=HEADERS)
    assert {name: sent(site, name.lower()) for name in HEADERS} == {name: [v] for name, v in HEADERS.items()}
    assert {name: sent(other, name.lower(), "/b") for name in HEADERS} == {name: [None] for name in HEADERS}


def test_ours_headers_follow_a_redirect_within_the_origin() -> None:
    with FaultSite({"/": moved("/b"), "/b": page()}) as site, fetcher(site) as fetching:
        fetching.get(site.url(), headers={"X-Key": "k"})
    assert sent(site, "x-key", "/b") == ["k"]


def test_ours_headers_do_not_come_back_after_a_detour() -> None:
    with FaultSite({"/c": page()}) as site, FaultSite({"/b": moved(site.url("/c"))}) as other:
        site.handlers["/"] = moved(other.url("/b"))
        with fetcher(site, other, secrets=secrets(site.url(""))) as fetching:
            fetching.get(site.url(), headers={**TOKEN, "X-Key": "k"})
    assert (sent(site, "authorization", "/c"), sent(site, "x-key", "/c")) == ([None], [None])


def test_ours_another_name_of_the_same_address_is_another_origin() -> None:
    with FaultSite({"/b": page()}) as site:
        site.handlers["/"] = moved(site.url("/b", host="two.example"))
        with fetcher(site, names=("one.example", "two.example")) as fetching:
            fetching.get(site.url("/", host="one.example"), headers={"X-Key": "k"})
    assert sent(site, "x-key", "/b") == [None]


def test_ours_a_link_to_another_site_does_not_carry_the_headers_of_a_source() -> None:
    with (
        FaultSite({"/a": page(), "/b": page()}) as site,
        FaultSite({"/c": page()}) as other,
        fetcher(site, other) as fetching,
    ):
        for url in (site.url("/a"), site.url("/b"), other.url("/c")):
            fetching.get(url, headers={"X-Key": "k"}, home=[site.url("/a")])
    assert [sent(site, "x-key", path) for path in ("/a", "/b")] == [["k"], ["k"]]
    assert sent(other, "x-key", "/c") == [None]


def test_ours_cookies_are_never_kept() -> None:
    with FaultSite({"/": page(Set_Cookie="session=1; Path=/")}) as site, fetcher(site) as fetching:
        for _ in range(2):
            fetching.get(site.url())
    assert sent(site, "cookie") == [None, None]


def test_ours_a_source_may_say_what_it_accepts_once() -> None:
    with FaultSite({"/": page()}) as site, fetcher(site) as fetching:
        fetching.get(site.url(), headers={"accept": "text/csv"})
        fetching.get(site.url(), accept="application/json")
    assert sent(site, "accept") == ["text/csv", "application/json"]
    assert sent(site, "accept-encoding") == ["gzip, deflate, br"] * 2


BAD_HEADERS = {
    "the host": {"Host": "other.example"},
    "a length": {"content-length": "5"},
    "who we are": {"User-Agent": "Mozilla/5.0"},
    "the proxy's": {"Proxy-Authorization": "x"},
    "a name with a space": {"X Y": "1"},
    "a name with a line break": {"X\r\nY": "1"},
    "an empty name": {"": "1"},
    "a value with a line break": {"X": "1\r\nHost: other.example"},
    "a value beyond Latin-1": {"X": "ツ"},
    "a secret that there is not": {"X": "{nobody}"},
}


@pytest.mark.parametrize("headers", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_ours_a_source_may_not_set(headers: dict[str, str]) -> None:
    with FaultSite({"/": page()}) as site, fetcher(site) as fetching, pytest.raises(FetchFailed) as failed:
        fetching.get(site.url(), headers=headers)
    assert (failed.value.code, site.asked) == ("bad-header", [])


def test_ours_a_secret_with_a_line_break_is_refused_without_being_shown() -> None:
    with FaultSite({"/": page()}) as site:
        leaky = secrets(site.url(""), value="top\nsecret")
        with fetcher(site, secrets=leaky) as fetching, pytest.raises(FetchFailed) as failed:
            fetching.get(site.url(), headers=TOKEN)
    assert failed.value.code == "bad-header"
    assert "secret" not in str(failed.value)


def test_ours_no_repr_shows_a_secret() -> None:
    found = secrets("https://shop.example")
    assert "s3cret" not in repr(vars(found))


UNREADABLE = {
    "no JSON": "{",
    "a list": "[]",
    "a bare value": '{"shop": "s3cret"}',
    "no value": '{"shop": {"origins": ["https://a.example"]}}',
    "no origins": '{"shop": {"value": "s3cret"}}',
    "an empty list of origins": '{"shop": {"value": "s3cret", "origins": []}}',
    "an origin that is no URL": '{"shop": {"value": "s3cret", "origins": ["a.example"]}}',
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_ours_secrets_that_cannot_be_read_are_an_error_that_shows_none(text: str) -> None:
    with pytest.raises(SettingInvalid) as invalid:
        Secrets.parse(text)
    assert "s3cret" not in str(invalid.value)
    assert str(invalid.value).startswith("SOURCE_SECRETS")


def test_ours_no_secrets_are_none() -> None:
    assert vars(Secrets.parse("")) == vars(Secrets.parse("{}")) == vars(Secrets())


def test_spec_a_page_that_did_not_change_is_not_sent_again() -> None:
    def handle(exchange: Exchange) -> None:
        same = exchange.asked.headers.get("if-none-match") == '"v1"'
        exchange.send(b"HTTP/1.1 304 Not Modified\r\n\r\n" if same else answer(b"x", headers={"ETag": '"v1"'}))

    with FaultSite({"/": handle}) as site, fetcher(site) as fetching:
        first = fetching.get(site.url())
        assert isinstance(first, Page)
        assert fetching.get(site.url(), validators=Validators(first.etag)) == NotModified(site.url())
        assert isinstance(fetching.get(site.url(), validators=Validators('"v0"')), Page)


def test_spec_both_validators_are_sent_through_redirects() -> None:
    since = "Sun, 22 Nov 2026 12:00:00 GMT"
    with FaultSite({"/": moved("/b"), "/b": says(b"HTTP/1.1 304 Not Modified\r\n\r\n")}) as site:
        with fetcher(site) as fetching:
            found = fetching.get(site.url(), validators=Validators('W/"x"', since))
        url = site.url("/b")
    assert found == NotModified(url)
    assert (sent(site, "if-none-match", "/b"), sent(site, "if-modified-since", "/b")) == (['W/"x"'], [since])


def test_ours_a_page_says_where_it_came_from_and_what_it_is() -> None:
    there = page(b"<p>", Content_Type='Text/HTML; Charset="utf-8"', ETag='"v1"', Last_Modified="yesterday")
    clock = ManualClock()
    with FaultSite({"/": moved("/b?c#d"), "/b?c": there}) as site, fetcher(site, clock=clock) as fetching:
        found = fetching.get(site.url())
        url = site.url("/b?c")
    assert isinstance(found, Page)
    assert found == Page(
        url=url,
        status=200,
        media_type="text/html",
        charset="utf-8",
        body=b"<p>",
        fetched_ms=clock.now_ms(),
        etag='"v1"',
        last_modified="yesterday",
        wire_bytes=found.wire_bytes,
    )
    assert found.wire_bytes > 100


def test_spec_a_header_on_several_lines_is_one_and_goes_back_as_one() -> None:
    folded = says(b'HTTP/1.1 200 OK\r\nETag: W/"v1"\r\n  \tX-Key: 1\r\nContent-Length: 1\r\n\r\nx')
    with FaultSite({"/": folded}) as site, fetcher(site) as fetching:
        first = fetching.get(site.url())
        assert isinstance(first, Page)
        fetching.get(site.url(), validators=Validators(first.etag))
    whole = 'W/"v1" X-Key: 1'
    assert (first.etag, sent(site, "if-none-match"), sent(site, "x-key")) == (whole, [None, whole], [None, None])


def test_ours_an_endless_etag_is_not_kept() -> None:
    with FaultSite({"/": page(ETag='"' + "x" * 2_000 + '"')}) as site, fetcher(site) as fetching:
        found = fetching.get(site.url())
    assert isinstance(found, Page)
    assert found.etag is None


CONTENT_TYPES = {
    "a type alone": ("text/html", ("text/html", None)),
    "a charset": ("text/html; charset=utf-8", ("text/html", "utf-8")),
    "capitals and quotes": ('TEXT/HTML;CHARSET="ISO-8859-1"', ("text/html", "ISO-8859-1")),
    "single quotes": ("text/html; charset='utf-8'", ("text/html", "utf-8")),
    "other parameters first": ("text/html; level=1; charset=utf-8", ("text/html", "utf-8")),
    "an empty charset": ("text/html; charset=", ("text/html", None)),
    "a charset without a type": ("; charset=utf-8", ("", "utf-8")),
    "nothing": ("", ("", None)),
}


@pytest.mark.parametrize(("header", "expected"), CONTENT_TYPES.values(), ids=CONTENT_TYPES)
def test_spec_content_type(header: str, expected: tuple[str, str | None]) -> None:
    assert content_type(header) == expected


AGENTS = {
    "a mail address": ("me@example.org", "Kindling/0.1 (+me@example.org)"),
    "nothing": ("", "Kindling/0.1"),
    "a line break": ("a\r\nHost: b", "Kindling/0.1 (+aHost: b)"),
    "brackets": ("(me)", "Kindling/0.1 (+me)"),
    "other scripts": ("ツ", "Kindling/0.1"),
}


@pytest.mark.parametrize(("contact", "agent"), AGENTS.values(), ids=AGENTS)
def test_ours_user_agent(contact: str, agent: str) -> None:
    assert user_agent(contact) == agent
