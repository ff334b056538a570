"""Queries by REST: what is selected, and what is refused."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.emulators.database_server import DatabaseServer

RULES = {"rules": {"$case": {"indexed": {".indexOn": ["n", "deep/er", ".value"]}}}}

DATA: dict[str, Any] = {
    "10": {"n": 2, "deep": {"er": "b"}},
    "9": {"n": 1, "deep": {"er": "a"}},
    "a": {"n": True},
    "b": {"n": "text"},
    "c": {"n": {"o": 1}},
    "d": {"x": 1},
    "e": {"n": 1},
    "f": {"n": False},
}


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ('orderBy="n"&startAt=1', "9 e 10 b c"),
        ('orderBy="n"&startAfter=1', "10 b c"),
        ('orderBy="n"&startAt=1,"e"', "e 10 b c"),
        ('orderBy="n"&startAfter=1,"9"', "e 10 b c"),
        ('orderBy="n"&endAt=1', "d f a 9 e"),
        ('orderBy="n"&endAt=1,"9"', "d f a 9"),
        ('orderBy="n"&endBefore=1', "d f a"),
        ('orderBy="n"&endBefore=1,"e"', "d f a 9"),
        ('orderBy="n"&equalTo=1', "9 e"),
        ('orderBy="n"&equalTo=1,"e"', "e"),
        ('orderBy="n"&equalTo=null', "d"),
        ('orderBy="n"&equalTo=true', "a"),
        ('orderBy="n"&equalTo="text"', "b"),
        ('orderBy="n"&limitToFirst=3', "d f a"),
        ('orderBy="n"&limitToLast=3', "10 b c"),
        ('orderBy="n"&startAt=false&endAt=1&limitToLast=2', "9 e"),
        ('orderBy="deep/er"&startAt="a"', "9 10"),
        ('orderBy="$key"&limitToFirst=3', "9 10 a"),
        ('orderBy="$key"&startAt="10"&endBefore="c"', "10 a b"),
        ('orderBy="$key"&startAfter="10"&endAt="c"', "a b c"),
        ('orderBy="$key"&equalTo="b"', "b"),
        ('orderBy="$key"&limitToLast=2', "e f"),
        ('orderBy="$priority"&startAt=1', "a"),
        ('orderBy="$priority"&equalTo=null&limitToFirst=2', "9 10"),
        ('orderBy="$value"&equalTo="x"', ""),
        ('orderBy="$key"', "9 10 a b c d e f"),
    ],
)
def test_spec_a_query_selects(server: DatabaseServer, place: str, query: str, keys: str) -> None:
    server.put(f"{place}/indexed.json", DATA)
    server.put(f"{place}/indexed/a/.priority.json", 5)
    answer = server.call("GET", f"{place}/indexed.json?{quote(query, safe='=&')}")
    assert answer.json() == ({key: DATA[key] for key in keys.split()} or None)


@pytest.mark.parametrize(
    "query", ['orderBy="$value"&equalTo="x"', 'orderBy="$value"&startAt=2&endAt="x"&limitToLast=1']
)
def test_spec_values_themselves_may_be_ordered(server: DatabaseServer, place: str, query: str) -> None:
    server.put(f"{place}/indexed.json", {"a": 1, "b": "x", "c": 3, "d": "y"})
    assert server.call("GET", f"{place}/indexed.json?{quote(query, safe='=&')}").json() == {"b": "x"}


@pytest.mark.parametrize(
    ("where", "order", "index", "path"),
    [
        ("plain", "height", "height", "plain"),
        ("plain", "$value", ".value", "plain"),
        ("indexed/9", "n", "n", "indexed/9"),
    ],
)
def test_spec_an_order_without_index_is_refused(
    server: DatabaseServer, place: str, where: str, order: str, index: str, path: str
) -> None:
    answer = server.call("GET", f"{place}/{where}.json", orderBy=json.dumps(order))
    text = f'Index not defined, add ".indexOn": "{index}", for path "{place}/{path}", to the rules'
    assert (answer.status_code, answer.json()) == (400, {"error": text})


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("startAt=1", "orderBy must be defined when other query parameters are defined"),
        ("limitToFirst=1", "orderBy must be defined when other query parameters are defined"),
        ('orderBy="$key"&limitToFirst=1&limitToLast=1', "limitToFirst and limitToLast cannot both be defined"),
        ("orderBy=n", "orderBy must be a valid JSON encoded path"),
        ("orderBy=5", "orderBy must be a valid JSON encoded path"),
        ('orderBy="$size"', "orderBy must be a valid JSON encoded path"),
        ('orderBy=""', "orderBy must be a valid JSON encoded path"),
        ('orderBy="n"&startAt=x', "startAt must be JSON"),
        ('orderBy="n"&startAt=NaN', "startAt must be JSON"),
        ('orderBy="n"&startAt=1,2', "startAt must be JSON"),
        ('orderBy="n"&startAt=1 2', "startAt must be JSON"),
        ('orderBy="n"&startAt=', "startAt must be JSON"),
        ('orderBy="n"&startAt={}', "startAt must be a string, a number, a boolean or null"),
        ('orderBy="n"&startAt=1&startAfter=2', "startAt and startAfter cannot both be defined"),
        ('orderBy="n"&equalTo=1&endAt=2', "endAt and equalTo cannot both be defined"),
        ('orderBy="$key"&startAt=5', 'startAt must be one string when orderBy is "$key"'),
        ('orderBy="$key"&startAt="a","b"', 'startAt must be one string when orderBy is "$key"'),
        ('orderBy="$key"&limitToFirst=0', "limitToFirst must be a whole number above 0"),
        ('orderBy="$key"&limitToLast=-1', "limitToLast must be a whole number above 0"),
        ('orderBy="$key"&limitToFirst=1.5', "limitToFirst must be a whole number above 0"),
    ],
)
def test_spec_a_query_that_makes_no_sense_is_refused(server: DatabaseServer, place: str, query: str, text: str) -> None:
    answer = server.call("GET", f"{place}/indexed.json?{quote(query, safe='=&')}")
    assert (answer.status_code, text in answer.json()["error"]) == (400, True)
