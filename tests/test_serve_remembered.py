"""Answers kept in an instance: which are, and for how long."""

from __future__ import annotations

import pytest
from kindling.serve import remembered
from kindling.serve.answer import Answer
from kindling.serve.remembered import Remembered

ONE = Answer(b"x" * 100)


def test_ours_an_answer_is_kept_with_what_is_made_of_it() -> None:
    kept = Remembered()
    given = kept.keep("a", ONE)
    assert given.made
    assert (given.body, given.made.tag) == (ONE.body, '"' + given.made.tag.strip('"') + '"')
    assert kept.get("a") is given
    assert kept.get("b") is None


def test_ours_a_cheap_answer_is_kept_when_it_is_asked_for_again() -> None:
    kept = Remembered()
    assert (kept.keep("a", ONE, cheap=True), kept.get("a")) == (ONE, None)
    given = kept.keep("a", ONE, cheap=True)
    assert given.made
    assert kept.get("a") is given


def test_ours_of_cheap_answers_asked_long_ago_nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "ASKED_MAX", 2)
    kept = Remembered()
    for key in "abc":
        kept.keep(key, ONE, cheap=True)
    kept.keep("a", ONE, cheap=True)
    assert kept.get("a") is None
    kept.keep("c", ONE, cheap=True)
    assert kept.get("c")


def test_ours_the_least_recently_used_goes_first() -> None:
    kept = Remembered(limit_bytes=250)
    kept.keep("a", ONE)
    kept.keep("b", ONE)
    assert kept.get("a")
    kept.keep("c", ONE)
    assert [key for key in "abc" if kept.get(key)] == ["a", "c"]


def test_ours_one_too_big_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "ONE_MAX_BYTES", 99)
    kept = Remembered()
    assert (kept.keep("a", ONE), kept.get("a")) == (ONE, None)
