"""The .env files of a functions folder, as Firebase reads them; pure but for `read` and `read_files`.

Rules of the format (Firebase documentation, "Configure your environment", and its CLI): `KEY=VALUE` lines, `#`
comments, values bare or in single or double quotes, which may span lines; in double quotes backslash escapes are
honoured. Some names belong to the platform and are refused.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from emulators.errors import ConfigError

LINE = re.compile(
    r"""
    (?:export[ \t]+)?
    (?P<key>[^\s=\#]+) [ \t]* = [ \t]*
    (?: '(?P<single>[^']*)' | "(?P<double>(?:\\.|[^"\\])*)" | (?P<bare>(?!['"])[^\#\r\n]*) )
    [ \t]* (?:\#[^\r\n]*)? (?=\r?\n|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
BLANK = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r?\n|\Z)|[ \t]+")
KEY = re.compile(r"[A-Z_][A-Z0-9_]*")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "v": "\v"}

RESERVED_PREFIXES = ("FIREBASE_", "X_GOOGLE_", "EXT_", "KIT_")
RESERVED = frozenset(
    {"CLOUD_RUNTIME_CONFIG", "ENTRY_POINT", "GCP_PROJECT", "GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "PORT"}
    | {"FUNCTION_TRIGGER_TYPE", "FUNCTION_NAME", "FUNCTION_MEMORY_MB", "FUNCTION_TIMEOUT_SEC", "FUNCTION_IDENTITY"}
    | {"FUNCTION_REGION", "FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"}
)


def parse(text: str, name: str) -> dict[str, str]:
    """The variables of one file's text; ConfigError names the file, the line and the mend."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        if (blank := BLANK.match(text, at)) and blank.end() > at:
            at = blank.end()
            continue
        line = LINE.match(text, at)
        where = f"{name}, line {text.count(chr(10), 0, at) + 1}"
        if line is None:
            raise ConfigError(f"{where}: this is not KEY=VALUE: quote a value that has quotes or # in it")
        found[_allowed(line["key"], where)] = _value(line)
        at = line.end()
    return found


def _allowed(key: str, where: str) -> str:
    if not KEY.fullmatch(key):
        raise ConfigError(f"{where}: {key!r} is no name: use capital letters, digits and _")
    if key in RESERVED or key.startswith(RESERVED_PREFIXES):
        raise ConfigError(f"{where}: {key} belongs to the platform: choose another name")
    return key


def _value(line: re.Match[str]) -> str:
    if line["double"] is not None:
        return re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape[1], escape[1]), line["double"], flags=re.DOTALL)
    if line["single"] is not None:
        return line["single"]
    return line["bare"].strip()


def read_files(files: Iterable[Path]) -> dict[str, str]:
    """The variables of those files that exist; a later file wins."""
    found: dict[str, str] = {}
    for file in files:
        if file.exists():
            found |= read(file)
    return found


def read(file: Path) -> dict[str, str]:
    """The variables of one file; ConfigError as `parse` has it, also where it is no UTF-8."""
    data = file.read_bytes()
    try:
        return parse(data.decode(), file.name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file.name}, line {line}: this is no UTF-8: save the file in it") from error
