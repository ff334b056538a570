"""The security rules of the Realtime Database: a rules file in, decisions about reads and writes out.

    source    the file's relaxed JSON, with the place of every character
    lexer, parser, syntax   an expression's text to its tree
    types, methods, check   what is wrong with an expression before any data is seen
    regex     the documented regular expressions, for an engine that takes linear time
    values, snapshot, compiler   the expression as a function of one request
    reader, ruleset   the file as a tree of places, and who decides about a path

Pure: the time, the data and the credentials come in as arguments.
"""

from emulators.database.rules.errors import RulesError
from emulators.database.rules.reader import parse
from emulators.database.rules.ruleset import Ruleset

__all__ = ["RulesError", "Ruleset", "parse"]
