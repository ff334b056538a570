"""Hosting over HTTP: what a function sees behind it, what a browser gets from it."""

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.emulators.conftest import Served, Start
from tests.running_suite import DEADLINE_S

pytestmark = pytest.mark.suite


def raw(served: Served, target: str, method: str = "GET") -> tuple[int, bytes]:
    """The answer to a request target that is sent exactly so."""
    connection = http.client.HTTPConnection(urlsplit(served.hosting).netloc, timeout=DEADLINE_S)
    connection.putrequest(method, target, skip_accept_encoding=True)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


SEEN = {
    "the whole path": ("/echo/a?x=1", "/echo/a", "/echo/a?x=1"),
    "an encoded slash is a slash": ("/echo/a%2Fb", "/echo/a/b", "/echo/a/b"),
    "dots are resolved away": ("/echo/a/%2e%2e/b", "/echo/b", "/echo/b"),
    "the query stays as it is": ("/echo?q=%2F%2e", "/echo", "/echo?q=%2F%2e"),
    "an encoded question mark stays encoded": ("/echo/a%3Fb", "/echo/a?b", "/echo/a%3Fb"),
    "letters beyond ASCII": ("/echo/caf%C3%A9", "/echo/café", "/echo/caf%C3%A9"),
}


@pytest.mark.parametrize(("target", "path", "uri"), SEEN.values(), ids=SEEN.keys())
def test_spec_a_function_behind_hosting_sees(served: Served, target: str, path: str, uri: str) -> None:
    document = json.loads(raw(served, target)[1])
    assert (document["path"], document["raw"]) == (path, uri)


def test_spec_a_function_is_told_where_the_client_asked(served: Served) -> None:
    headers = served.get("/echo").json()["headers"]
    assert (headers["Host"], headers["X-Forwarded-Host"], headers["X-Forwarded-For"]) == (
        urlsplit(served.functions).netloc,
        urlsplit(served.hosting).netloc,
        "127.0.0.1",
    )


def test_spec_only_the_session_cookie_reaches_a_function(served: Served) -> None:
    document = served.get("/echo", headers={"Cookie": 'a=1; __session="x y"; b=2'}).json()
    assert document["headers"]["Cookie"] == '__session="x y"'


def test_spec_an_answer_that_says_nothing_of_caching_is_private(served: Served) -> None:
    headers = served.get("/echo").headers
    assert (headers["Cache-Control"], headers["Vary"]) == ("private", "Accept-Encoding, Authorization, Cookie")


def test_spec_what_a_function_says_of_caching_stays(served: Served) -> None:
    headers = served.get("/echo?header=Cache-Control:public,s-maxage=60&header=Vary:Accept,cookie").headers
    assert (headers["Cache-Control"], headers["Vary"]) == (
        "public,s-maxage=60",
        "Accept, cookie, Accept-Encoding, Authorization",
    )


@pytest.mark.parametrize(
    ("query", "sent"),
    [("", "DENY"), ("?header=X-Frame-Options:SAMEORIGIN", "SAMEORIGIN")],
    ids=["it is sent with a function's answer", "what the function says wins"],
)
def test_spec_a_header_of_firebase_json(served: Served, query: str, sent: str) -> None:
    assert served.get(f"/echo/page.html{query}").headers["X-Frame-Options"] == sent


def test_spec_the_reserved_address_tells_the_project(served: Served) -> None:
    status, body = raw(served, "/__/firebase/init.json")
    assert (status, json.loads(body)) == (200, {"projectId": "demo-fixture"})


def test_spec_a_redirect_keeps_the_rest_and_the_query(served: Served) -> None:
    answer = served.get("/old/a%20b/c?x=1", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/echo/a%20b/c?x=1")


def test_spec_a_file_has_its_type_its_headers_and_a_tag(served: Served) -> None:
    answer = served.get("/page.html")
    again = served.get("/page.html", headers={"If-None-Match": answer.headers["ETag"]})
    assert (answer.text, answer.headers["Content-Type"], answer.headers["X-Frame-Options"]) == (
        "<h1>Page</h1>\n",
        "text/html; charset=utf-8",
        "DENY",
    )
    assert (again.status_code, again.content) == (304, b"")


def test_spec_a_rewrite_to_a_file_serves_it(served: Served) -> None:
    assert served.get("/app/any/where").text == "<h1>Page</h1>\n"


def test_ours_a_file_is_not_posted_to(served: Served) -> None:
    answer = requests.post(served.hosting + "/page.html", timeout=DEADLINE_S)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("target", ["/nothing", "/.hidden", "/gone", "/elsewhere"])
def test_ours_what_is_not_there_is_404(served: Served, target: str) -> None:
    assert served.get(target).status_code == 404


def test_ours_a_page_that_says_404_says_so_whatever_is_asked(start: Start, project: Path) -> None:
    (project / "public" / "404.html").write_text("<h1>Nothing</h1>\n")
    suite = start(project=project)
    asked: list[tuple[str, dict[str, str]]] = [
        ("GET", {}),
        ("GET", {"If-None-Match": "*"}),
        ("GET", {"If-Match": '"x"'}),
        ("GET", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
        ("GET", {"Range": "bytes=0-1"}),
        ("POST", {}),
    ]
    answers = [
        requests.request(method, suite.hosting + "/nothing", headers=headers, timeout=DEADLINE_S)
        for method, headers in asked
    ]
    said = (404, "<h1>Nothing</h1>\n", "text/html; charset=utf-8")
    assert [(one.status_code, one.text, one.headers["Content-Type"]) for one in answers] == [said] * len(asked)


@pytest.mark.parametrize(
    "target",
    [
        "/../functions/main.py",
        "/%2e%2e/functions/main.py",
        "/..%2ffunctions%2fmain.py",
        "//etc/passwd",
        "/docs/..%5c..%5cx",
    ],
)
def test_ours_no_path_leads_out_of_the_public_folder(served: Served, target: str) -> None:
    assert raw(served, target)[0] == 404


@pytest.mark.parametrize("target", ["/%zz", "/%ff", "/a%00b", "/" + "a" * 9000, "http://other.example/echo"])
def test_ours_a_path_that_is_none_is_400(served: Served, target: str) -> None:
    assert raw(served, target)[0] == 400
