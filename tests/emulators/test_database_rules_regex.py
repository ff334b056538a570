"""The regular expressions of rules. "spec": the documentation's table of symbols and its examples."""

from __future__ import annotations

import json

import pytest

from emulators.database.rules import RulesError, parse
from tests.emulators.rules_cases import verdict

MATCHES: list[tuple[str, str, str, bool]] = [
    ("a pattern is found anywhere", "/a/", "bab", True),
    ("^ anchors to the beginning", "/^a/", "ba", False),
    ("$ anchors to the end", "/a$/", "ab", False),
    ("* matches zero", "/^a*$/", "", True),
    ("* matches many", "/^a*$/", "aaa", True),
    ("* does not match another", "/^a*$/", "b", False),
    ("+ matches one or more", "/^a+$/", "aaa", True),
    ("+ does not match zero", "/^a+$/", "", False),
    ("? matches zero", "/^a?$/", "", True),
    ("? does not match two", "/^a?$/", "aa", False),
    (". matches any character", "/^........$/", "Firebase", True),
    (". matches a line break", "/^a.b$/", "a\nb", True),
    ("parentheses group", "/^(ab)*$/", "abab", True),
    ("| matches either", "/^(a|b)$/", "b", True),
    ("{n} repeats exactly", "/^a{3}$/", "aaaa", False),
    ("{n,} repeats at least", "/^a{2,}$/", "aaaa", True),
    ("{n,m} repeats between", "/^a{1,2}$/", "aaa", False),
    ("[set] matches one of them", "/^[abc]+$/", "cab", True),
    ("[^set] matches none of them", "/^[^abc]$/", "a", False),
    ("[a-z0-9] has ranges", "/^[a-z0-9]+$/", "k2", True),
    ("a hyphen at the end of a set is a hyphen", "/^[a-]+$/", "-a", True),
    (r"\s matches white space", r"/^\s$/", "\t", True),
    (r"\S matches anything else", r"/^\S$/", "\t", False),
    (r"\w matches a word character", r"/^\w+$/", "a_9", True),
    (r"\W matches anything else", r"/^\W$/", "_", False),
    (r"\d matches a digit", r"/^\d{4}$/", "2026", True),
    (r"\D matches anything else", r"/^\D$/", "7", False),
    (r"\d in a set", r"/^[\d.]+$/", "1.5", True),
    (r"\. is the dot itself", r"/^a\.b$/", "axb", False),
    (r"\/ is the slash itself", r"/^a\/b$/", "a/b", True),
    ("a slash in a set needs no escape", "/^[/]$/", "/", True),
    ("an escaped brace and a closing one are literal", r"/^\{x}$/", "{x}", True),
    ("the flag i ignores the case", "/^FIRE/i", "firebase", True),
    ("without i the case counts", "/^FIRE/", "firebase", False),
    ("characters beyond ASCII are themselves", "/^é[😀-😂]$/", "é😁", True),
    (
        "a date of the documentation",
        r"/^(19|20)\d\d[-\/. ](0[1-9]|1[012])[-\/. ](0[1-9]|[12]\d|3[01])$/",
        "2013-01-15",
        True,
    ),
    ("/^$/ matches the empty string only", "/^$/", "a", False),
]


@pytest.mark.parametrize(("sentence", "pattern", "text", "expected"), MATCHES, ids=[row[0] for row in MATCHES])
def test_spec_regex(sentence: str, pattern: str, text: str, expected: bool) -> None:
    assert verdict(f"auth.uid.matches({pattern})", auth={"uid": text}) is expected


def test_ours_anchors_hold_for_every_alternative() -> None:
    assert [verdict("auth.uid.matches(/^a|b$/)", auth={"uid": text}) for text in ("a", "b", "ax", "xb")] == [
        True,
        True,
        False,
        False,
    ]


def test_ours_a_hard_pattern_takes_linear_time() -> None:
    """A backtracking engine would need 2**100,000 steps here."""
    assert verdict("auth.uid.matches(/^(a+)+$/)", auth={"uid": "a" * 100_000 + "b"}) is False


# (sentence, pattern, column in the pattern, message)
REFUSED: list[tuple[str, str, int, str]] = [
    ("only the flag i is supported", "/a/ig", 1, "Unknown regular expression flags 'ig'; only 'i' is supported."),
    ("^ may only be the first letter", "/(^a|b)/", 3, "'^' may only be the first character."),
    ("$ may only be the last letter", "/(a$|b)/", 4, "'$' may only be the last character."),
    ("an empty alternative is refused", "/^(a|)$/", 6, "The regular expression has an empty alternative or group."),
    ("an empty group is refused", "/a()/", 4, "The regular expression has an empty alternative or group."),
    ("look-ahead is refused", "/(?=a)/", 3, "Nothing to repeat before '?'."),
    ("lazy repetition is refused", "/a+?/", 4, "Repetitions cannot follow each other; lazy ones are not supported."),
    (
        "back-references are refused",
        r"/(a)\1/",
        6,
        "'\\1' is not supported; escapes are \\s \\w \\d \\S \\W \\D and punctuation.",
    ),
    (
        "word boundaries are refused",
        r"/\ba/",
        3,
        "'\\b' is not supported; escapes are \\s \\w \\d \\S \\W \\D and punctuation.",
    ),
    ("repetition of nothing is refused", "/*a/", 2, "Nothing to repeat before '*'."),
    ("a group must be closed", "/(a/", 4, "A group has no closing ')'."),
    ("a group must be opened", "/a)/", 3, "Unexpected ')' in the regular expression."),
    (
        "a backward repetition is refused",
        "/a{3,2}/",
        8,
        "'{3,2}' has its bounds the wrong way round; write the smaller first.",
    ),
    ("a backward range is refused", "/[z-a]/", 6, "A range in a set runs backwards or ends in a class."),
    ("an empty set is refused", "/[]/", 4, "A set is empty."),
    (
        "a repetition over 1,000 is refused",
        "/a{1001}/",
        1,
        "The regular expression is too large: invalid repetition size: {1001}.",
    ),
]


@pytest.mark.parametrize(("sentence", "pattern", "column", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_spec_what_the_regex_language_lacks_is_refused_at_upload(
    sentence: str, pattern: str, column: int, message: str
) -> None:
    before = '{"rules": {".read": "auth.uid.matches('
    with pytest.raises(RulesError) as caught:
        parse(before + json.dumps(pattern)[1:-1] + ')"}}')
    assert (caught.value.line, caught.value.message) == (1, message)
    written = json.dumps(pattern[: column - 1])[1:-1]
    assert caught.value.column == len(before) + len(written) + 1
