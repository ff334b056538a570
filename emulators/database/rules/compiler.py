"""Turns a checked expression into closures: `Evaluate(scope)` gives its value or raises RuleFailure.

Everything that does not depend on data is done here once: names become positions in the path, regular expressions are
compiled, methods are looked up. Relies on `check_rule` having accepted the expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from emulators.database.keys import Path
from emulators.database.rules import syntax
from emulators.database.rules.errors import RuleFailure
from emulators.database.rules.methods import METHODS
from emulators.database.rules.regex import compile_regex
from emulators.database.rules.snapshot import Snapshot
from emulators.database.rules.types import SCALAR, Type, named, type_of
from emulators.database.rules.values import OPERATORS, member, negate
from emulators.database.tree import View


class Scope:
    """What a rule may look at. `path` is the place of the rule in the database and changes from rule to rule."""

    __slots__ = ("auth", "new_root", "now_ms", "path", "query", "root")

    def __init__(
        self,
        *,
        auth: dict[str, Any] | None,
        now_ms: int,
        root: View,
        new_root: View,
        query: dict[str, Any],
    ) -> None:
        self.auth = auth
        self.now_ms = now_ms
        self.root = root
        self.new_root = new_root
        self.query = query
        self.path: Path = ()


Evaluate = Callable[[Scope], Any]

_VARIABLES: dict[str, Evaluate] = {
    "auth": lambda scope: scope.auth,
    "now": lambda scope: scope.now_ms,
    "query": lambda scope: scope.query,
    "root": lambda scope: Snapshot(scope.root, ()),
    "data": lambda scope: Snapshot(scope.root, scope.path),
    "newData": lambda scope: Snapshot(scope.new_root, scope.path),
}


def compile_expression(node: syntax.Node, captured: Mapping[str, int]) -> Evaluate:
    """The expression as a function; `captured` tells which segment of the path each `$name` is."""
    match node:
        case syntax.Constant():
            return _constant(node.value)
        case syntax.Name():
            return _VARIABLES[node.name] if node.name in _VARIABLES else _segment(captured[node.name])
        case syntax.Regex():
            return _constant(compile_regex(node.pattern, node.flags, node.at))
        case syntax.Array():
            return _array([compile_expression(item, captured) for item in node.items])
        case syntax.Member():
            return _pair(member, compile_expression(node.owner, captured), compile_expression(node.key, captured))
        case syntax.Call():
            return _call(node, captured)
        case syntax.Unary():
            operand = compile_expression(node.operand, captured)
            return (
                (lambda scope: not operand(scope)) if node.operator == "!" else (lambda scope: negate(operand(scope)))
            )
        case syntax.Binary():
            left, right = compile_expression(node.left, captured), compile_expression(node.right, captured)
            return _pair(OPERATORS[node.operator], left, right)
        case syntax.Logical():
            return _logical(node.operator, [compile_expression(operand, captured) for operand in node.operands])
        case syntax.Conditional():
            test, yes, no = (compile_expression(part, captured) for part in (node.test, node.yes, node.no))
            return lambda scope: yes(scope) if test(scope) else no(scope)
    assert_never(node)


def _constant(value: Any) -> Evaluate:
    return lambda _scope: value


def _segment(position: int) -> Evaluate:
    return lambda scope: scope.path[position]


def _pair(operate: Callable[[Any, Any], Any], left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda scope: operate(left(scope), right(scope))


def _logical(operator: str, operands: list[Evaluate]) -> Evaluate:
    if operator == "&&":
        return lambda scope: all(operand(scope) for operand in operands)
    return lambda scope: any(operand(scope) for operand in operands)


def _array(items: list[Evaluate]) -> Evaluate:
    return lambda scope: [_string(item(scope)) for item in items]


def _call(node: syntax.Call, captured: Mapping[str, int]) -> Evaluate:
    callee = node.callee
    if not isinstance(callee, syntax.Member) or not isinstance(callee.key, syntax.Constant):
        raise AssertionError("the check lets only named methods be called")
    method = METHODS[str(callee.key.value)]
    owner = compile_expression(callee.owner, captured)
    if method.owner is Type.STRING:
        owner = _checked(owner)
    arguments = [
        _typed(compile_expression(argument, captured), wanted)
        if wanted in SCALAR
        else compile_expression(argument, captured)
        for argument, wanted in zip(node.arguments, method.arguments, strict=False)
    ]
    run = method.run
    if not arguments:
        return lambda scope: run(owner(scope))
    if len(arguments) == 1:
        only = arguments[0]
        return lambda scope: run(owner(scope), only(scope))
    return lambda scope: run(owner(scope), *[argument(scope) for argument in arguments])


def _typed(evaluate: Evaluate, wanted: Type) -> Evaluate:
    """The same where it gives what is wanted: a scalar may be of any type until it is there."""
    if wanted is Type.STRING:
        return _checked(evaluate)

    def checked(scope: Scope) -> Any:
        value = evaluate(scope)
        if not type_of(value) & wanted:
            raise RuleFailure(f"a {named(wanted)} is needed here")
        return value

    return checked


def _checked(evaluate: Evaluate) -> Evaluate:
    return lambda scope: _string(evaluate(scope))


def _string(value: Any) -> str:
    if value.__class__ is not str:
        raise RuleFailure("a string is needed here")
    return value
