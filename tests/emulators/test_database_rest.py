"""REST: what goes in, what comes out, and with which status. Each case has a place of its own in one running server."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.cases import NAUGHTY
from tests.emulators.database_server import DatabaseServer


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
    value = {f"k{number:03d}": text for number, text in enumerate(NAUGHTY)}
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
        before_ms = time.time() * 1000
        stored = server.call("PUT", f"{place}.json", {"a": {".sv": "timestamp"}, "b": [{".sv": "timestamp"}]}).json()
        assert before_ms - 1 <= stored["a"] <= time.time() * 1000
        assert stored["b"] == [stored["a"]]
        assert stored == server.get(f"{place}.json")

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
        now = {".sv": "timestamp"}
        server.put(f"{place}.json", {"same": now, "a": {".value": 1, ".priority": now}})
        time_ms = server.get(f"{place}/same.json")
        assert server.get(f"{place}/a.json", format="export") == {".value": 1, ".priority": time_ms}

    @pytest.mark.parametrize(
        ("spec", "text"),
        [
            ("now", "a server value is"),
            (5, "a server value is"),
            (None, "a server value is"),
            ({"decrement": 1}, "a server value is"),
            ({"increment": "1"}, "'increment' takes a number"),
            ({"increment": True}, "'increment' takes a number"),
        ],
    )
    def test_ours_an_unknown_server_value_is_refused(
        self, server: DatabaseServer, place: str, spec: Any, text: str
    ) -> None:
        answer = server.call("PUT", f"{place}.json", {"a": 1, "b": {".sv": spec}})
        assert (answer.status_code, text in answer.json()["error"]) == (400, True)
        assert server.get(f"{place}.json") is None


def test_spec_head_is_get_without_the_body(server: DatabaseServer, place: str) -> None:
    server.put(f"{place}.json", {"a": 1})
    answer = server.call("HEAD", f"{place}.json")
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "7")


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

    @pytest.mark.parametrize("value", [{"x": 1}, ["x"], True], ids=["an object", "a list", "a boolean"])
    def test_ours_what_is_no_priority_is_refused_and_the_old_one_stays(
        self, server: DatabaseServer, place: str, value: Any
    ) -> None:
        stored = {".value": 1, ".priority": 5}
        server.put(f"{place}/a.json", stored)
        answers = [
            server.call("PUT", f"{place}/a/.priority.json", value),
            server.call("PATCH", f"{place}.json", {"a/.priority": value}),
            server.call("PUT", f"{place}/a.json", {**stored, ".priority": value}),
        ]
        assert [answer.status_code for answer in answers] == [400, 400, 400]
        assert all("a priority must be a string, a number or null" in answer.json()["error"] for answer in answers)
        assert server.get(f"{place}/a.json", format="export") == stored

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
            ("GET", ".json?timeout=900001ms", None, 400, "timeout must be a number with ms, s or min, at most 15min"),
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
