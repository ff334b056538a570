"""robots.txt: what the RFC says of patterns, and what is ours to decide."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling.fetch.robots import LONGEST_DELAY_S, Rules, parse

MATCHES = {
    "a prefix": ("/fish", "/fish.html", True),
    "case matters": ("/fish", "/Fish", False),
    "a star": ("/*.php", "/a/b.php?c", True),
    "a star may be nothing": ("/a*b", "/ab", True),
    "a dollar ends": ("/*.php$", "/a.php", True),
    "a dollar ends, and here it does not": ("/*.php$", "/a.php?b", False),
    "a dollar without star": ("/a$", "/a", True),
    "a dollar without star, longer path": ("/a$", "/ab", False),
    "a dollar in the middle is a dollar": ("/a$b", "/a$b", True),
    "the last piece must not overlap the first": ("/ab*b$", "/ab", False),
    "the last piece may come twice": ("/*b$", "/bab", True),
    "two stars": ("/a**b", "/axb", True),
    "a star at the beginning": ("*/fish", "/fish", True),
    "a star at the beginning and one later": ("*/a*b", "/acb", True),
    "a star at the end": ("/a*", "/a", True),
    "a star and a dollar at the end": ("/a*$", "/abc", True),
    "escapes in small letters": ("/%e3%83%84", "/%E3%83%84", True),
    "escapes in small letters in the URL": ("/%E3%83%84", "/%e3%83%84/x", True),
    "other scripts": ("/ツ", "/%E3%83%84", True),
    "a query": ("/*?sort=", "/a?sort=b", True),
    "a query when there is none": ("/*?sort=", "/a", False),
}


@pytest.mark.parametrize(("pattern", "path", "matches"), MATCHES.values(), ids=MATCHES)
def test_spec_pattern(pattern: str, path: str, matches: bool) -> None:
    assert parse(f"User-agent: *\nDisallow: {pattern}", "Kindling").allows(path) is not matches


FILES = {
    "nothing allows": ("", True),
    "our own group beats the star": ("User-agent: *\nDisallow: /\n\nUser-agent: kindling\nDisallow: /b", True),
    "our own groups are one": ("User-agent: Kindling\nAllow: /b\nUser-agent: KINDLING\nDisallow: /a", False),
    "an empty Disallow allows": ("User-agent: *\nDisallow:", True),
    "an empty own group allows": ("User-agent: *\nDisallow: /\nUser-agent: Kindling\nDisallow:", True),
    "a longer name is not ours": ("User-agent: Kindlingbot\nDisallow: /", True),
    "a version behind our name is ours": ("User-agent: Kindling/0.1\nDisallow: /", False),
    "a star with a remark": ("User-agent: * # all\nDisallow: / # really", False),
    "a byte order mark": ("\ufeffUser-agent: *\nDisallow: /", False),
    "carriage returns only": ("User-agent: *\rDisallow: /", False),
    "a rule before any group is nobody's": ("Disallow: /\nUser-agent: other\nAllow: /", True),
    "a sitemap does not end a group": ("User-agent: Kindling\nSitemap: /s\nDisallow: /", False),
    "a delay ends no list of names": (
        "User-agent: Kindling\nCrawl-delay: 1\nUser-agent: b\nDisallow: /",
        False,
    ),
    "a page instead of rules": ("<!doctype html><html><body>Disallow: nothing</body></html>", True),
    "noise": ("\x00\x01\ufffd" * 50, True),
    "of equals Allow wins": ("User-agent: *\nDisallow: /a\nAllow: /a", True),
}


@pytest.mark.parametrize(("text", "allowed"), FILES.values(), ids=FILES)
def test_ours_file_about_slash_a(text: str, allowed: bool) -> None:
    assert parse(text, "Kindling").allows("/a") is allowed


DELAYS = {
    "seconds": ("5", 5.0),
    "a fraction": ("0.5", 0.5),
    "none": ("", 0.0),
    "words": ("slow", 0.0),
    "negative": ("-3", 0.0),
    "endless": ("inf", 0.0),
    "not a number": ("nan", 0.0),
    "longer than a day": ("1e9", LONGEST_DELAY_S),
}


@pytest.mark.parametrize(("value", "delay_s"), DELAYS.values(), ids=DELAYS)
def test_ours_crawl_delay(value: str, delay_s: float) -> None:
    assert parse(f"User-agent: *\nCrawl-delay: {value}", "Kindling") == Rules((), delay_s)


LINES = st.sampled_from(
    [
        "User-agent: *",
        "User-agent: Kindling",
        "Disallow: /",
        "Disallow: /a*b$",
        "Allow: /é",
        "Crawl-delay: 2.5",
        "x",
        "",
    ]
)


@given(st.lists(LINES | st.text(max_size=20)).map("\n".join))
def test_ours_what_is_kept_says_the_same_as_what_was_read(text: str) -> None:
    rules = parse(text, "Kindling")
    assert parse(rules.text(), "Kindling") == rules


@given(st.text("/ab*$", max_size=8), st.text("/ab$", max_size=8).map("/".__add__))
def test_spec_patterns_mean_what_a_regular_expression_would(pattern: str, path: str) -> None:
    body, end = (pattern[:-1], r"\Z") if pattern.endswith("$") else (pattern, "")
    expected = re.match(".*".join(map(re.escape, body.split("*"))) + end, path) is not None
    rules = parse(f"User-agent: *\nDisallow: {pattern}", "Kindling")
    assert rules.allows(path) is not (expected and pattern != "")


def test_ours_stars_do_not_make_it_slow() -> None:
    rules = parse("User-agent: *\nDisallow: /" + "a*" * 2000 + "b", "Kindling")
    assert rules.allows("/" + "a" * 8000) is True  # a backtracking engine would not come back
