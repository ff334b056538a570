"""What is refused when rules are uploaded, and where in the file the message points. "spec": refused by the service."""

from __future__ import annotations

import json

import pytest

from emulators.database.rules import RulesError, parse

BEFORE = '{"rules": {"$id": {".validate": "'
COLUMN = len(BEFORE) + 1


def refusal(text: str) -> str:
    """The error of a rules file."""
    with pytest.raises(RulesError) as caught:
        parse(text)
    return str(caught.value)


# (sentence, expression, column in the expression counted from 1, message)
SPEC: list[tuple[str, str, int, str]] = [
    ("a number is no rule", "7", 1, "The rule must be boolean; compare the value with something."),
    ("a string is no rule", "'x'", 1, "The rule must be boolean; compare the value with something."),
    ("a value is no rule", "data.val()", 1, "The rule must be boolean; compare the value with something."),
    ("auth is no rule", "auth.uid", 1, "The rule must be boolean; compare the value with something."),
    (
        "a conditional that may be a number is no rule",
        "data.exists() ? 7 : true",
        1,
        "The rule must be boolean; compare the value with something.",
    ),
    ("assignment is no operator", "data = 5", 6, "Unexpected '='; rule expressions have no such operator."),
    ("statements are no expression", "true; true", 5, "Unexpected ';'; rule expressions have no such operator."),
    ("& is no operator", "true & true", 6, "Unexpected '&'; rule expressions have no such operator."),
    ("** is no operator", "2 ** 2 == 4", 4, "Expected a value before '*'."),
    ("+x is no operator", "+1 == 1", 1, "Unary expressions may not contain '+'."),
    ("unknown variables are errors", "tr", 1, "Unknown variable 'tr'."),
    ("captures of other places are errors", "$other == 'a'", 1, "Unknown variable '$other'."),
    ("undefined is no value", "auth == undefined", 9, "Unknown variable 'undefined'."),
    ("unknown methods are errors", "newData.isArray()", 9, "No such method/property 'isArray'."),
    ("unknown methods of auth are errors", "auth.x.foo() == 1", 8, "No such method/property 'foo'."),
    ("val() has string methods only", "data.val().child('a') == 1", 12, "No such method/property 'child'."),
    ("a snapshot has no properties", "data.name == 'a'", 6, "No such method/property 'name'."),
    ("methods must be called", "data.exists", 6, "'exists' is a method; call it with ()."),
    ("methods cannot be computed", "data['ex' + 'ists']()", 11, "No such method/property '[...]'."),
    ("only methods can be called", "data()", 5, "Only methods can be called."),
    ("numbers have no methods", "now.contains('1')", 5, "No such method/property 'contains'."),
    ("queries have known properties", "query.limit == 1", 7, "No such method/property 'limit'."),
    ("! only operates on booleans", "!data.val()", 1, "! only operates on booleans."),
    ("- only operates on numbers", "-$id == 1", 1, "- only operates on numbers."),
    ("&& needs booleans on its left", "auth && true", 1, "Left operand of && must be boolean."),
    ("&& needs booleans on its right", "true && auth.admin", 9, "Right operand of && must be boolean."),
    ("|| needs booleans", "data.val() || true", 1, "Left operand of || must be boolean."),
    ("? needs a boolean", "auth.x ? true : false", 1, "Condition of ? must be boolean."),
    (
        "snapshots cannot be compared",
        "data.child('a') != null",
        17,
        "Left operand of != must be null or boolean or number or string or object, not snapshot.",
    ),
    (
        "booleans have no order",
        "data.val() > true",
        12,
        "Right operand of > must be null or number or string, not boolean.",
    ),
    ("different types have no order", "$id < 5", 5, "Operands of < must have the same type."),
    ("booleans do not add", "true + 1 == 2", 6, "Left operand of + must be number or string, not boolean."),
    ("strings do not multiply", "2 * 'a' == 2", 3, "Right operand of * must be number, not string."),
    ("arguments have types", "$id.contains(7)", 14, "contains() takes a string, not a number."),
    (
        "matches() takes a regex literal",
        "$id.matches('/a/')",
        13,
        "matches() takes a regular expression, not a string.",
    ),
    ("arguments are counted", "data.hasChild('a', 'b')", 14, "hasChild() takes 1 argument(s), not 2."),
    ("methods without arguments take none", "data.exists(1)", 12, "exists() takes 0 argument(s), not 1."),
    ("hasChildren() takes one array", "data.hasChildren('a', 'b')", 17, "hasChildren() takes 1 argument(s), not 2."),
    ("hasChildren() takes an array", "data.hasChildren('a')", 18, "hasChildren() takes an array, not a string."),
    ("hasChildren() takes strings", "data.hasChildren(['a', 7])", 24, "The array must hold strings only."),
    ("hasChildren() takes at least one", "data.hasChildren([])", 18, "The array is empty; name at least one child."),
    ("the end may not come early", "data.exists() &&", 17, "Unexpected end of expression."),
    ("an empty expression is an error", "", 1, "Unexpected end of expression."),
    ("parentheses must be closed", "(true", 6, "Expected ')', found the end of the expression."),
    (
        "an array's bracket must be closed",
        "newData.hasChildren(['a', 'b')",
        30,
        "Expected ']', found ')'.",
    ),
    ("strings must be closed", "$id == 'a", 8, "The string has no closing quote."),
    ("a regex must be closed", "$id.matches(/a)", 13, "The regular expression is empty or has no closing '/'."),
    ("nothing follows the expression", "true true", 6, "Unexpected 'true' after the end of the expression."),
    ("a name follows a dot", "data.'x'", 6, "Expected a name after '.'."),
]


