"""REST: what goes in, what comes out, and with which status. Each case has a place of its own in one running server."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from emulators.database.params import MAX_TIMEOUT_MS
from tests.emulators.database_server import VECTORS, DatabaseServer

RULES = json.dumps(
    {
        "rules": {
            "$case": {
                "indexed": {".indexOn": ["n", "deep/er", ".value"]},
                "open": {".read": True, ".write": True},
                "readable": {".read": True},
                "queried": {".read": "query.orderByKey && query.limitToFirst <= 2"},
            }
        }
    }
)
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with DatabaseServer(rules=RULES, folder=tmp_path_factory.mktemp("rest")) as server:
        yield server


@pytest.fixture
def place() -> str:
    return f"/case{next(_numbers)}"


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ({"a": 1, "b": {"c": "x"}}, {"a": 1, "b": {"c": "x"}}),
        ([1, None, 3], [1, None, 3]),
        ({"a": [], "b": {}, "c": None}, None),
        ({"2": "x"}, {"2": "x"}),
        (0, 0),
        ("", ""),
        (False, False),
        (1e300, 1e300),
        ({".value": 5, ".priority": 1}, 5),
        ({"b": 1, "a": 2, "10": 3, "9": 4}, {"9": 4, "10": 3, "a": 2, "b": 1}),
        ({"<script>": "</script>", "__proto__": {"x": 1}, "ключ": "日本語 \U0001f600"}, ...),
    ],
    ids=[
        "an object",
        "an array with a hole",
        "only absence is null",
        "a sparse array is an object",
        "zero",
        "an empty string",
        "false",
        "a great number",
        "a value with a priority",
        "keys in database order",
        "naughty keys",
    ],
)
def test_spec_a_put_is_stored_and_answered(server: DatabaseServer, place: str, value: Any, stored: Any) -> None:
    expected = value if stored is ... else stored
    answer = server.call("PUT", f"{place}.json", value)
    assert (answer.status_code, answer.json()) == (200, expected)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.dumps(server.get(f"{place}.json")) == json.dumps(expected)


def test_ours_every_naughty_string_survives(server: DatabaseServer, place: str) -> None:
    naughty = json.loads((VECTORS / "blns.json").read_text())
    value = {f"k{number:03d}": text for number, text in enumerate(naughty)}
    server.put(f"{place}.json", value)
    assert server.get(f"{place}.json") == value


def test_spec_post_makes_ids_that_sort_by_time(server: DatabaseServer, place: str) -> None:
    names = [server.call("POST", f"{place}.json", {"n": n}).json()["name"] for n in range(20)]
    assert names == sorted(names)
    assert {len(name) for name in names} == {20}
    assert server.get(f"{place}.json") == {name: {"n": n} for n, name in enumerate(names)}


def test_spec_patch_changes_named_children_and_keeps_the_others(server: DatabaseServer, place: str) -> None:
    server.put(f"{place}.json", {"a": {"b": 1, "c": 2}, "d": 3, "e": 4})
    answer = server.call("PATCH", f"{place}.json", {"a/b": 5, "d": None, "f/g/h": [1]})
    assert (answer.status_code, answer.json()) == (200, {"a/b": 5, "d": None, "f/g/h": [1]})
    assert server.get(f"{place}.json") == {"a": {"b": 5, "c": 2}, "e": 4, "f": {"g": {"h": [1]}}}


def test_spec_delete_answers_null_and_prunes(server: DatabaseServer, place: str) -> None:
    server.put(f"{place}/a/b.json", 1)
    answer = server.call("DELETE", f"{place}/a/b.json")
    assert (answer.status_code, answer.text) == (200, "null")
    assert server.get(f"{place}.json") is None


@pytest.mark.parametrize("how", ["header", "parameter"])
@pytest.mark.parametrize(
    ("method", "body", "after"),
    [("PUT", 1, 1), ("PATCH", {"b": 2}, {"a": 1, "b": 2}), ("DELETE", None, None)],
    ids=lambda value: str(value),
)
def test_spec_a_post_may_carry_another_method(
    server: DatabaseServer, place: str, how: str, method: str, body: Any, after: Any
) -> None:
    server.put(f"{place}.json", {"a": 1})
    name = "X-HTTP-Method-Override"
    given: dict[str, Any] = {"headers": {name: method}} if how == "header" else {name.lower(): method}
    assert server.call("POST", f"{place}.json", body, **given).status_code == 200
    assert server.get(f"{place}.json") == after


class TestServerValues:
    """{".sv": …} anywhere in what is written."""

    def test_spec_a_timestamp_is_the_time_of_the_write(self, server: DatabaseServer, place: str) -> None:
        stored = server.call("PUT", f"{place}.json", {"a": {".sv": "timestamp"}, "b": [{".sv": "timestamp"}]}).json()
        assert stored == server.get(f"{place}.json")
        assert stored["b"] == [stored["a"]]
        assert 1_600_000_000_000 < stored["a"] < 5_000_000_000_000

    @pytest.mark.parametrize(
        ("before", "by", "after"),
        [
            (5, 3, 8),
            (5, -5, 0),
            (1.5, 1, 2.5),
            ("x", 3, 3),
            (None, 3, 3),
            (True, 2, 2),
            ({"a": 1}, 4, 4),
            (2**63 - 1, 1, 2.0**63),
        ],
        ids=[
            "adds",
            "subtracts",
            "adds to a fraction",
            "replaces text",
            "starts",
            "replaces true",
            "replaces children",
            "becomes a double",
        ],
    )
    def test_spec_an_increment_adds_to_a_number_and_replaces_anything_else(
        self, server: DatabaseServer, place: str, before: Any, by: Any, after: Any
    ) -> None:
        server.put(f"{place}/n.json", before)
        answer = server.call("PATCH", f"{place}.json", {"n": {".sv": {"increment": by}}})
        assert (answer.status_code, answer.json()) == (200, {"n": after})

    def test_spec_a_priority_may_be_a_timestamp(self, server: DatabaseServer, place: str) -> None:
        server.put(f"{place}.json", {".value": 1, ".priority": {".sv": "timestamp"}})
        exported = server.get(f"{place}.json", format="export")
        assert exported == {".value": 1, ".priority": exported[".priority"]}
        assert exported[".priority"] > 1_600_000_000_000

    @pytest.mark.parametrize("spec", ["now", {"increment": "1"}, {"increment": True}, {"decrement": 1}, 5, None])
    def test_ours_an_unknown_server_value_is_refused(self, server: DatabaseServer, place: str, spec: Any) -> None:
        answer = server.call("PUT", f"{place}.json", {"a": 1, "b": {".sv": spec}})
        assert answer.status_code == 400
        assert server.get(f"{place}.json") is None


def test_spec_head_is_get_without_the_body(server: DatabaseServer, place: str) -> None:
    server.put(f"{place}.json", {"a": 1})
    answer = server.call("HEAD", f"{place}.json")
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "7")


class TestConditions:
    """ETags."""

    def test_spec_the_etag_of_a_value(self, server: DatabaseServer, place: str) -> None:
        asked = {"X-Firebase-ETag": "true"}
        assert "ETag" not in server.call("GET", f"{place}.json").headers
        missing = server.call("GET", f"{place}.json", headers=asked)
        assert (missing.text, missing.headers["ETag"]) == ("null", "null_etag")
        put = server.call("PUT", f"{place}.json", {"a": 1}, headers=asked)
        got = server.call("GET", f"{place}.json", headers=asked)
        assert put.headers["ETag"] == got.headers["ETag"] != "null_etag"
        server.put(f"{place}/.priority.json", 1)
        assert server.call("GET", f"{place}.json", headers=asked).headers["ETag"] != got.headers["ETag"]

    def test_spec_if_none_match_alone_gives_304_or_the_value_with_its_etag(
        self, server: DatabaseServer, place: str
    ) -> None:
        server.put(f"{place}.json", {"a": 1})
        first = server.call("GET", f"{place}.json", headers={"If-None-Match": "other"})
        assert (first.status_code, first.json()) == (200, {"a": 1})
        again = server.call("GET", f"{place}.json", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])

    @pytest.mark.parametrize(("method", "body"), [("PUT", {"b": 2}), ("DELETE", None)])
    def test_spec_if_match_writes_only_over_the_value_it_names(
        self, server: DatabaseServer, place: str, method: str, body: Any
    ) -> None:
        server.put(f"{place}.json", {"a": 1})
        failed = server.call(method, f"{place}.json", body, headers={"if-match": "null_etag"})
        assert (failed.status_code, failed.json()) == (412, {"a": 1})
        done = server.call(method, f"{place}.json", body, headers={"if-match": failed.headers["ETag"]})
        assert (done.status_code, done.json(), "ETag" in done.headers) == (200, body, True)
        assert server.get(f"{place}.json") == body

    def test_spec_a_value_is_made_only_where_there_is_none(self, server: DatabaseServer, place: str) -> None:
        make = {"if-match": "null_etag"}
        assert server.call("PUT", f"{place}.json", 1, headers=make).status_code == 200
        assert server.call("PUT", f"{place}.json", 2, headers=make).status_code == 412
        assert server.get(f"{place}.json") == 1

    @pytest.mark.parametrize("method", ["PATCH", "POST"])
    def test_spec_patch_and_post_take_no_condition(self, server: DatabaseServer, place: str, method: str) -> None:
        answer = server.call(method, f"{place}.json", {"a": 1}, headers={"if-match": "null_etag"})
        assert (answer.status_code, server.get(f"{place}.json")) == (400, None)

    def test_ours_a_condition_shows_nothing_to_one_who_may_not_read(self, server: DatabaseServer, place: str) -> None:
        server.put(f"{place}/secret.json", "x")
        answer = server.call("PUT", f"{place}/secret.json", 1, headers={"if-match": "x"}, owner=False)
        assert (answer.status_code, answer.json()) == (401, {"error": "Permission denied"})

    def test_ours_an_etag_of_part_of_a_value_is_refused(self, server: DatabaseServer, place: str) -> None:
        answer = server.call("GET", f"{place}.json", shallow="true", headers={"X-Firebase-ETag": "true"})
        assert answer.status_code == 400


class TestForms:
    """print, shallow, format, download, timeout."""

    def test_spec_pretty(self, server: DatabaseServer, place: str) -> None:
        server.put(f"{place}.json", {"a": [1]})
        assert server.call("GET", f"{place}.json", print="pretty").text == '{\n  "a": [\n    1\n  ]\n}'

    @pytest.mark.parametrize(
        ("method", "body"), [("GET", None), ("PUT", 1), ("PATCH", {"a": 1}), ("POST", 1), ("DELETE", None)]
    )
    def test_spec_silent(self, server: DatabaseServer, place: str, method: str, body: Any) -> None:
        answer = server.call(method, f"{place}.json", body, print="silent")
        assert (answer.status_code, answer.content) == (204, b"")

    @pytest.mark.parametrize(
        ("value", "shown"),
        [({"a": {"b": 1}, "c": 2}, {"a": True, "c": True}), ([5, 6], {"0": True, "1": True}), (5, 5), (None, None)],
        ids=["children", "an array's too", "a scalar as it is", "nothing"],
    )
    def test_spec_shallow(self, server: DatabaseServer, place: str, value: Any, shown: Any) -> None:
        server.put(f"{place}.json", value)
        assert server.get(f"{place}.json", shallow="true") == shown

    def test_spec_the_export_probe_of_the_firebase_cli(self, server: DatabaseServer, place: str) -> None:
        server.put(f"{place}.json", {"b": 1, "a": {"c": 2}})
        assert server.get(f"{place}.json", shallow="true", limitToFirst=1) == {"a": True}

    def test_spec_export_keeps_priorities_and_makes_no_arrays(self, server: DatabaseServer, place: str) -> None:
        value = {"0": "x", "1": {".value": "y", ".priority": 1.5}, ".priority": "p"}
        server.put(f"{place}.json", value)
        assert server.get(f"{place}.json", format="export") == value
        assert server.get(f"{place}.json") == ["x", "y"]

    def test_spec_a_priority_is_read_and_written_by_its_path(self, server: DatabaseServer, place: str) -> None:
        server.put(f"{place}/a.json", 1)
        server.put(f"{place}/a/.priority.json", 7)
        server.call("PATCH", f"{place}.json", {"b": 2, "a/.priority": 8})
        assert server.get(f"{place}/a/.priority.json") == 8
        assert server.get(f"{place}.json", format="export") == {"a": {".value": 1, ".priority": 8}, "b": 2}

    def test_spec_a_node_whose_children_are_replaced_at_once_keeps_its_priority(
        self, server: DatabaseServer, place: str
    ) -> None:
        server.put(f"{place}.json", {"a": 1, ".priority": 2})
        assert server.call("PATCH", f"{place}.json", {"a": None, "b": 3}).json() == {"a": None, "b": 3}
        assert server.get(f"{place}.json", format="export") == {"b": 3, ".priority": 2}

    def test_spec_download_names_a_file(self, server: DatabaseServer, place: str) -> None:
        answer = server.call("GET", f"{place}.json", download='my "data".json\r\nX: y')
        assert answer.headers["Content-Disposition"] == 'attachment; filename="my__data_.json__X__y"'

    @pytest.mark.parametrize("timeout", ["100ms", "10s", "15min"])
    def test_spec_a_read_may_have_a_timeout(self, server: DatabaseServer, place: str, timeout: str) -> None:
        assert server.get(f"{place}.json", timeout=timeout) is None

    def test_spec_a_read_that_takes_longer_is_refused(self, server: DatabaseServer, place: str) -> None:
        answer = server.call("GET", f"{place}.json", timeout="0ms")
        assert (answer.status_code, "timeout of 0 ms" in answer.json()["error"]) == (400, True)


class TestRefusals:
    """What is wrong is said, with the status of the service, and changes nothing."""

    @pytest.mark.parametrize(
        ("method", "suffix", "body", "status", "text"),
        [
            ("PUT", ".json", b"{", 400, "Invalid data; couldn't parse JSON object, array, or value."),
            ("PUT", ".json", b"", 400, "Invalid data; couldn't parse JSON object, array, or value."),
            ("PUT", ".json", b"\xff", 400, "Invalid data; couldn't parse JSON object, array, or value."),
            ("PUT", ".json", b"NaN", 400, "Invalid data; couldn't parse JSON object, array, or value."),
            ("PUT", ".json", b"[" * 100_000, 400, "Invalid data; couldn't parse JSON object, array, or value."),
            (
                "PATCH",
                ".json",
                b"[1]",
                400,
                "Invalid data; couldn't parse JSON object. Are you sending a JSON object with valid key names?",
            ),
            ("PATCH", ".json", {"a": 1, "a/b": 2}, 400, "is an ancestor of"),
            ("PATCH", ".json", {"a/b": 1, "/a//b/": 2}, 400, "is an ancestor of"),
            ("PATCH", ".json", {"a": 1, "": 2}, 400, "names the place itself"),
            ("PATCH", ".json", {"a": 1, "b.c": 2}, 400, "contains '.'"),
            ("PUT", ".json", {"a": {"b$": 1}}, 400, "contains '$'"),
            ("PUT", ".json", {"": 1}, 400, "a key is empty"),
            ("PUT", "/a%23b.json", 1, 400, "contains '#'"),
            ("PUT", "/%ff.json", 1, 400, "not valid percent-encoded UTF-8"),
            ("PUT", "/a" * 32 + ".json", 1, 400, "33 levels"),
            ("PUT", "/a" * 31 + ".json", {"b": 1}, 400, "deeper than 32 levels"),
            ("PUT", "/.info.json", 1, 400, "contains '.'"),
            ("PUT", "", 1, 404, "append .json to your request URI to use the REST API"),
            ("GET", "", None, 404, "append .json to your request URI to use the REST API"),
            ("TRACE", ".json", None, 400, "method 'TRACE' is not supported"),
            ("GET", ".json?callback=f", None, 400, "parameter 'callback' is not supported for GET"),
            ("PUT", ".json?orderBy=1", 1, 400, "parameter 'orderBy' is not supported for PUT"),
            ("GET", ".json?print=ugly", None, 400, "print must be one of pretty, silent; it is 'ugly'"),
            ("GET", ".json?shallow=yes", None, 400, "shallow must be one of true, false; it is 'yes'"),
            (
                "GET",
                ".json?shallow=true&orderBy=%22$key%22",
                None,
                400,
                "Mixing 'shallow' and querying parameters is not supported",
            ),
            ("GET", ".json?format=import", None, 400, "format must be one of export"),
            ("GET", ".json?timeout=10", None, 400, "timeout must be a number with ms, s or min, at most 15min"),
            ("GET", ".json?timeout=16min", None, 400, "timeout must be a number with ms, s or min, at most 15min"),
            ("GET", ".json?shallow=true&shallow=true", None, 400, "a query parameter stands twice"),
            ("GET", ".json?x=%ff", None, 400, "the query string is not valid percent-encoded UTF-8"),
            ("GET", ".json?ns=../x", None, 404, "is not valid"),
            (
                "PUT",
                ".json?writeSizeLimit=huge",
                1,
                400,
                "writeSizeLimit must be one of tiny, small, medium, large, unlimited",
            ),
            ("GET", ".json?auth=nonsense", None, 401, "Could not parse auth token."),
        ],
        ids=lambda value: ascii(value)[:50],
    )
    def test_spec_a_bad_request(
        self, server: DatabaseServer, place: str, method: str, suffix: str, body: Any, status: int, text: str
    ) -> None:
        owner = "auth=" not in suffix
        answer = server.call(method, place + suffix, body, owner=owner)
        assert (answer.status_code, list(answer.json())) == (status, ["error"])
        assert text in answer.json()["error"]
        assert server.get(f"{place}.json") is None

    def test_spec_the_longest_path_is_served(self, server: DatabaseServer, place: str) -> None:
        keys = ["é" * 384] * 31  # 768 bytes each, three times as many in an address; one level is the place
        address = f"{place}/{'/'.join(keys)}.json"
        server.put(address, 1)
        assert server.get(address) == 1

    def test_spec_the_write_size_limit_counts_what_is_there(self, server: DatabaseServer, place: str) -> None:
        text = "Data to write exceeds the maximum size that can be modified with a single request."
        big = {f"k{n}": "x" * 100_000 for n in range(11)}
        refused = server.call("PUT", f"{place}.json", big, writeSizeLimit="tiny")
        assert (refused.status_code, refused.json()) == (400, {"error": text})
        server.put(f"{place}.json", big, writeSizeLimit="small")
        assert server.call("DELETE", f"{place}.json", writeSizeLimit="tiny").json() == {"error": text}
        assert server.call("PATCH", f"{place}.json", {"k1": None}, writeSizeLimit="tiny").status_code == 200
        assert server.call("DELETE", f"{place}.json", writeSizeLimit="unlimited").status_code == 200

    def test_ours_the_longest_timeout_is_the_services(self) -> None:
        assert MAX_TIMEOUT_MS == 900_000


class TestQueries:
    """orderBy and its companions, over the wire."""

    DATA: dict[str, Any] = {  # noqa: RUF012 (never changed)
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
    def test_spec_a_query_selects(self, server: DatabaseServer, place: str, query: str, keys: str) -> None:
        server.put(f"{place}/indexed.json", self.DATA)
        server.put(f"{place}/indexed/a/.priority.json", 5)
        answer = server.call("GET", f"{place}/indexed.json?{quote(query, safe='=&')}")
        assert answer.json() == ({key: self.DATA[key] for key in keys.split()} or None)

    @pytest.mark.parametrize(
        "query", ['orderBy="$value"&equalTo="x"', 'orderBy="$value"&startAt=2&endAt="x"&limitToLast=1']
    )
    def test_spec_values_themselves_may_be_ordered(self, server: DatabaseServer, place: str, query: str) -> None:
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
        self, server: DatabaseServer, place: str, where: str, order: str, index: str, path: str
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
    def test_spec_a_query_that_makes_no_sense_is_refused(
        self, server: DatabaseServer, place: str, query: str, text: str
    ) -> None:
        answer = server.call("GET", f"{place}/indexed.json?{quote(query, safe='=&')}")
        assert (answer.status_code, text in answer.json()["error"]) == (400, True)


class TestRules:
    """Who may do what; the language itself has its own tests."""

    def test_spec_rules_hold_for_everyone_but_the_owner(self, server: DatabaseServer, place: str) -> None:
        denied = (401, {"error": "Permission denied"})
        write = server.call("PUT", f"{place}/readable.json", 1, owner=False)
        assert (write.status_code, write.json()) == denied
        assert server.get(f"{place}/readable.json") is None
        assert server.call("PUT", f"{place}/open/a.json", 1, owner=False).status_code == 200
        assert server.call("GET", f"{place}/open.json", owner=False).json() == {"a": 1}
        read = server.call("GET", f"{place}.json", owner=False)
        assert (read.status_code, read.json()) == denied

    def test_spec_one_denied_path_denies_the_whole_update(self, server: DatabaseServer, place: str) -> None:
        answer = server.call("PATCH", f"{place}.json", {"open/a": 1, "readable/b": 2}, owner=False)
        assert (answer.status_code, server.get(f"{place}.json")) == (401, None)
        assert server.call("PATCH", f"{place}.json", {"open/a": 1, "open/b": 2}, owner=False).status_code == 200

    def test_spec_rules_see_the_query(self, server: DatabaseServer, place: str) -> None:
        server.put(f"{place}/queried.json", {"a": 1, "b": 2, "c": 3})
        allowed = server.call("GET", f"{place}/queried.json", owner=False, orderBy='"$key"', limitToFirst=2)
        assert (allowed.status_code, allowed.json()) == (200, {"a": 1, "b": 2})
        assert (
            server.call("GET", f"{place}/queried.json", owner=False, orderBy='"$key"', limitToFirst=3).status_code
            == 401
        )
        assert server.call("GET", f"{place}/queried.json", owner=False).status_code == 401

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("http://localhost:5000", 200),
            ("http://127.0.0.1:1", 200),
            ("http://[::1]:1", 200),
            ("https://evil.example", 401),
            ("null", 401),
        ],
    )
    def test_ours_a_foreign_page_is_never_the_owner(
        self, server: DatabaseServer, place: str, origin: str, status: int
    ) -> None:
        assert server.call("PUT", f"{place}.json", 1, headers={"Origin": origin}).status_code == status

    @pytest.mark.parametrize(
        ("host", "status"),
        [("127.0.0.1:9", 200), ("[::1]:9", 200), ("database:9000", 200), ("x.localhost", 200), ("evil.example", 401)],
    )
    def test_ours_the_owner_is_not_served_under_a_strangers_name(
        self, server: DatabaseServer, place: str, host: str, status: int
    ) -> None:
        assert server.call("GET", f"{place}.json", headers={"Host": host}).status_code == status

    def test_spec_a_browser_may_ask_first(self, server: DatabaseServer, place: str) -> None:
        answer = server.call("OPTIONS", f"{place}.json", owner=False, headers={"Origin": "http://x.example"})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
        assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]


class TestNamespaces:
    """Each a database of its own."""

    def test_spec_a_namespace_is_the_parameter_or_the_first_label_of_the_host(
        self, server: DatabaseServer, place: str
    ) -> None:
        server.put(f"{place}.json", "one", ns="first")
        server.put(f"{place}.json", "two")
        assert server.get(f"{place}.json", ns="first") == "one"
        assert server.get(f"{place}.json", ns="demo-kindling-default-rtdb") == "two"
        assert server.call("GET", f"{place}.json", headers={"Host": "first.firebaseio.com"}).json() == "one"
        assert server.get(f"{place}.json", ns="second") is None
