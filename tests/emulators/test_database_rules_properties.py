"""Laws that hold for every rule: nothing but the package's own errors ever comes out, and a verdict is a boolean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.database.json_form import from_json
from emulators.database.query import Bound, OrderBy, Query
from emulators.database.rules import RulesError, Ruleset, parse
from emulators.database.rules.values import number_text
from emulators.database.tree import View

pytestmark = pytest.mark.slow

ATOMS = st.sampled_from(
    ["auth", "auth.uid", "auth.token", "now", "root", "data", "query.limitToFirst", "query.startAt", "$k", "null",
     "true", "false", "0", "1", "1.5", "1e308", "9007199254740993", "'a'", "''", "'a/b'", "'😀'", "/a+/", "['a', 'b']"]
)  # fmt: skip
OPERATORS = st.sampled_from(["+", "-", "*", "/", "%", "==", "===", "!=", "!==", "<", "<=", ">", ">=", "&&", "||"])
METHODS = st.sampled_from(
    [".val()", ".exists()", ".parent()", ".isString()", ".isNumber()", ".isBoolean()", ".getPriority()",
     ".hasChildren()", ".toUpperCase()", ".toLowerCase()", ".length", ".name", ".matches(/^a|b$/i)"]
)  # fmt: skip
CALLS = st.sampled_from(["child", "hasChild", "contains", "beginsWith", "endsWith", "matches", "hasChildren"])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, OPERATORS, inner),
        st.builds("!{}".format, inner),
        st.builds("-{}".format, inner),
        st.builds("{}{}".format, inner, METHODS),
        st.builds("{}.{}({})".format, inner, CALLS, inner),
        st.builds("{}.replace({}, {})".format, inner, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, larger, max_leaves=8)
# Most random expressions are refused; these comparisons make rules that run.
RULES = st.one_of(EXPRESSIONS, st.builds("{} == {}".format, EXPRESSIONS, EXPRESSIONS))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
)
DATA = st.one_of(SCALARS, st.dictionaries(st.sampled_from(["a", "b", "name", "0"]), SCALARS, max_size=3))
AUTH = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"uid": st.text(max_size=3), "token": st.one_of(SCALARS, st.lists(SCALARS, max_size=2), DATA)}
    ),
)
QUERIES = st.one_of(
    st.none(), st.builds(Query, order_by=st.sampled_from(OrderBy), start=st.builds(Bound, SCALARS), limit=st.just(3))
)


def accepted(text: str) -> Ruleset | None:
    """The rules, or None if they were refused with a position that lies in the text."""
    refusal: RulesError | None = None
    try:
        return parse(text)
    except RulesError as error:
        refusal = error
    lines = text.split("\n")
    assert refusal.message
    assert 1 <= refusal.line <= len(lines)
    assert 1 <= refusal.column <= len(lines[refusal.line - 1]) + 1
    return None


@settings(max_examples=400)
@given(rule=RULES, data=DATA, auth=AUTH, query=QUERIES)
def test_ours_a_rule_is_refused_with_its_own_error_or_gives_a_verdict(
    rule: str, data: Any, auth: Any, query: Query | None
) -> None:
    rules = accepted(json.dumps({"rules": {"$k": {".read": rule, ".write": rule}}}))
    if rules is None:
        return
    root = View(from_json({"x": data}))
    assert isinstance(rules.can_read(("x",), auth=auth, now_ms=1, root=root, query=query), bool)
    assert isinstance(rules.can_write(("x",), auth=auth, now_ms=1, root=root, new_root=root), bool)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=60), st.text(alphabet='{}[]":,/*\\n $.rules', max_size=40)))
def test_ours_any_text_is_rules_or_is_refused_with_a_position(text: str) -> None:
    accepted(text)


@settings(max_examples=300)
@given(st.text(alphabet="()[]{}|*+?.^$\\-adsw,019/ig", max_size=15))
def test_ours_any_pattern_is_compiled_or_refused(pattern: str) -> None:
    rules = accepted(json.dumps({"rules": {".read": f"auth.uid.matches(/{pattern}/)"}}))
    if rules is not None:
        assert isinstance(rules.can_read((), auth={"uid": "aad1"}, now_ms=1, root=View(), query=None), bool)


@settings(max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_spec_the_text_of_a_number_reads_back_as_it(number: float) -> None:
    assert float(number_text(number)) == number
