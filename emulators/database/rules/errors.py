"""What can be wrong with rules.

RulesError        the text cannot be used as rules: `line:column: message`, refused at upload
ExpressionError   the same inside one expression, before its place in the file is known
RuleFailure       an evaluated rule met a value it cannot work with; makes the rule false and stays in this package
"""


class RulesError(ValueError):
    """Rules that cannot be uploaded; the text is `line:column: message`, both counted from 1 in the uploaded file."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.line = line
        self.column = column
        self.message = message


class ExpressionError(Exception):
    """A mistake at the character `at` of an expression's own text."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


class RuleFailure(Exception):
    """A runtime error in a rule: the whole rule is false."""
