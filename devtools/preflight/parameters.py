"""Checks of the .env files: Firebase takes them, each variable is a setting of this project with a value it can have.

Facts relied on: a deploy reads .env and .env.PROJECT; a parameter without a value in them is asked for at a terminal
and stops a deploy in CI, whatever its default.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from devtools.preflight.asking import Setting
from devtools.preflight.finding import Finding
from devtools.preflight.subject import Subject
from emulators.functions import dotenv

REGION = re.compile(r"[a-z]+-[a-z]+\d{1,2}")
MOST_INSTANCES = 1_000  # what Cloud Run takes at all
EXAMPLE = ".env.example"
SLOWING = "PYTHONDONTWRITEBYTECODE"


def _origin(text: str) -> str | None:
    """What is wrong with an https origin; None if nothing is."""
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        return "write an https origin, such as https://my-project.web.app"
    return None if text == f"https://{parts.netloc}" else f"write https://{parts.netloc}: an origin has no path"


def _origins(text: str) -> str | None:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return next((wrong for part in parts if (wrong := _origin(part))), None)


def _contact(text: str) -> str | None:
    fits = re.fullmatch(r"[!-~]+@[!-~]+|https?://[!-~]+", text) is not None
    return None if fits else "write a mail address or the URL of a page: it goes to every site that is read"


def _region(text: str) -> str | None:
    return None if REGION.fullmatch(text) else "write the name of a region, such as us-central1 or europe-west1"


def _hook(text: str) -> str | None:
    fits = urlsplit(text).scheme == "https" and urlsplit(text).hostname
    return None if fits else "write an https URL, or leave it empty"


def _count(text: str) -> str | None:
    fits = re.fullmatch(r"[0-9]{1,4}", text) is not None and 1 <= int(text) <= MOST_INSTANCES
    return None if fits else f"write a whole number from 1 to {MOST_INSTANCES}"


def _number(text: str) -> str | None:
    return None if re.fullmatch(r"[0-9]{1,9}", text) else "write a whole number, 0 or more"


SHAPES: Mapping[str, Callable[[str], str | None]] = {
    "SITE_URL": _origin,
    "CONTACT": _contact,
    "REGION": _region,
    "CORS_ORIGINS": _origins,
    "WEBHOOK_URL": _hook,
    "READER_INSTANCES": _count,
    "WRITER_INSTANCES": _count,
    "RUN_INSTANCES": _count,
    "RUNS_PER_DAY": _number,
    "RUNS_PER_SOURCE": _number,
}
"""What the value of each parameter must be: the mend where it is not, or None."""

MAY_BE_EMPTY = frozenset({"WEBHOOK_URL", "CORS_ORIGINS"})


def readable(subject: Subject) -> Iterator[Finding]:
    """Every .env file can be read and uses no name of the platform."""
    for each in subject.env_files:
        if each.wrong is not None:
            place, _, rest = each.wrong.partition(": ")
            line = place.rpartition("line ")[2]
            what, _, mend = rest.rpartition(": ")
            yield Finding(f"{subject.relative(each.file)}:{line}", what, mend)


def values(subject: Subject) -> Iterator[Finding]:
    """Every variable is known, no secret stands in plain, every value has the shape that its parameter wants."""
    if subject.tables is None or isinstance(subject.tables, str):
        return
    known = {setting.name: setting for setting in subject.tables.settings}
    example = _example(subject)
    for each in subject.env_files:
        for name, value in each.values.items():
            if wrong := _wrong(name, value, known, example):
                yield Finding(each.where(name, subject.folder), *wrong)


def _wrong(name: str, value: str, known: Mapping[str, Setting], example: Mapping[str, str]) -> tuple[str, str] | None:
    """What is wrong with one variable, and the mend."""
    setting = known.get(name)
    if name == SLOWING:
        return f"{name} makes every cold start compile all modules anew", "remove the line"
    if setting is None:
        near = difflib.get_close_matches(name, known, 1)
        return (
            f"there is no setting {name}",
            f"write {near[0]}" if near else "remove it, or add it to kindling/settings.py",
        )
    if setting.secret:
        return (
            f"{name} is a secret and stands here in plain",
            f"remove it and run `firebase functions:secrets:set {name}`",
        )
    if setting.local_only:
        return f"{name} is a setting of the laptop: Firebase's functions do not read it", "move it to .env.local"
    if name in ("SITE_URL", "CONTACT") and value == example.get(name):
        return f"{name} is still the example's", "write your own"
    shape = SHAPES.get(name)
    mend = shape(value) if shape and (value or name not in MAY_BE_EMPTY) else None
    return (f"{name} is {value!r}", mend) if mend else None


def _example(subject: Subject) -> Mapping[str, str]:
    file = subject.functions / EXAMPLE
    return dotenv.read(file) if file.is_file() else {}


def given(subject: Subject) -> Iterator[Finding]:
    """Every parameter has a value for this project, and so have the settings that a deployed project needs."""
    if any(target(subject)):
        return  # there is no project that they could be of
    where = subject.relative(subject.functions / f".env.{subject.project}")
    variables = subject.variables
    example = subject.relative(subject.functions / EXAMPLE)
    if _is_setting(subject, "SITE_URL") and "SITE_URL" not in variables:
        what = "SITE_URL has no value: absolute links, feeds and the demo need it"
        yield Finding(where, what, f"add SITE_URL=https://{subject.project}.web.app; {example} has all of them")
    missing = [name for name in subject.loaded.parameters if name not in variables]
    if missing:
        what = f"{', '.join(missing)}: no value: a deploy asks for it at a terminal, and stops without one"
        yield Finding(where, what, f"copy what is missing from {example}")
    if _is_setting(subject, "CONTACT") and not variables.get("CONTACT"):
        what = "CONTACT has no value: the owner of a site that is read can turn to nobody"
        yield Finding(where, what, "add CONTACT=you@example.org", "warning")


def _is_setting(subject: Subject, name: str) -> bool:
    tables = subject.tables
    return tables is not None and not isinstance(tables, str) and any(each.name == name for each in tables.settings)


def target(subject: Subject) -> Iterator[Finding]:
    """The project is a real one, and one that can be."""
    name = subject.project
    if name.startswith("demo-"):
        what = f"{name} is a project of the emulators: Firebase has none whose name begins with demo-"
        yield Finding(".firebaserc", what, "run deploy with --project ID, or `firebase use --add`")
    elif not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", name):
        what = "is no project's id, which has 6 to 30 lower-case letters, digits and hyphens"
        yield Finding(f"project {name!r}", what, "`firebase projects:list` shows the ids")
