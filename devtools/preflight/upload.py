"""Checks of what goes to Google: nothing secret, nothing local, nothing big.

Facts relied on (the CLI's fsAsync.js): a pattern of `functions.ignore` without a slash is for names at any depth, one
with a slash for whole absolute paths; what is below an ignored folder is not looked at.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from devtools.preflight.finding import Finding
from devtools.preflight.subject import Subject
from emulators.hosting import globs
from emulators.hosting.site import Site

UNSAID_IGNORE = ("node_modules", ".git")  # what a project that says nothing leaves out
ALWAYS_IGNORED = ("firebase-debug.log", "firebase-debug.*.log", ".runtimeconfig.json")
READ_BYTES = 256 * 1024  # a key is a few kilobytes; longer files are looked at as far as this
BIG_BYTES = 20 * 1024 * 1024  # the project has half of one; what makes it forty times that is there by mistake

SECRET_NAMES: Mapping[str, str] = {
    r".*\.local": "it holds what is for this machine only",
    r".*\.(pem|p12|pfx|key|keystore)": "it is a private key by its name",
    r"id_(rsa|dsa|ecdsa|ed25519)": "it is a private key by its name",
    r"\.npmrc|\.pypirc|\.netrc": "it holds credentials of a package registry",
}
SECRET_TEXTS: Mapping[re.Pattern[bytes], str] = {
    re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"): "it holds a private key",
    re.compile(rb'"type"\s*:\s*"service_account"'): "it is the key of a service account",
}
LOCAL_FOLDERS: Mapping[str, str] = {
    "__pycache__": "compiled modules of this machine",
    ".mypy_cache": "a type checker's cache",
    ".pytest_cache": "a test runner's cache",
    "node_modules": "packages of Node",
    ".git": "the history",
}
ENVIRONMENT = "pyvenv.cfg"  # the file that makes a folder a Python environment


@dataclass(frozen=True, slots=True)
class Sent:
    """The files of one upload."""

    files: tuple[Path, ...]

    @property
    def size(self) -> int:
        """Their bytes in all."""
        return sum(file.stat().st_size for file in self.files)


def of_functions(subject: Subject) -> Sent:
    """What the CLI would upload as the functions' source."""
    patterns = (*(subject.config.codebase.ignore or UNSAID_IGNORE), *ALWAYS_IGNORED)
    names = [globs.translate(f"/{each}") for each in patterns if "/" not in each]
    paths = [globs.translate(each) for each in patterns if "/" in each]

    def walk(folder: Path) -> Iterator[Path]:
        for each in sorted(folder.iterdir()):
            if any(test.fullmatch(f"/{each.name}") for test in names) or any(
                test.fullmatch(str(each)) for test in paths
            ):
                continue
            if each.is_dir():
                yield from walk(each)
            elif each.is_file():
                yield each

    return Sent(tuple(walk(subject.functions)))


def of_hosting(subject: Subject) -> Sent:
    """What the CLI would upload as static files."""
    hosting, public = subject.config.hosting, subject.public
    if hosting is None or public is None or not public.is_dir():
        return Sent(())
    site = Site(subject.folder, hosting)
    found = (file for file in sorted(public.rglob("*")) if file.is_file())
    return Sent(tuple(file for file in found if site.file(f"/{file.relative_to(public)}")))


def secrets(subject: Subject) -> Iterator[Finding]:
    """Nothing that only this machine or the operator may have is in an upload."""
    for key, sent in (("functions.ignore", of_functions(subject)), ("hosting.ignore", of_hosting(subject))):
        environments = [file.parent for file in sent.files if file.name == ENVIRONMENT]
        for file in sent.files:
            if any(file.is_relative_to(each) for each in environments):
                continue  # the environment is one finding, not thousands
            if why := _why_secret(file):
                what = f"it would be uploaded, and {why}"
                yield Finding(
                    subject.relative(file),
                    what,
                    f"move it out of the folder, or add its name to {key} in firebase.json",
                )


def _why_secret(file: Path) -> str | None:
    for pattern, why in SECRET_NAMES.items():
        if re.fullmatch(pattern, file.name):
            return why
    with file.open("rb") as opened:
        start = opened.read(READ_BYTES)
    return next((why for pattern, why in SECRET_TEXTS.items() if pattern.search(start)), None)


def ballast(subject: Subject) -> Iterator[Finding]:
    """No environment, cache or heap of data is in the functions' upload."""
    sent = of_functions(subject)
    environments = {file.parent for file in sent.files if file.name == ENVIRONMENT}
    for folder in sorted(environments):
        what = "it is a Python environment and would be uploaded: Firebase makes its own"
        yield Finding(subject.relative(folder), what, f'add "{folder.name}" to functions.ignore in firebase.json')
    rest = [file for file in sent.files if not any(file.is_relative_to(each) for each in environments)]
    for name, what in LOCAL_FOLDERS.items():
        first = next((file for file in rest if name in file.relative_to(subject.functions).parts), None)
        if first is not None:
            mend = f'add "{name}" to functions.ignore in firebase.json'
            yield Finding(subject.relative(first), f"it would be uploaded, with {what}", mend, "warning")
    size = Sent(tuple(rest)).size
    if size > BIG_BYTES:
        largest = max(rest, key=lambda file: file.stat().st_size)
        what = f"the functions' source has {size // 1024**2} MB, most of it in {largest.name}"
        yield Finding(
            subject.relative(largest), what, "move data out of the folder: every cold start loads it", "warning"
        )
