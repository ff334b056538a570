"""Firebase's glob patterns: what each means of a path."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.hosting import globs

# (pattern, paths it matches, paths it does not)
SPEC = {
    "a star stays within a segment": ("/a/*.html", ["/a/x.html", "/a/.html"], ["/a/b/x.html", "/x.html"]),
    "two stars match everything": ("**", ["/", "/a", "/a/b/c.html", "/.env"], []),
    "two stars at the end need something below": ("/get_data/**", ["/get_data/a", "/get_data/a/b"], ["/get_data"]),
    "braces with nothing in them give both": ("/get_data{,/**}", ["/get_data", "/get_data/a/b"], ["/get_datax"]),
    "two stars in the middle match any depth, none too": ("/a/**/z", ["/a/z", "/a/b/z", "/a/b/c/z"], ["/az", "/a/zz"]),
    "a pattern without a first slash is of the root": ("images/*", ["/images/a"], ["/x/images/a"]),
    "any depth, then a name": ("**/.*", ["/.hidden", "/a/.git"], ["/a/b.c"]),
    "a question mark is one character": ("/a?c", ["/abc"], ["/ac", "/a/c", "/abbc"]),
    "a class is one of its characters": ("/[ab]1", ["/a1", "/b1"], ["/c1"]),
    "a negated class is any other": ("/[!ab]1", ["/c1"], ["/a1"]),
    "braces are alternatives": ("/{a,b/c}.js", ["/a.js", "/b/c.js"], ["/b.js"]),
    "braces nest": ("/{a,{b,c}d}", ["/a", "/bd", "/cd"], ["/b", "/d"]),
    "an extended glob is one of its choices": ("/@(a|b)c", ["/ac", "/bc"], ["/c", "/abc"]),
    "an extended glob may be missing": ("/x?(a)", ["/x", "/xa"], ["/xaa"]),
    "an extended glob may repeat": ("/x+(ab)", ["/xab", "/xabab"], ["/x", "/xa"]),
    "an extended glob may repeat or be missing": ("/x*(ab)", ["/x", "/xabab"], ["/xa"]),
    "a negated glob is any other segment": ("/!(a|b)", ["/c", "/ab"], ["/a", "/b", "/c/d"]),
    "a negated glob with a tail": ("/!(a).js", ["/b.js", "/aa.js"], ["/a.js"]),
    "a dot is a dot": ("/a.b", ["/a.b"], ["/axb"]),
}


@pytest.mark.parametrize("case", SPEC.values(), ids=SPEC.keys())
def test_spec(case: tuple[str, list[str], list[str]]) -> None:
    pattern, matching, other = case
    test = globs.translate(pattern).fullmatch
    assert [path for path in matching + other if test(path)] == matching


def test_ours_a_capture_takes_a_segment_and_a_starred_one_the_rest() -> None:
    match = globs.translate("/blog/:year/:post*").fullmatch("/blog/2013/a/b")
    assert match is not None
    assert match.groupdict() == {"year": "2013", "post": "a/b"}


@pytest.mark.parametrize("broken", ["/{a", "/{a}", "/@(a", "/[a"])
def test_ours_a_pattern_that_does_not_close_is_refused(broken: str) -> None:
    with pytest.raises(globs.GlobError, match=re.escape(broken.lstrip("/"))):
        globs.translate(broken)


@given(st.text(alphabet=st.characters(exclude_characters="*?[]{}()!@+,|:/\\\n"), min_size=1))
def test_ours_plain_text_matches_itself_alone(text: str) -> None:
    test = globs.translate(f"/{text}").fullmatch
    assert test(f"/{text}")
    assert not test(f"/{text}x")
