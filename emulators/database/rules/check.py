"""The static checks at upload: every mistake in an expression that can be seen without data.

The checks are as strict as the service's: a rule and every operand of `&& || ! ?` must be known to be boolean, unknown
names are errors, an operand or argument is an error when no possible type of it would do. What `auth` and `val()` hold
is only known later, and a mistake with them is then a runtime error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from emulators.database.rules import syntax
from emulators.database.rules.errors import ExpressionError
from emulators.database.rules.methods import METHODS, QUERY_PROPERTIES, Method
from emulators.database.rules.regex import compile_regex
from emulators.database.rules.types import ADDABLE, ANY, COMPARABLE, NOTHING, ORDERED, Type, named, one_named, type_of

_EQUALITY = frozenset({"==", "===", "!=", "!=="})
_ORDERING = frozenset({"<", "<=", ">", ">="})
_OPERAND_TYPES = {
    **dict.fromkeys(_EQUALITY, COMPARABLE),
    **dict.fromkeys(_ORDERING, ORDERED),
    **dict.fromkeys(("-", "*", "/", "%"), Type.NUMBER),
    "+": ADDABLE,
}


def check_rule(node: syntax.Node, variables: Mapping[str, Type]) -> None:
    """Check the expression of a rule that may use these variables; ExpressionError for the first mistake."""
    if _Checker(variables).type(node) != Type.BOOLEAN:
        raise ExpressionError(_start(node), "The rule must be boolean; compare the value with something.")


class _Checker:
    def __init__(self, variables: Mapping[str, Type]) -> None:
        self._variables = variables

    def type(self, node: syntax.Node) -> Type:
        """All types the node may have while the rule runs."""
        match node:
            case syntax.Constant():
                return type_of(node.value)
            case syntax.Name():
                return self._variable(node)
            case syntax.Regex():
                compile_regex(node.pattern, node.flags, node.at)
                return Type.REGEX
            case syntax.Array():
                return self._array(node)
            case syntax.Member():
                return self._property(node)
            case syntax.Call():
                return self._call(node)
            case syntax.Unary():
                return self._unary(node)
            case syntax.Binary():
                return self._binary(node)
            case syntax.Logical():
                return self._logical(node)
            case syntax.Conditional():
                return self._conditional(node)
        assert_never(node)

    def _variable(self, node: syntax.Name) -> Type:
        if node.name not in self._variables:
            raise ExpressionError(node.at, f"Unknown variable '{node.name}'.")
        return self._variables[node.name]

    def _array(self, node: syntax.Array) -> Type:
        if not node.items:
            raise ExpressionError(node.at, "The array is empty; name at least one child.")
        for item in node.items:
            if not self.type(item) & Type.STRING:
                raise ExpressionError(_start(item), "The array must hold strings only.")
        return Type.ARRAY

    def _property(self, node: syntax.Member) -> Type:
        owner = self.type(node.owner)
        name = _name(node)
        if owner == Type.QUERY and name in QUERY_PROPERTIES:
            return QUERY_PROPERTIES[name]
        if owner & Type.OBJECT:
            self._check_key(node)
            return ANY
        if owner & Type.STRING and name == "length":
            return Type.NUMBER
        if name in METHODS and owner & METHODS[name].owner:
            raise ExpressionError(node.at, f"'{name}' is a method; call it with ().")
        raise _no_such(node)

    def _check_key(self, node: syntax.Member) -> None:
        key = self.type(node.key)
        if not key & ADDABLE:
            raise ExpressionError(node.at, f"A property's name must be a string, not {named(key)}.")

    def _call(self, node: syntax.Call) -> Type:
        callee = node.callee
        if not isinstance(callee, syntax.Member):
            raise ExpressionError(node.at, "Only methods can be called.")
        owner = self.type(callee.owner)
        method = METHODS.get(_name(callee) or "")
        if method is None or not owner & method.owner:
            raise _no_such(callee)
        self._check_arguments(node, _name(callee) or "", method)
        return method.returns

    def _check_arguments(self, node: syntax.Call, name: str, method: Method) -> None:
        if method.optional and not node.arguments:
            return
        if len(node.arguments) != len(method.arguments):
            expected = len(method.arguments)
            raise ExpressionError(node.at, f"{name}() takes {expected} argument(s), not {len(node.arguments)}.")
        for argument, expected_type in zip(node.arguments, method.arguments, strict=True):
            actual = self.type(argument)
            if not actual & expected_type:
                message = f"{name}() takes {one_named(expected_type)}, not {one_named(actual)}."
                raise ExpressionError(_start(argument), message)

    def _unary(self, node: syntax.Unary) -> Type:
        operand = self.type(node.operand)
        if node.operator == "!":
            if operand != Type.BOOLEAN:
                raise ExpressionError(node.at, "! only operates on booleans.")
            return Type.BOOLEAN
        if not operand & Type.NUMBER:
            raise ExpressionError(node.at, "- only operates on numbers.")
        return Type.NUMBER

    def _binary(self, node: syntax.Binary) -> Type:
        left, right = self.type(node.left), self.type(node.right)
        allowed = _OPERAND_TYPES[node.operator]
        for side, operand in (("Left", left), ("Right", right)):
            if not operand & allowed:
                raise ExpressionError(
                    node.at, f"{side} operand of {node.operator} must be {named(allowed)}, not {named(operand)}."
                )
        if node.operator in _ORDERING and not left & right & ORDERED:
            raise ExpressionError(node.at, f"Operands of {node.operator} must have the same type.")
        if node.operator == "+":
            return _sum(left, right)
        return Type.BOOLEAN if node.operator in _EQUALITY | _ORDERING else Type.NUMBER

    def _logical(self, node: syntax.Logical) -> Type:
        for position, operand in enumerate(node.operands):
            if self.type(operand) != Type.BOOLEAN:
                side = "Right" if position else "Left"
                raise ExpressionError(_start(operand), f"{side} operand of {node.operator} must be boolean.")
        return Type.BOOLEAN

    def _conditional(self, node: syntax.Conditional) -> Type:
        if self.type(node.test) != Type.BOOLEAN:
            raise ExpressionError(_start(node.test), "Condition of ? must be boolean.")
        yes, no = self.type(node.yes), self.type(node.no)
        # Only values of auth and of the database mix: a snapshot or a scalar, by turns, could not be checked.
        if yes != no and not (yes | no) & ~COMPARABLE == NOTHING:
            raise ExpressionError(node.at, "Both values of ? must have the same type.")
        return yes | no


def _sum(left: Type, right: Type) -> Type:
    if Type.STRING in (left, right):
        return Type.STRING
    return Type.NUMBER if left == right == Type.NUMBER else ADDABLE


def _name(node: syntax.Member) -> str | None:
    """The member's name if it is written in the rule, as `.name` or `["name"]`."""
    return node.key.value if isinstance(node.key, syntax.Constant) and isinstance(node.key.value, str) else None


def _no_such(node: syntax.Member) -> ExpressionError:
    return ExpressionError(node.at, f"No such method/property '{_name(node) or '[...]'}'.")


def _start(node: syntax.Node) -> int:
    """Where the node's text starts, for a message about the whole of it."""
    match node:
        case syntax.Member():
            return _start(node.owner)
        case syntax.Call():
            return _start(node.callee)
        case syntax.Binary():
            return _start(node.left)
        case syntax.Logical():
            return _start(node.operands[0])
        case syntax.Conditional():
            return _start(node.test)
    return node.at