@pytest.mark.parametrize(("sentence", "expression", "column", "message"), SPEC, ids=[row[0] for row in SPEC])
def test_spec_expression_is_refused(sentence: str, expression: str, column: int, message: str) -> None:
    assert refusal(BEFORE + expression + '"}}}') == f"1:{COLUMN + column - 1}: {message}"


def test_spec_new_data_is_unknown_in_read_rules() -> None:
    assert refusal('{"rules": {".read": "newData.exists()"}}') == "1:22: Unknown variable 'newData'."


def test_spec_the_position_is_the_one_in_the_file() -> None:
    """The service's own answer to this file, without its line break at the end."""
    text = '{\n  "rules": {\n    ".read": "tr",\n    ".write": "auth != null"\n  }\n}\n'
    assert refusal(text) == "3:15: Unknown variable 'tr'."


def test_spec_the_position_counts_through_escapes_comments_and_raw_line_breaks() -> None:
    text = '{ // rules\n "rules": { /* two\n lines */ ".read": "auth.uid == \\"a\\" &&\n    nope"\n}}'
    assert refusal(text) == "4:5: Unknown variable 'nope'."


# (sentence, file, message with position)
FILES: list[tuple[str, str, str]] = [
    ("the top is an object", "[]", "1:1: The file must be an object with the one key 'rules'."),
    ("the top has the key rules", "{}", "1:1: The file must be an object with the one key 'rules'."),
    ("and no other", '{"rules": {}, "x": {}}', "1:1: The file must be an object with the one key 'rules'."),
    ("rules are an object", '{"rules": true}', "1:11: Expected an object of rules."),
    ("children are objects", '{"rules": {"a": "true"}}', "1:18: Expected an object of rules."),
    ("a rule is no number", '{"rules": {".read": 1}}', "1:21: Expected .read to be a string or a boolean."),
    ("a rule is not null", '{"rules": {".write": null}}', "1:22: Expected .write to be a string or a boolean."),
    (
        "unknown rules are errors",
        '{"rules": {".reed": true}}',
        "1:13: Unknown rule '.reed'; rules are .read, .write, .validate and .indexOn.",
    ),
    (
        "one wildcard at a level",
        '{"rules": {"$a": {}, "$b": {}}}',
        "1:23: There can only be one wildcard at a level.",
    ),
    (
        "wildcards are unique along a path",
        '{"rules": {"$a": {"b": {"$a": {}}}}}',
        "1:26: Wildcard '$a' is used above already; give it another name.",
    ),
    (
        "keys are keys of the database",
        '{"rules": {"a/b": {}}}',
        "1:13: 'a/b' is no key of the database; keys can't be empty or hold . $ # [ ] /.",
    ),
    (
        ".indexOn holds strings",
        '{"rules": {".indexOn": ["a", 1]}}',
        "1:30: Expected .indexOn to be a string or an array of strings.",
    ),
    (
        "values need quotes",
        '{"rules": {".read": yes}}',
        "1:21: Parse error: 'yes' is no value; strings stand in double quotes.",
    ),
    ("keys need quotes", "{rules: {}}", "1:2: Parse error: expected a key in double quotes."),
    ("a comma too many", '{"rules": {".read": true,}}', "1:26: Parse error: expected a key in double quotes."),
    ("a brace too few", '{"rules": {".read": true}', "1:26: Parse error: expected '}'."),
    ("a colon too few", '{"rules" {}}', "1:10: Parse error: expected ':'."),
    ("something after the end", '{"rules": {}} x', "1:15: Expected the end of the file."),
    ("nothing at all", "", "1:1: Parse error: expected a value."),
    ("only a comment", "// nothing", "1:11: Parse error: expected a value."),
    (
        "a string without end",
        '{"rules": {".read": "true}}',
        "1:21: Parse error: the string has no end or holds a control character.",
    ),
    ("an unknown escape", '{"rules": {".read": "\\x"}}', "1:22: Parse error: unknown escape in a string."),
]


