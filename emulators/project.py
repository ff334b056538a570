"""firebase.json and .firebaserc, read strictly: what this suite does not do is refused, never ignored.

Facts relied on: the shapes of the Firebase CLI's own schema. Keys that only matter when deploying are allowed and
unused here.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from emulators.errors import ConfigError
from emulators.hosting import globs

DEFAULT_PROJECT = "demo-project"  # Firebase treats demo-* as a project that exists nowhere
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
Hooks = str | list[str]
T = TypeVar("T")


class Strict(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A part of a configuration file in which an unknown key is an error; its options are inherited."""


class FunctionTarget(Strict, frozen=True):
    """The function of a rewrite, in its long form."""

    function_id: str
    region: str | None = None
    pin_tag: bool = False


class Pattern(Strict, frozen=True):
    """What paths a rule is for: a glob, or a regular expression of RE2."""

    source: str | None = None
    glob: str | None = None
    regex: str | None = None


class Rewrite(Pattern, frozen=True):
    """Paths that a function or another file answers."""

    function: str | FunctionTarget | None = None
    destination: str | None = None


class Redirect(Pattern, frozen=True):
    """Paths that are elsewhere."""

    destination: str = ""
    type: int = 301


class Header(Strict, frozen=True):
    """One response header."""

    key: str
    value: str


class Headers(Pattern, frozen=True):
    """Response headers for some paths."""

    headers: list[Header] = []


class Hosting(Strict, frozen=True):
    """The section `hosting`: one site."""

    public: str
    ignore: list[str] = []
    rewrites: list[Rewrite] = []
    redirects: list[Redirect] = []
    headers: list[Headers] = []
    clean_urls: bool = False
    trailing_slash: bool | None = None
    site: str | None = None
    target: str | None = None
    predeploy: Hooks = []
    postdeploy: Hooks = []


class Functions(Strict, frozen=True):
    """The section `functions`: one code base."""

    source: str = "functions"
    codebase: str = "default"
    runtime: str | None = None
    ignore: list[str] = []
    predeploy: Hooks = []
    postdeploy: Hooks = []
    disallow_legacy_runtime_config: bool = False


class Database(Strict, frozen=True):
    """The section `database`: one instance."""

    rules: str
    instance: str | None = None
    target: str | None = None


class Emulator(Strict, frozen=True):
    """Where one emulator listens."""

    port: int | None = None
    host: str | None = None
    enabled: bool = True


class Emulators(Strict, frozen=True):
    """The section `emulators`; ports of what only the official suite has are allowed."""

    functions: Emulator = Emulator()
    database: Emulator = Emulator()
    hosting: Emulator = Emulator()
    auth: Emulator = Emulator()
    tasks: Emulator = Emulator()
    eventarc: Emulator = Emulator()
    hub: Emulator = Emulator()
    logging: Emulator = Emulator()
    ui: Emulator = Emulator()
    single_project_mode: bool = True


class Project(Strict, frozen=True):
    """The whole of firebase.json."""

    schema: str | None = field(name="$schema", default=None)
    functions: Functions | list[Functions] = Functions()
    database: Database | None = None
    hosting: Hosting | None = None
    emulators: Emulators = Emulators()

    @property
    def codebase(self) -> Functions:
        """The one code base of functions."""
        return self.functions if isinstance(self.functions, Functions) else self.functions[0]


class Rc(Struct, frozen=True):
    """.firebaserc: the names of projects."""

    projects: dict[str, str] = {}


def load(folder: Path) -> Project:
    """Reads and checks the folder's firebase.json; ConfigError says where it is wrong and what to do."""
    project = _decode(folder / "firebase.json", Project)
    if isinstance(project.functions, list) and len(project.functions) != 1:
        raise ConfigError("firebase.json: functions has several code bases; this suite serves one")
    for index, glob in enumerate(project.codebase.ignore):
        _check_pattern(f"firebase.json: functions.ignore[{index}]", Pattern(source=glob))
    if project.hosting is not None:
        check_hosting(project.hosting)
    return project


def project_id(folder: Path, wanted: str | None = None) -> str:
    """The id of the project `wanted`, which may be an alias of .firebaserc; without one, of its default.

    `DEFAULT_PROJECT` where there is neither; ConfigError where .firebaserc cannot be read.
    """
    file = folder / ".firebaserc"
    aliases = _decode(file, Rc).projects if file.exists() else {}
    return aliases.get(wanted, wanted) if wanted else aliases.get("default", DEFAULT_PROJECT)


def check_hosting(hosting: Hosting) -> None:
    """Refuses what the types cannot: unreadable patterns, rules with two meanings or none."""
    rules: list[tuple[str, Pattern]] = [
        *((f"ignore[{index}]", Pattern(source=glob)) for index, glob in enumerate(hosting.ignore)),
        *((f"rewrites[{index}]", rule) for index, rule in enumerate(hosting.rewrites)),
        *((f"redirects[{index}]", rule) for index, rule in enumerate(hosting.redirects)),
        *((f"headers[{index}]", rule) for index, rule in enumerate(hosting.headers)),
    ]
    for where, rule in rules:
        _check_pattern(f"firebase.json: hosting.{where}", rule)
    for index, rewrite in enumerate(hosting.rewrites):
        if (rewrite.function is None) == (rewrite.destination is None):
            raise ConfigError(f"firebase.json: hosting.rewrites[{index}]: give either function or destination")
    for index, redirect in enumerate(hosting.redirects):
        if redirect.type not in REDIRECT_STATUSES or not redirect.destination:
            raise ConfigError(
                f"firebase.json: hosting.redirects[{index}]: give a destination and a type of "
                f"{', '.join(str(status) for status in sorted(REDIRECT_STATUSES))}"
            )


def matcher(rule: Pattern) -> Callable[[str], re.Match[str] | None]:
    """The test of a rule: a decoded path in, the match or None out."""
    if rule.regex is not None:
        import re2  # only a project that writes expressions of its own pays for the import

        found: Callable[[str], re.Match[str] | None] = re2.compile(rule.regex).search
        return found
    return globs.translate(rule.source or rule.glob or "").fullmatch


def _check_pattern(where: str, rule: Pattern) -> None:
    given = [text for text in (rule.source, rule.glob, rule.regex) if text is not None]
    if len(given) != 1:
        raise ConfigError(f"{where}: give one of source and regex")
    try:
        matcher(rule)
    except Exception as error:  # each engine of expressions raises a type of its own
        raise ConfigError(f"{where}: {given[0]!r} is no pattern: {error}") from error


def _decode(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except FileNotFoundError as error:
        raise ConfigError(f"{file.name} is not in {file.parent}: start in the folder of the project") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file.name}: this is no UTF-8: save the file in it") from error
    except msgspec.DecodeError as error:
        raise ConfigError(f"{file.name}: {error}: the local suite does what it says or says that it cannot") from error
