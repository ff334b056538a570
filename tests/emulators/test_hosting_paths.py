"""A request's path as Hosting reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.hosting import paths

SPEC = {
    "a plain path stays": ("/a/b", "/a/b"),
    "an encoded slash arrives decoded": ("/get_data/a%2Fb", "/get_data/a/b"),
    "encoded dots are resolved away": ("/a/%2e%2e/b", "/b"),
    "dots above the root lead to the root": ("/../../etc/passwd", "/etc/passwd"),
    "a dot segment goes": ("/a/./b", "/a/b"),
    "two dots at the end leave the folder": ("/a/b/..", "/a/"),
    "an encoded slash cannot smuggle dots": ("/a/..%2f..%2fetc", "/etc"),
    "a last slash stays": ("/docs/", "/docs/"),
    "UTF-8 is decoded": ("/caf%C3%A9", "/café"),
    "a doubled encoding is decoded once": ("/a%252e%252e/b", "/a%2e%2e/b"),
    "a backslash is a character": ("/a%5C..%5Cb", "/a\\..\\b"),
}


@pytest.mark.parametrize(("raw", "clean"), SPEC.values(), ids=SPEC.keys())
def test_spec(raw: str, clean: str) -> None:
    assert paths.clean(raw) == clean


@pytest.mark.parametrize(
    "raw",
    ["/%zz", "/%", "/a%2", "/%ff", "/a%00b", "/a%0d%0aSet-Cookie:x", "/%7f", "relative", "http://x/", "/" + "a" * 9000],
    ids=lambda raw: raw[:20],
)
def test_ours_a_path_that_is_no_text_is_refused(raw: str) -> None:
    with pytest.raises(paths.BadPathError):
        paths.clean(raw)


@given(st.text())
def test_ours_no_path_leads_out_of_the_site(text: str) -> None:
    try:
        clean = paths.clean("/" + text)
    except paths.BadPathError:
        return
    assert clean.startswith("/")
    assert not {".", ".."} & set(clean.split("/"))


@given(
    st.text(
        alphabet=st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=300
    )
)
def test_ours_what_goes_to_the_function_reads_the_same(text: str) -> None:
    clean = paths.clean(paths.encode("/" + text))
    assert paths.clean(paths.encode(clean)) == clean


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "///x"])
def test_ours_a_redirect_stays_on_the_site(path: str) -> None:
    assert not paths.as_location(path).startswith(("//", "/\\"))
