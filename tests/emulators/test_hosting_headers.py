"""The cookie that Hosting lets through, and the media types of files."""

import pytest

from emulators.hosting.server import content_type, session_cookie

COOKIES = {
    "none": ([], None),
    "others only": (["a=1; b=2"], None),
    "among others": (["a=1; __session=x; b=2"], "__session=x"),
    "among others that are no tokens": (['a={"x":1}; flag; é[0]=1; __session=x; b'], "__session=x"),
    "in a second header": (["a=1", "__session=x"], "__session=x"),
    "one that only begins so": (["__sessionx=1"], None),
}


@pytest.mark.parametrize(("cookies", "kept"), COOKIES.values(), ids=COOKIES.keys())
def test_spec_the_session_cookie(cookies: list[str], kept: str | None) -> None:
    assert session_cookie(cookies) == kept


TYPES = {
    "app.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "data.json": "application/json; charset=utf-8",
    "logo.svg": "image/svg+xml; charset=utf-8",
    "photo.png": "image/png",
    "font.woff2": "font/woff2",
    "unknown.zzz": "application/octet-stream",
}


@pytest.mark.parametrize(("name", "kind"), TYPES.items())
def test_ours_the_type_of_a_file_is_the_same_on_every_machine(name: str, kind: str) -> None:
    assert content_type(name) == kind
