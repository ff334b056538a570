"""What Hosting answers to a path: the order of redirects, files, rewrites; decides, and sends nothing.

The order is the documentation's ("Hosting response priorities"): redirects, then a file of exactly this path, then
rewrites, then the 404 page.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from emulators import project
from emulators.hosting import globs, paths

PLACE = re.compile(r":(\w+)\*?")


@dataclass(frozen=True)
class Moved:
    """The answer is elsewhere."""

    status: int
    location: str


@dataclass(frozen=True)
class Static:
    """The answer is a file."""

    file: Path
    status: int = 200


@dataclass(frozen=True)
class Called:
    """The answer is a function's."""

    function: str
    region: str | None  # None: wherever it is


@dataclass(frozen=True)
class Missing:
    """There is nothing, and no page that says so."""


Decision = Moved | Static | Called | Missing


class Site:
    """One site of one folder."""

    def __init__(self, folder: Path, config: project.Hosting) -> None:
        self._public = (folder / config.public).resolve()
        self._config = config
        self._ignored = [globs.translate(pattern).fullmatch for pattern in config.ignore]
        self._redirects = [(project.matcher(rule), rule) for rule in config.redirects]
        self._rewrites = [(project.matcher(rule), rule) for rule in config.rewrites]
        self._headers = [(project.matcher(rule), rule) for rule in config.headers]

    def decide(self, path: str) -> Decision:
        """The answer to a decoded path."""
        return self._redirect(path) or self._static(path) or self._rewrite(path) or self._missing()

    def headers(self, path: str) -> dict[str, str]:
        """The configured response headers of a decoded path; a later rule wins."""
        return {header.key: header.value for test, rule in self._headers if test(path) for header in rule.headers}

    def functions(self) -> set[str]:
        """The names of the functions that rewrites lead to."""
        return {_target(rule.function).function_id for _, rule in self._rewrites if rule.function is not None}

    def file(self, path: str) -> Path | None:
        """The file of exactly this decoded path; None for folders, ignored files and whatever is outside."""
        if any(ignored(path) for ignored in self._ignored):
            return None
        try:
            found = (self._public / path.lstrip("/")).resolve(strict=True)
        except (OSError, ValueError):
            return None  # no such file, or a name the file system cannot have
        return found if found.is_relative_to(self._public) and found.is_file() and not path.endswith("/") else None

    def _redirect(self, path: str) -> Moved | None:
        for test, rule in self._redirects:
            if match := test(path):
                groups = match.groupdict("") | {str(at): group for at, group in enumerate(match.groups(""), 1)}
                target = PLACE.sub(lambda place: paths.encode(groups.get(place[1], place[0])), rule.destination)  # noqa: B023  # used before the loop goes on
                return Moved(rule.type, target)
        return None

    def _static(self, path: str) -> Decision | None:
        """A file, or the redirect to the one spelling of its path."""
        if self._config.clean_urls and path.endswith(".html") and self.file(path):
            return Moved(301, paths.as_location(path.removesuffix(".html").removesuffix("index")))
        if found := self.file(path):
            return Static(found)
        bare = path.rstrip("/")
        index = self.file(f"{bare}/index.html")
        page = self.file(f"{bare}.html") if self._config.clean_urls and bare else None
        found = index or page
        if found is None:
            return None
        spelling = self._spelling(path, bare, is_folder=index is not None)
        if spelling != path:
            return Moved(301, paths.as_location(spelling))
        return Static(found)

    def _spelling(self, path: str, bare: str, *, is_folder: bool) -> str:
        slash = self._config.trailing_slash
        if slash is None:
            return bare + "/" if is_folder else path
        return bare + "/" if slash or not bare else bare

    def _rewrite(self, path: str) -> Decision | None:
        for test, rule in self._rewrites:
            if not test(path):
                continue
            if rule.function is not None:
                target = _target(rule.function)
                return Called(target.function_id, target.region)
            if found := self.file(rule.destination or ""):
                return Static(found)
        return None

    def _missing(self) -> Decision:
        page = self.file("/404.html")
        return Static(page, 404) if page else Missing()


def _target(function: str | project.FunctionTarget) -> project.FunctionTarget:
    return project.FunctionTarget(function) if isinstance(function, str) else function
