"""Checks of what the project declares: its functions are those that have routes, its sources are valid."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from devtools.preflight import rewrites
from devtools.preflight.finding import Finding, at_line
from devtools.preflight.subject import Subject

JOINT = "; "  # what the package writes between what is wrong with a source and the mend


def names(subject: Subject) -> Iterator[Finding]:
    """Firebase finds each function that main.py declares, that has routes or that a queue needs, each by its own name.

    Two functions of one inner name deploy as one (a wrapper without functools.wraps): then one is missing here.
    """
    tables = subject.tables
    if tables is None or not subject.loaded.document:
        return
    if isinstance(tables, str):
        yield Finding(subject.relative(subject.functions), f"the package does not load: {tables}", "mend what it names")
        return
    main = subject.functions / "main.py"
    declared = _declared(main)
    needed = dict.fromkeys(declared, "is declared") | dict.fromkeys(tables.routes, "has routes")
    needed |= {tables.queue: "the runs are handed to"}
    for name in sorted(set(needed) - set(subject.loaded.endpoints)):
        mend = "define it under this name, with functools.wraps in every wrapper"
        yield Finding(subject.relative(main), f"Firebase does not find the function {name}, which {needed[name]}", mend)
    for name in sorted(name for name, times in declared.items() if times > 1):
        what = f"{name} is defined more than once: only the last is deployed"
        yield Finding(subject.relative(main), what, "give each its own name")
    for name in sorted(rewrites.served(subject) - set(tables.routes)):
        what = f"the function {name} has no routes: the API knows nothing of it, and the specification is silent"
        mend = "name it in ROUTES of a module of kindling/serve/endpoints"
        yield Finding(at_line(main, subject.folder, f"def {name}("), what, mend, "warning")
    for name in tables.mistakable:
        what = f"a collection could be called {name}, and at its own URL the function could not tell"
        mend = f"begin its name with one of {', '.join(f'{verb}_' for verb in tables.verbs)}"
        yield Finding(at_line(main, subject.folder, f"def {name}("), what, mend)


def _declared(main: Path) -> Counter[str]:
    """How often main.py defines each function with a decorator of the SDK, whose modules are https_fn and the like."""
    defined = (node for node in ast.parse(main.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef))
    return Counter(each.name for each in defined if any(map(_of_the_sdk, each.decorator_list)))


def _of_the_sdk(decorator: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id.endswith("_fn") for part in ast.walk(decorator))


def sources(subject: Subject) -> Iterator[Finding]:
    """Every source file is valid."""
    if subject.tables is None or isinstance(subject.tables, str):
        return
    for problem in subject.tables.problems:
        where, _, rest = problem.partition(": ")
        what, joint, mend = rest.rpartition(JOINT)
        file = subject.relative(subject.tables.folder / where)  # of a whole path only itself is left
        if joint:
            yield Finding(file, what, mend, joint=joint)
        else:
            yield Finding(file, rest, "docs/sources.md has every key with its values")


def inside(subject: Subject) -> Iterator[Finding]:
    """No source reads an address that only this computer or its network has: on the web such a fetch is refused."""
    if subject.tables is None or isinstance(subject.tables, str):
        return
    for name, url, why in subject.tables.inside:
        where = at_line(subject.tables.folder / f"{name}.yaml", subject.folder, url)
        what = f"{url} is no address of the web ({why}): each run fails there"
        mend = "name a public page, and one of this project's own site by its path alone, as /demo/movies.html"
        yield Finding(where, what, mend, "warning")
