"""What one rule expression says. "spec": the security rules reference, or what the live service was seen to do."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.database.query import Bound, OrderBy, Query
from tests.emulators.rules_cases import verdict

PEOPLE = {"ada": {"age": 36, "admin": True, "name": "Ada"}, "list": {"a": 1}, "text": "Firebase", "flag": False}

# (sentence of the reference, expression, verdict)
SPEC: list[tuple[str, str, bool | str]] = [
    ("auth is null if the client isn't authenticated: it is not null for a user", "auth != null", True),
    ("auth contains the uid", "auth.uid === 'u1'", True),
    ("auth contains the provider", "auth.provider == 'custom'", True),
    ("auth contains the token payload", "auth.token.level >= 3 && auth.token.staff === true", True),
    ("properties can be read with brackets and a literal", "auth['token']['name'] == 'Ada'", True),
    ("properties can be read with brackets and a value", "auth.token[root.child('ada/name').val()] == null", True),
    ("a missing property is null", "auth.token.missing == null && auth.missing.deeper == null", True),
    ("now contains the number of milliseconds since the epoch", "now == 1000000", True),
    ("root corresponds to the current data at the root", "root.child('ada').child('age').val() == 36", True),
    ("data corresponds to the current data at the location of the rule", "data.hasChild('ada')", True),
    ("val() returns the primitive value", "data.child('text').val() === 'Firebase'", True),
    ("val() of nothing is null", "data.child('nobody').val() === null", True),
    ("val() of data with children is not null", "data.child('ada').val() != null", True),
    ("val() of data with children equals no primitive", "data.child('ada').val() == 'Ada'", False),
    ("child() takes a path", "data.child('ada/age').val() == data.child('ada').child('age').val()", True),
    ("child() of a missing path is a snapshot of nothing", "data.child('x/y').exists()", False),
    ("parent() returns the parent", "data.child('ada/age').parent().child('name').val() == 'Ada'", True),
    ("parent() fails when the snapshot is the root", "data.parent().exists()", "error"),
    ("hasChild() tells whether the child exists", "data.hasChild('ada/name') && !data.hasChild('ada/nose')", True),
    ("hasChildren() without arguments: any children", "data.hasChildren() && !data.child('text').hasChildren()", True),
    ("hasChildren() takes keys that must all exist", "data.child('ada').hasChildren(['age', 'name'])", True),
    ("hasChildren() is false if one is missing", "data.child('ada').hasChildren(['age', 'nose'])", False),
    ("exists() is true if the snapshot contains any data", "data.exists() && !data.child('nobody').exists()", True),
    ("getPriority() of data without one is null", "data.child('ada').getPriority() == null", True),
    ("isNumber() is true for a number", "data.child('ada/age').isNumber() && !data.child('text').isNumber()", True),
    ("isString() is true for a string", "data.child('text').isString() && !data.child('ada').isString()", True),
    ("isBoolean() is true for a boolean", "data.child('flag').isBoolean() && !data.child('x').isBoolean()", True),
    ("length returns the length of the string", "'Firebase'.length == 8 && ''.length == 0", True),
    ("contains() tells whether the string contains another", "'Firebase'.contains('eba')", True),
    ("contains() minds the case", "'Firebase'.contains('EBA')", False),
    ("beginsWith() tells whether the string begins so", "'Firebase'.beginsWith('Fire')", True),
    ("endsWith() tells whether the string ends so", "'Firebase'.endsWith('Fire')", False),
    ("replace() replaces all instances", "'a-b-c'.replace('-', '+') == 'a+b+c'", True),
    ("toLowerCase() returns a copy in lower case", "'FireBase'.toLowerCase() == 'firebase'", True),
    ("toUpperCase() returns a copy in upper case", "'FireBase'.toUpperCase() == 'FIREBASE'", True),
    ("matches() tests a regular expression literal", "data.child('text').val().matches(/^Fire[a-z]+$/)", True),
    ("methods can be named in brackets", "data['hasChild']('ada') && 'abc'['contains']('b')", True),
    ("+ adds numbers", "1 + 2 == 3", True),
    ("+ joins strings", "'a' + 'b' == 'ab'", True),
    ("+ joins a string and a number", "'a' + 1 == 'a1' && 1.5 + 'a' == '1.5a'", True),
    ("+ does not join booleans", "data.child('text').val() + data.child('flag').val() == ''", "error"),
    ("- * / % calculate", "7 - 2 * 3 == 1 && 7 / 2 == 3.5 && 7 % 4 == 3 && -7 % 4 == -3", True),
    ("arithmetic with a string fails", "auth.uid - 1 == 0", "error"),
    ("arithmetic with null fails", "auth.token.missing * 2 == 0", "error"),
    ("a division by zero is not a number", "1 / 0 + '' == 'NaN' && 1 % 0 + '' == 'NaN'", True),
    ("not a number is not greater than anything", "1 / 0 > 0 || 1 / 0 < 0 || 1 / 0 == 1 / 0", False),
    ("== and === both compare without conversion", "auth.token.level == '3'", False),
    ("== of 1 and true is false", "auth.token.staff == 1", False),
    ("1 and 1.0 are one number", "1 == 1.0", True),
    ("!= and !== are the opposite", "auth.uid != 'u2' && auth.uid !== 'u2'", True),
    ("< <= > >= compare numbers", "1 < 2 && 2 <= 2 && 3 > 2 && 2 >= 2", True),
    ("< compares strings", "'a' < 'b' && 'B' < 'a' && 'a' <= 'a'", True),
    ("a comparison of different types fails", "auth.token.level < auth.token.name", "error"),
    ("a comparison of a number with null fails", "auth.token.missing > 1", "error"),
    ("a comparison of booleans fails", "auth.token.staff >= auth.token.staff", "error"),
    ("! negates", "!(auth == null)", True),
    ("&& binds closer than ||", "true || false && false", True),
    ("comparison binds closer than equality", "1 < 2 == true", True),
    ("* binds closer than +", "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9", True),
    ("- and / group to the left", "7 - 2 - 1 == 4 && 8 / 4 / 2 == 1", True),
    ("unary minus binds closest", "-2 + 3 == 1 && 3 - -2 == 5", True),
    ("the conditional takes its first value when true", "auth != null ? true : false", True),
    ("conditionals nest to the right", "false ? false : true ? true : false", True),
    ("&& does not look at its right side when the left is false", "false && auth.x.length > 1", False),
    ("|| does not look at its right side when the left is true", "true || auth.x.length > 1", True),
    ("an error on the left side of || makes the whole rule false", "auth.x.length > 1 || true", "error"),
    ("an error is not turned into true by !", "!(auth.x.length > 1)", "error"),
    ("the length of null fails", "auth.token.missing.length == 0", "error"),
    ("a method of null fails", "auth.token.missing.contains('a')", "error"),
    ("a method of a number fails", "auth.token.level.contains('3')", "error"),
    ("child() of null fails", "root.child(auth.token.missing).exists()", "error"),
    ("hasChild() of null fails", "root.hasChild(auth.token.missing)", "error"),
    ("hasChildren() with null among its keys fails", "root.hasChildren(['ada', auth.token.missing])", "error"),
    ("a string method with a number fails", "'a1'.contains(auth.token.level)", "error"),
    ("keys with a dot are asked for without error", "root.child('mail/ada@example.com').exists()", False),
]

UNAUTHENTICATED: list[tuple[str, str, bool | str]] = [
    ("auth is null if the client isn't authenticated", "auth == null", True),
    ("a property of null is null", "auth.uid == null && auth.token.name == null", True),
    ("auth.uid compares with a string without error", "auth.uid == 'u1'", False),
    ("a method of auth itself fails", "auth.contains('u')", "error"),
]

OURS: list[tuple[str, str, bool | str]] = [
    ("a list in a token has items and a length", "auth.token.groups[1] == 'b' && auth.token.groups.length == 2", True),
    ("two objects are never compared: deny", "data.child('ada').val() == data.child('list').val()", "error"),
    ("nor by !=: deny", "auth.token != auth.token", "error"),
    ("strings are measured in UTF-16 code units", "'a😀'.length == 3 && '\\ud83d\\ude00'.length == 2", True),
    ("strings are compared by UTF-16 code units", "'\\uffee' > '😀'", True),
    ("strings take JavaScript's escapes", r"""'\x41\u0042\n'.length == 3 && "it's" == 'it\'s'""", True),
    ("numbers may have a fraction and an exponent", "1.5e3 == 1500 && .5 == 0.5 && 2e-1 == 0.2", True),
    ("large numbers stay exact up to 64 bits", "9007199254740993 - 1 == 9007199254740992", True),
    ("numbers are written as JavaScript does", "1e21 + '' == '1e+21' && 0.000001 + '' == '0.000001'", True),
    ("a product beyond 64 bits becomes a double", "9007199254740993 * 9007199254740993 > 8e31", True),
    (
        "a string that grows over what the database holds fails",
        "data.child('text').val()" + ".replace('e', 'eeeeeeeeee')" * 20 + " == ''",
        "error",
    ),
]


@pytest.mark.parametrize(("sentence", "expression", "expected"), SPEC, ids=[row[0] for row in SPEC])
def test_spec_expression(sentence: str, expression: str, expected: bool | str) -> None:
    assert verdict(expression, data=PEOPLE) == expected


@pytest.mark.parametrize(
    ("sentence", "expression", "expected"), UNAUTHENTICATED, ids=[row[0] for row in UNAUTHENTICATED]
)
def test_spec_expression_without_a_user(sentence: str, expression: str, expected: bool | str) -> None:
    assert verdict(expression, data=PEOPLE, auth=None) == expected


@pytest.mark.parametrize(("sentence", "expression", "expected"), OURS, ids=[row[0] for row in OURS])
def test_ours_expression(sentence: str, expression: str, expected: bool | str) -> None:
    assert verdict(expression, data=PEOPLE) == expected


@pytest.mark.parametrize(
    ("data", "expression"),
    [
        ({".value": 1, ".priority": "high"}, "root.getPriority() == 'high'"),
        ({"a": 1, ".priority": 7}, "root.getPriority() == 7"),
    ],
    ids=["getPriority() returns the priority of a value", "getPriority() returns the priority of a node"],
)
def test_spec_priority(data: Any, expression: str) -> None:
    assert verdict(expression, data=data) is True


BY_CHILD = Query(order_by=OrderBy.CHILD, child=("info", "age"), limit=10)
BY_KEY = Query(order_by=OrderBy.KEY, start=Bound("a"), end=Bound("m"), limit=3, from_end=True)
EQUAL = Query(order_by=OrderBy.VALUE, start=Bound(5), end=Bound(5))

QUERIES: list[tuple[str, Query | None, str, bool | str]] = [
    ("orderByChild is the path to a child", BY_CHILD, "query.orderByChild == 'info/age'", True),
    ("orderByChild is null otherwise", BY_KEY, "query.orderByChild == null", True),
    ("orderByKey is true for queries ordered by key", BY_KEY, "query.orderByKey && !query.orderByValue", True),
    ("orderByValue is true for queries ordered by value", EQUAL, "query.orderByValue && !query.orderByKey", True),
    ("orderByPriority is true for queries ordered by priority", Query(), "query.orderByPriority", True),
    ("limitToFirst holds the limit", BY_CHILD, "query.limitToFirst <= 10 && query.limitToLast == null", True),
    ("limitToLast holds the limit", BY_KEY, "query.limitToLast == 3 && query.limitToFirst == null", True),
    ("startAt and endAt hold the bounds", BY_KEY, "query.startAt == 'a' && query.endAt == 'm'", True),
    ("equalTo holds the value", EQUAL, "query.equalTo == 5", True),
    ("a range is no equalTo", BY_KEY, "query.equalTo == null", True),
    ("a read without a query is ordered by key", None, "query.orderByKey && query.limitToFirst == null", True),
    ("a limit that is not given cannot be compared", None, "query.limitToFirst <= 1000", "error"),
]


@pytest.mark.parametrize(("sentence", "query", "expression", "expected"), QUERIES, ids=[row[0] for row in QUERIES])
def test_spec_query(sentence: str, query: Query | None, expression: str, expected: bool | str) -> None:
    assert verdict(expression, query=query) == expected