@pytest.mark.parametrize(("sentence", "text", "message"), FILES, ids=[row[0] for row in FILES])
def test_spec_file_is_refused(sentence: str, text: str, message: str) -> None:
    assert refusal(text) == message


OURS_FILES: list[tuple[str, str, str]] = [
    (
        "a key that comes twice would silently lose one",
        '{"rules": {"a": {}, "a": {}}}',
        "1:22: Key 'a' comes twice; keep one of the two.",
    ),
    (
        "an endless nesting of objects",
        '{"rules":' * 70,
        "1:586: The rules are nested deeper than 64 levels.",
    ),
    (
        "an endless nesting of parentheses",
        '{"rules": {".read": "' + "(" * 70 + '"}}',
        "1:82: The expression is nested deeper than 60 levels.",
    ),
    ("an endless file", " " * 1_000_001, "1:1: The rules have more than 1000000 characters."),
    (
        "an endless chain of methods",
        '{"rules": {".read": "data' + ".parent()" * 70 + '.exists()"}}',
        "1:296: The expression is nested deeper than 60 levels.",
    ),
    (
        "a conditional between a snapshot and a value",
        '{"rules": {".read": "(auth != null ? data : null) == null"}}',
        "1:36: Both values of ? must have the same type.",
    ),
]


@pytest.mark.parametrize(("sentence", "text", "message"), OURS_FILES, ids=[row[0] for row in OURS_FILES])
def test_ours_file_is_refused(sentence: str, text: str, message: str) -> None:
    assert refusal(text) == message


ACCEPTED: list[tuple[str, str]] = [
    ("booleans", '{"rules": {".read": true, ".write": false, ".validate": true}}'),
    ("an empty ruleset", '{"rules": {}}'),
    ("a long chain of &&", json.dumps({"rules": {".read": " && ".join(["auth != null"] * 500)}})),
    ("a conditional between snapshots", '{"rules": {".read": "(auth != null ? data : root).exists()"}}'),
]


@pytest.mark.parametrize(("sentence", "text"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_spec_file_is_accepted(sentence: str, text: str) -> None:
    assert parse(text).indexes(()) == frozenset()


def test_spec_comments_and_raw_newlines_are_accepted() -> None:
    text = '// a\n{"rules": /* b */ {".read": "true\n\t&& auth == null", ".indexOn": ["a", "b/c"]}}'
    assert parse(text).indexes(()) == frozenset({"a", "b/c"})
