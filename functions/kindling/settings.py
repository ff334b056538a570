"""One table of everything that an operator can configure, and the only reader of those variables.

On Firebase the values are parameters (`.env.PROJECT`) and secrets; the local suite sets them for its children. What the
platform itself says of the database and its tokens is read where it is needed, by the store.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from .errors import SettingInvalid


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its variable, its default, what it means, and whether its value must never be shown."""

    name: str
    default: str
    help: str
    secret: bool = False
    local_only: bool = False


TABLE: tuple[Setting, ...] = (
    Setting("SITE_URL", "", "The project's own origin, such as https://my-project.web.app: absolute links use it."),
    Setting("CONTACT", "", "An address or page a site's owner can turn to; part of the User-Agent."),
    Setting("REGION", "us-central1", "The region of the functions."),
    Setting("READER_INSTANCES", "10", "How many instances each function that reads may have at once."),
    Setting("WRITER_INSTANCES", "3", "How many instances each function that writes may have at once."),
    Setting("RUN_INSTANCES", "10", "How many sources may be read at once."),
    Setting("CORS_ORIGINS", "", "Origins, separated by commas, whose pages may write (reads are open to all)."),
    Setting("WEBHOOK_URL", "", "Where one message is sent when a source goes bad and one when it recovers."),
    Setting("WEBHOOK_SECRET", "", "Signs messages to the webhook (Kindling-Signature, HMAC-SHA256).", secret=True),
    # at five seconds a run about 13 dollars a month: what a mistake may cost before somebody looks
    Setting("RUNS_PER_DAY", "5000", "Runs that all sources together may begin in a day (UTC); 0 stops scraping."),
    # every five minutes are 288, and some by hand
    Setting("RUNS_PER_SOURCE", "300", "Runs that one source may begin in a day (UTC)."),
    Setting("ADMIN_KEY", "", "The key that may do all; sent as X-API-Key.", secret=True),
    Setting("SOURCE_SECRETS", "{}", "JSON: name to value and origins, for `headers:` of sources.", secret=True),
    Setting("KINDLING_SOURCES", "", "Another folder of source files.", local_only=True),
    Setting(
        "KINDLING_ALLOW",
        "",
        "HOST:PORT, separated by commas, that the address gate lets through.",
        local_only=True,
    ),
)
NUMBER_DIGITS = 9  # more is a slip of the hand
_BY_NAME = {setting.name: setting for setting in TABLE}


def get(name: str) -> str:
    """The value of the setting `name`, or its default. Settings of the laptop read as their default on Firebase."""
    setting = _BY_NAME[name]
    if setting.local_only and not is_local():
        return setting.default
    return os.environ.get(name, setting.default).strip()


def number(name: str) -> int:
    """The value of the setting `name` as a whole number; SettingInvalid where it is none."""
    text = get(name)
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS):
        raise SettingInvalid(f"{name} is not a whole number of up to {NUMBER_DIGITS} digits; set it to one")
    return int(text)


def served() -> str:
    """The one function that this process was started to serve; empty where it serves several or is asked for all."""
    return os.environ.get("FUNCTION_TARGET", "")


def is_local() -> bool:
    """Whether this process runs in an emulator or the command line rather than on Firebase."""
    return os.environ.get("FUNCTIONS_EMULATOR") == "true"


def listed(name: str) -> tuple[str, ...]:
    """The comma-separated setting `name` as its parts, blanks dropped."""
    return tuple(part.strip() for part in get(name).split(",") if part.strip())
