"""Reads a rule expression into its syntax tree, with JavaScript's precedence.

From the weakest: `? :` (to the right), `||`, `&&`, `== != === !==`, `< <= > >=`, `+ -`, `* / %`, unary `! -`, and
last members `a.b`, `a["b"]` and calls. Knows nothing of types or variables.
"""

from __future__ import annotations

from emulators.database.rules import syntax
from emulators.database.rules.errors import ExpressionError
from emulators.database.rules.lexer import Kind, Token, tokenize
from emulators.database.rules.syntax import Node

MAX_DEPTH = 60
"""How deep an expression may be nested; each level costs frames of Python's stack here and in every later pass."""

_LEVELS = (("==", "!=", "===", "!=="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))
_CONSTANTS: dict[str, syntax.Literal] = {"true": True, "false": False, "null": None}


def parse_expression(text: str) -> Node:
    """The tree of a whole expression, or ExpressionError."""
    parser = _Parser(tokenize(text))
    node = parser.expression()
    parser.expect_end()
    return node


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def expect_end(self) -> None:
        if self._now.kind is not Kind.END:
            raise ExpressionError(self._now.at, f"Unexpected '{self._now.text}' after the end of the expression.")

    def expression(self) -> Node:
        self._deeper(1)
        node = self._conditional()
        self._deeper(-1)
        return node

    def _conditional(self) -> Node:
        test = self._logical("||")
        at = self._now.at
        if not self._accept("?"):
            return test
        yes = self.expression()
        self._expect(":")
        return syntax.Conditional(at, test, yes, self.expression())

    def _logical(self, operator: str) -> Node:
        first = self._logical("&&") if operator == "||" else self._binary(0)
        at = self._now.at
        operands = [first]
        while self._accept(operator):
            operands.append(self._logical("&&") if operator == "||" else self._binary(0))
        return first if len(operands) == 1 else syntax.Logical(at, operator, tuple(operands))

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        chained = 0
        while (operator := self._now).kind is Kind.OPERATOR and operator.text in _LEVELS[level]:
            self._at += 1
            chained += 1
            self._deeper(1)
            left = syntax.Binary(operator.at, operator.text, left, self._binary(level + 1))
        self._deeper(-chained)
        return left

    def _unary(self) -> Node:
        token = self._now
        if token.kind is not Kind.OPERATOR or token.text not in "!-+":
            return self._postfix(self._primary())
        if token.text == "+":
            raise ExpressionError(token.at, "Unary expressions may not contain '+'.")
        self._at += 1
        self._deeper(1)
        node = syntax.Unary(token.at, token.text, self._unary())
        self._deeper(-1)
        return node

    def _postfix(self, node: Node) -> Node:
        chained = 0
        while True:
            at = self._now.at
            if self._accept("."):
                node = self._member(node)
            elif self._accept("["):
                key = self.expression()
                self._expect("]")
                node = syntax.Member(key.at, node, key)
            elif self._accept("("):
                node = syntax.Call(at, node, self._items(")"))
            else:
                break
            chained += 1
            self._deeper(1)
        self._deeper(-chained)
        return node

    def _member(self, owner: Node) -> Node:
        name = self._now
        if name.kind is not Kind.NAME:
            raise ExpressionError(name.at, "Expected a name after '.'.")
        self._at += 1
        return syntax.Member(name.at, owner, syntax.Constant(name.at, name.text))

    def _items(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        if not self._accept(closing):
            items.append(self.expression())
            while self._accept(","):
                items.append(self.expression())
            self._expect(closing)
        return tuple(items)

    def _primary(self) -> Node:
        token = self._now
        if token.kind is Kind.OPERATOR and token.text not in "([":
            raise ExpressionError(token.at, f"Expected a value before '{token.text}'.")
        self._at += 1
        if token.kind is Kind.END:
            self._at -= 1
            raise ExpressionError(token.at, "Unexpected end of expression.")
        return self._grouped(token) if token.kind is Kind.OPERATOR else _leaf(token)

    def _grouped(self, opening: Token) -> Node:
        if opening.text == "[":
            return syntax.Array(opening.at, self._items("]"))
        node = self.expression()
        self._expect(")")
        return node

    def _accept(self, text: str) -> bool:
        if self._now.kind is Kind.OPERATOR and self._now.text == text:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            found = f"'{self._now.text}'" if self._now.kind is not Kind.END else "the end of the expression"
            raise ExpressionError(self._now.at, f"Expected '{text}', found {found}.")

    def _deeper(self, by: int) -> None:
        self._depth += by
        if self._depth > MAX_DEPTH:
            raise ExpressionError(self._now.at, f"The expression is nested deeper than {MAX_DEPTH} levels.")


def _leaf(token: Token) -> Node:
    if token.kind is Kind.NUMBER:
        return syntax.Constant(token.at, _number(token.text))
    if token.kind is Kind.STRING:
        return syntax.Constant(token.at, token.text)
    if token.kind is Kind.REGEX:
        pattern, _, flags = token.text[1:].rpartition("/")
        return syntax.Regex(token.at, pattern, flags)
    if token.text in _CONSTANTS:
        return syntax.Constant(token.at, _CONSTANTS[token.text])
    return syntax.Name(token.at, token.text)


def _number(text: str) -> int | float:
    """Integers up to the database's 64 bits stay exact; everything else is a double."""
    number = float(text)
    return int(text) if text.isdigit() and number < 2.0**63 else number
