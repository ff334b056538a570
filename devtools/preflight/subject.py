"""The one look at a project that every check is given."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devtools.preflight import asking, loading
from devtools.preflight.finding import Finding
from emulators import project
from emulators.errors import ConfigError, SuiteError
from emulators.functions import dotenv

UNREAD = frozenset({".env.local", ".env.example"})  # the emulator's alone, and nobody's


@dataclass(frozen=True, slots=True)
class Variables:
    """What one .env file says, or why it cannot be read."""

    file: Path
    values: Mapping[str, str]
    wrong: str | None = None

    def where(self, name: str, folder: Path) -> str:
        """`FILE:LINE` of a variable."""
        text = self.file.read_text(encoding="utf-8")
        found = re.search(rf"^\s*(export\s+)?{re.escape(name)}\s*=", text, re.MULTILINE)
        line = text.count("\n", 0, found.end()) + 1 if found else 1
        return f"{self.file.relative_to(folder)}:{line}"


@dataclass(frozen=True, slots=True)
class Subject:
    """A project: its files, and what its programs say of it."""

    folder: Path
    config: project.Project
    project: str  # its id on Firebase
    loaded: loading.Loaded
    tables: asking.Tables | str | None
    env_files: tuple[Variables, ...]
    cli: tuple[str, ...] = ()  # the words that start the Firebase CLI, where a check may ask Google

    @property
    def functions(self) -> Path:
        """The folder of main.py."""
        return self.folder / self.config.codebase.source

    @property
    def public(self) -> Path | None:
        """The folder of the static pages, None where there is no Hosting."""
        return self.folder / self.config.hosting.public if self.config.hosting else None

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables that a deploy to this project gives the functions: of .env, then of .env.PROJECT."""
        return _effective(self.env_files, self.project)

    def relative(self, file: Path) -> str:
        """A file's name within the project; its whole path where it is elsewhere."""
        return str(file.relative_to(self.folder) if file.is_relative_to(self.folder) else file)


def look(folder: Path, wanted: str | None, sources: Path | None, cli: tuple[str, ...] = ()) -> Subject | Finding:
    """Looks at the project in `folder`, to go to `wanted` or its default; a Finding where nothing can be read."""
    try:
        config = project.load(folder)
        name = project.project_id(folder, wanted)
    except SuiteError as error:
        where, *what = str(error).split(": ")
        return Finding(where, ": ".join(what[:-1] or what), "write it as Firebase's documentation of this file has it")
    functions = folder / config.codebase.source
    if not functions.is_dir():
        missing = f"functions.source: there is no folder {config.codebase.source}"
        return Finding("firebase.json", missing, "name the folder of main.py")
    env_files = tuple(_variables(file) for file in sorted(functions.glob(".env*")) if file.name not in UNREAD)
    loaded = loading.load(functions, name, _effective(env_files, name))
    return Subject(folder, config, name, loaded, asking.ask(functions, sources), env_files, cli)


def _variables(file: Path) -> Variables:
    try:
        return Variables(file, dotenv.read(file))
    except ConfigError as error:
        return Variables(file, {}, str(error))


def _effective(files: tuple[Variables, ...], name: str) -> dict[str, str]:
    order = {".env": 0, f".env.{name}": 1}
    read = sorted((each for each in files if each.file.name in order), key=lambda each: order[each.file.name])
    return {key: value for each in read for key, value in each.values.items()}
