"""The official suite on our database gives the answers that our own suite gives, to the header."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.api import BIG_NEW_MOVIE, TURN_IT_DOWN
from tests.official.asking import ASKS, MOUNTS, Told, play
from tests.official.conftest import First
from tests.running_suite import RunningSuite

pytestmark = pytest.mark.official

Answers = Mapping[str, Mapping[str, Told]]


@pytest.fixture(scope="module")
def officially(first: First) -> Answers:
    return first.answers


@pytest.fixture(scope="module")
def ours(own: RunningSuite) -> Answers:
    return {mount: play(mount, own.hosting, own.functions) for mount in MOUNTS}


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("name", ASKS)
def test_spec_both_suites_answer_the_same(officially: Answers, ours: Answers, mount: str, name: str) -> None:
    assert officially[mount][name] == ours[mount][name]
    assert officially[mount][name].status == ASKS[name].status


# What the two suites must not merely agree on.
COURSE = {
    "a server answers": "Hello World!",
    "the email of every person named Shawn": {
        "items": [{"_id": "shawn~40example~2Ecom", "email": "shawn@example.com"}],
        "next": None,
    },
    "the first movie comes out as it went in": {
        "items": [{"_id": "Turn~20It~20Down~2C~20Or~20Else~21", **TURN_IT_DOWN}],
        "next": None,
    },
    "what became of it": [
        BIG_NEW_MOVIE,
        TURN_IT_DOWN,
        {"title": "a"},
        {"title": "b", "year": 1},
        {"title": "third"},
        {"year": 2},
    ],
}


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("name", COURSE)
def test_spec_the_course_is_answered(officially: Answers, mount: str, name: str) -> None:
    body = officially[mount][name].body
    assert (body if name == "a server answers" else json.loads(body)) == COURSE[name]
