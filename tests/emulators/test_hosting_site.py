"""What Hosting decides about a path, by firebase.json and the files there are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from emulators import project
from emulators.errors import ConfigError
from emulators.hosting.site import Called, Decision, Missing, Moved, Site, Static

FILES = ("page.html", "docs/index.html", "app.js", "dir.html", ".secret", "node_modules/x.js", "a b.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        file = tmp_path / "public" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "outside.txt").write_text("outside")
    (tmp_path / "public" / "link.txt").symlink_to(tmp_path / "outside.txt")
    return tmp_path


def decide(folder: Path, path: str, **section: object) -> Decision:
    hosting = msgspec.convert({"public": "public", **section}, project.Hosting)
    project.check_hosting(hosting)
    return Site(folder, hosting).decide(path)


def moved(path: str) -> Moved:
    return Moved(301, path)


Case = tuple[str, Mapping[str, Any], object]
CALL = {"rewrites": [{"source": "**", "function": "f"}]}
CASES: dict[str, Case] = {
    "a file is served": ("/page.html", {}, "page.html"),
    "a name with a space is served": ("/a b.txt", {}, "a b.txt"),
    "a file beats a rewrite": ("/app.js", CALL, "app.js"),
    "a rewrite takes what is no file": ("/nothing", CALL, Called("f", None)),
    "the first rewrite that matches wins": (
        "/a/b",
        {"rewrites": [{"source": "/a/**", "function": "one"}, {"source": "**", "function": "two"}]},
        Called("one", None),
    ),
    "a rewrite may name the region": (
        "/a",
        {"rewrites": [{"source": "/a", "function": {"functionId": "f", "region": "europe-west1"}}]},
        Called("f", "europe-west1"),
    ),
    "a rewrite to a file serves it": (
        "/any",
        {"rewrites": [{"source": "**", "destination": "/page.html"}]},
        "page.html",
    ),
    "a rewrite by a regular expression": (
        "/v12/x",
        {"rewrites": [{"regex": "^/v[0-9]+/", "function": "f"}]},
        Called("f", None),
    ),
    "the root without an index is a function's": ("/", CALL, Called("f", None)),
    "a redirect beats a file": (
        "/page.html",
        {"redirects": [{"source": "/page.html", "destination": "/new", "type": 302}]},
        Moved(302, "/new"),
    ),
    "a redirect keeps what it captured": (
        "/blog/2013/x y",
        {"redirects": [{"source": "/blog/:rest*", "destination": "/posts/:rest"}]},
        moved("/posts/2013/x%20y"),
    ),
    "a redirect whose rest is empty leaves nothing of its name": (
        "/blog/",
        {"redirects": [{"source": "/blog/:rest*", "destination": "/posts/:rest*"}]},
        moved("/posts/"),
    ),
    "a redirect's port is no capture": (
        "/a",
        {"redirects": [{"source": "/:x", "destination": "http://other.example:8080/:x"}]},
        moved("http://other.example:8080/a"),
    ),
    "a folder is its index, at the path with a slash": ("/docs/", {}, "docs/index.html"),
    "a folder without the slash leads there": ("/docs", {}, moved("/docs/")),
    "no trailing slashes: the folder's path has none": ("/docs/", {"trailingSlash": False}, moved("/docs")),
    "no trailing slashes: the index is at the bare path": ("/docs", {"trailingSlash": False}, "docs/index.html"),
    "clean URLs: a page is at its name without the ending": ("/page", {"cleanUrls": True}, "page.html"),
    "clean URLs: the ending is redirected away": ("/page.html", {"cleanUrls": True}, moved("/page")),
    "clean URLs: the index is at its folder": ("/docs/index.html", {"cleanUrls": True}, moved("/docs/")),
    "clean URLs with trailing slashes": ("/page", {"cleanUrls": True, "trailingSlash": True}, moved("/page/")),
    "without clean URLs the name without the ending is nothing": ("/page", {}, Missing()),
    "an ignored file is not there": ("/.secret", {"ignore": ["**/.*"]}, Missing()),
    "a file in an ignored folder is not there": ("/node_modules/x.js", {"ignore": ["**/node_modules/**"]}, Missing()),
    "a link that leads out is not followed": ("/link.txt", {}, Missing()),
    "dots do not lead out": ("/../outside.txt", {}, Missing()),
    "a zero byte is no file": ("/a\0b", {}, Missing()),
    "a name too long for the disk is no file": ("/" + "a" * 5000, {}, Missing()),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_decisions(folder: Path, case: Case) -> None:
    path, section, expected = case
    wanted = Static((folder / "public" / expected).resolve()) if isinstance(expected, str) else expected
    assert decide(folder, path, **section) == wanted


def test_spec_a_page_of_the_project_says_404(folder: Path) -> None:
    (folder / "public" / "404.html").write_text("gone")
    assert decide(folder, "/x") == Static((folder / "public" / "404.html").resolve(), 404)


def test_spec_headers_are_those_of_all_rules_that_match(folder: Path) -> None:
    hosting = project.Hosting(
        "public",
        headers=[
            project.Headers("**", headers=[project.Header("A", "1"), project.Header("B", "1")]),
            project.Headers("**/*.js", headers=[project.Header("B", "2")]),
        ],
    )
    site = Site(folder, hosting)
    assert (site.headers("/x.js"), site.headers("/x")) == ({"A": "1", "B": "2"}, {"A": "1", "B": "1"})


REFUSED = {
    "an unknown section": ('{"firestore": {}}', "unknown field `firestore`"),
    "an unknown key of hosting": ('{"hosting": {"public": "p", "i18n": {}}}', "unknown field `i18n`"),
    "several sites": ('{"hosting": [{"public": "p"}]}', "Expected `object | null`, got `array`"),
    "a rewrite to Cloud Run": ('{"hosting": {"public": "p", "rewrites": [{"source": "/", "run": {}}]}}', "`run`"),
    "a rewrite to two things": (
        '{"hosting": {"public": "p", "rewrites": [{"source": "/", "function": "f", "destination": "/x"}]}}',
        r"rewrites\[0\]: give either function or destination",
    ),
    "a rule without a pattern": (
        '{"hosting": {"public": "p", "rewrites": [{"function": "f"}]}}',
        "give one of source and regex",
    ),
    "a pattern that is none": (
        '{"hosting": {"public": "p", "rewrites": [{"source": "/{a", "function": "f"}]}}',
        r"'/\{a' is no pattern",
    ),
    "a pattern of ignored files that is none": (
        '{"hosting": {"public": "p", "ignore": ["**/.*", "**/{a"]}}',
        r"hosting\.ignore\[1\]: '\*\*/\{a' is no pattern",
    ),
    "a pattern of files that are not uploaded that is none": (
        '{"functions": {"ignore": ["{a"]}}',
        r"functions\.ignore\[0\]: '\{a' is no pattern",
    ),
    "a redirect of a strange kind": (
        '{"hosting": {"public": "p", "redirects": [{"source": "/", "destination": "/x", "type": 200}]}}',
        r"redirects\[0\]: give a destination and a type of 301",
    ),
    "two code bases": ('{"functions": [{"source": "a"}, {"source": "b"}]}', "several code bases"),
    "no JSON": ("{", "firebase.json: "),
}


@pytest.mark.parametrize(("text", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_ours_what_is_not_done_is_refused_at_the_start(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "firebase.json").write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        project.load(tmp_path)


def test_ours_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "firebase.json").write_bytes(b'{"hosting": {"public": "\xe9"}}')
    with pytest.raises(ConfigError, match=r"^firebase\.json: this is no UTF-8: save the file in it$"):
        project.load(tmp_path)


def test_ours_the_project_is_the_default_of_firebaserc(tmp_path: Path) -> None:
    without = project.project_id(tmp_path)
    (tmp_path / ".firebaserc").write_text('{"projects": {"default": "mine"}, "targets": {}}')
    assert (without, project.project_id(tmp_path)) == ("demo-project", "mine")
