"""Every row of the table of methods: what it gives is of the type that it says, and so is what it takes."""

from __future__ import annotations

import pytest

from emulators.database.rules.methods import METHODS
from emulators.database.rules.types import Type
from tests.emulators.rules_cases import verdict

DATA = {"a": {"b": 1}}
OF = {
    Type.SNAPSHOT: "data.child('a')",
    Type.STRING: "'b'",
    Type.NUMBER: "2",
    Type.BOOLEAN: "true",
    Type.ARRAY: "['b']",
    Type.REGEX: "/b/",
}
OTHER = {Type.STRING: "auth.token.level", Type.NUMBER: "auth.uid", Type.BOOLEAN: "auth.uid"}
IS = {
    Type.SNAPSHOT: "{0}.exists() || !{0}.exists()",
    Type.STRING: "{0}.length >= 0",
    Type.NUMBER: "{0} - {0} == 0",
    Type.BOOLEAN: "{0} == true || {0} == false",
}
"""What is true of each value of a type, and of no other."""


def call(name: str, arguments: dict[Type, str]) -> str:
    """The method asked of an example of its owner."""
    return f"{OF[METHODS[name].owner]}.{name}({', '.join(arguments[one] for one in METHODS[name].arguments)})"


@pytest.mark.parametrize("name", [name for name, row in METHODS.items() if row.returns in IS])
def test_ours_a_method_gives_what_its_row_says(name: str) -> None:
    asked = call(name, OF)
    assert verdict(IS[METHODS[name].returns].format(asked), data=DATA) is True, f"the row of {name}: `returns`"


@pytest.mark.parametrize("name", [name for name, row in METHODS.items() if OTHER.keys() & set(row.arguments)])
def test_ours_a_method_is_never_given_another_type_than_its_row_says(name: str) -> None:
    asked = call(name, OF | OTHER)
    returns = METHODS[name].returns
    assert verdict(IS[returns].format(asked) if returns in IS else f"{asked} == 1", data=DATA) == "error"
