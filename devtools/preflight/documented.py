"""Checks of what the project says of itself: its functions are the documented ones, its sources are valid."""

from collections.abc import Iterator

from devtools.preflight.finding import Finding, at_line
from devtools.preflight.subject import Subject

NAMES = "kindling/naming.py"  # where the documented names are


def names(subject: Subject) -> Iterator[Finding]:
    """The functions that Firebase finds are those that are documented.

    Two functions of one inner name deploy as one (a wrapper without functools.wraps): then one is missing here.
    """
    tables = subject.tables
    if tables is None or not subject.loaded.document:
        return
    table = subject.relative(subject.functions / NAMES)
    if isinstance(tables, str):
        yield Finding(subject.relative(subject.functions), f"the package does not load: {tables}", "mend what it names")
        return
    found = set(subject.loaded.endpoints)
    main = subject.functions / "main.py"
    for name in sorted(tables.functions - found):
        what = f"Firebase does not find the function {name}, which is documented"
        mend = f"define it under this name, with functools.wraps in every wrapper, or take it out of {table}"
        yield Finding(subject.relative(main), what, mend)
    for name in sorted(found - tables.functions):
        what = f"the function {name} is not documented: a collection could take its name and hide it"
        yield Finding(at_line(main, subject.folder, f"def {name}("), what, f"add it to FUNCTIONS in {table}")


def sources(subject: Subject) -> Iterator[Finding]:
    """Every source file is valid."""
    if subject.tables is None or isinstance(subject.tables, str):
        return
    for problem in subject.tables.problems:
        where, _, rest = problem.partition(": ")
        what, _, mend = rest.rpartition("; ")
        file = subject.relative(subject.tables.folder / where)  # of a whole path only itself is left
        yield Finding(file, what or mend, mend if what else "docs/sources.md has every key with its values")
