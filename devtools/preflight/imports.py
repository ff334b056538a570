"""Which modules main.py can reach and what they import, read from the text; pure but for reading the files.

Imports inside functions count: they are what only a request meets. Imports for the type checker alone do not. A
source's own `extract:` file is reached too: a run loads it by its name. So is every module of a package from which one
is loaded by its name: `import_module(f".{name}", __package__)`, or `package.__name__` of a package that is imported.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """One package from outside that a file imports."""

    file: Path
    line: int
    package: str  # the first part of its name


@dataclass(frozen=True, slots=True)
class Reached:
    """What main.py can reach."""

    modules: tuple[str, ...]  # of the project, main and extractors left out
    imports: tuple[Import, ...]  # of everything else, standard library included


def reach(functions: Path) -> Reached:
    """Follows the imports of main.py and of every extractor; a file that is no Python leads nowhere."""
    waiting = [functions / "main.py", *sorted((functions / "sources").glob("*.py"))]
    seen: set[Path] = set()
    modules: set[str] = set()
    outside: list[Import] = []
    while waiting:
        file = waiting.pop()
        if file in seen or not file.is_file():
            continue
        seen.add(file)
        for line, name in _imported(file, functions):
            found = _files(functions, name)
            waiting += found
            modules |= {_module(functions, each) for each in found}
            if not found and not (functions / name.partition(".")[0]).is_dir():
                outside.append(Import(file, line, name.partition(".")[0]))
    return Reached(
        tuple(sorted(modules)), tuple(sorted(outside, key=lambda each: (each.file, each.line, each.package)))
    )


def _imported(file: Path, functions: Path) -> Iterator[tuple[int, str]]:
    """Every absolute module name that a file imports, and those that its `from` imports may mean, with their lines."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return  # loading it says what is wrong
    package = file.relative_to(functions).parts[:-1]
    packages = {"__package__": ".".join(package)}
    for node in _live(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            if module:
                yield node.lineno, module
            names = [".".join(filter(None, (module, alias.name))) for alias in node.names]
            yield from ((node.lineno, name) for name in names if _files(functions, name))
            packages |= {f"{name.rpartition('.')[2]}.__name__": name for name in names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "import_module" and len(node.args) > 1:
            name = packages.get(ast.unparse(node.args[1]), "")
            files = sorted(functions.joinpath(*name.split(".")).glob("*.py")) if name else []
            yield from ((node.lineno, f"{name}.{each.stem}") for each in files)


def _live(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            continue
        yield child
        yield from _live(child)


def _files(functions: Path, name: str) -> list[Path]:
    """The project's file of a module, after those of the packages around it; empty where it is from outside."""
    parts = name.split(".")
    last = functions.joinpath(*parts)
    own = next((file for file in (last.with_suffix(".py"), last / "__init__.py") if file.is_file()), None)
    if own is None:
        return []
    around = (functions.joinpath(*parts[:count], "__init__.py") for count in range(1, len(parts)))
    return [*(file for file in around if file.is_file()), own]


def _module(functions: Path, file: Path) -> str:
    parts = file.relative_to(functions).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
