"""The command line's keys: `python -m kindling.keyring`, started by dev.py with a database to talk to.

A new key goes to stdout and nowhere else; what is said of it goes to stderr. With --json stdout is one JSON document.
Exit 0 good, 1 refused, 2 usage, 3 environment.
"""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.table import Table

from .errors import StoreError
from .store import store
from .store.keys import SCOPES, Key, KeyInvalid, Keys
from .times import instant, iso_if

UNIT_MS = {"h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}

out = Console()
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.group()
def cli() -> None:
    """Keys of the API beside ADMIN_KEY: each with a name, a scope and an end; the database keeps only hashes."""


@cli.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every key, the ended ones too."""
    now_ms = _now_ms()
    keys = _keys().all()
    if as_json:
        click.echo(json.dumps({"keys": [_told(key, now_ms) for key in keys]}))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("name", "scope", "collections", "status", "created", "expires", "revoked"):
        table.add_column(name)
    for key in keys:
        told = _told(key, now_ms)
        covers = "all" if key.collections is None else ", ".join(sorted(key.collections))
        days = (told[f"{name}_at"] or "" for name in ("created", "expires", "revoked"))
        table.add_row(key.name, key.scope, covers, told["status"], *(day[:10] for day in days))
    out.print(table if keys else "no keys but ADMIN_KEY; `keys add NAME --scope read` makes one")


@cli.command()
@click.argument("name")
@click.option("--scope", required=True, type=click.Choice(SCOPES), help="Each may do what the ones before it may.")
@click.option("--collections", metavar="A,B", help="Only these; without it all, also those that are still to come.")
@click.option("--expires", metavar="90d|DATE", help="A time from now (h, d, w) or an ISO 8601 time, UTC if unsaid.")
@as_json
def add(name: str, scope: str, collections: str | None, expires: str | None, as_json: bool) -> None:
    """Make a key and show it, this once."""
    now_ms = _now_ms()
    named = None if collections is None else frozenset(one.strip() for one in collections.split(",") if one.strip())
    try:
        key = Key(name, scope, named, now_ms, None if expires is None else _moment(expires, now_ms))
    except ValueError as error:
        _fail(2, f"--expires: {error}")
    text = _keys().add(key)
    if as_json:
        click.echo(json.dumps({**_told(key, now_ms), "key": text}))
        return
    click.echo(text)
    click.echo(
        f"The key {name} is shown this once: only its hash is kept. It is sent as X-API-Key.\n"
        f"`keys revoke {name}` takes it back at once.",
        err=True,
    )


@cli.command()
@click.argument("name")
@as_json
def revoke(name: str, as_json: bool) -> None:
    """Take a key back: from now on it opens nothing."""
    key = _keys().revoke(name, now_ms=_now_ms())
    if as_json:
        click.echo(json.dumps(_told(key, _now_ms())))
    else:
        click.echo(f"{name} is revoked")


def _keys() -> Keys:
    """The keys of the database that the environment names."""
    store().ping()  # data of a later layout is left alone
    return Keys(store().database)


def _told(key: Key, now_ms: int) -> dict[str, Any]:
    times = {"created_at": key.created_ms, "expires_at": key.expires_ms, "revoked_at": key.revoked_ms}
    return {
        "name": key.name,
        "scope": key.scope,
        "collections": None if key.collections is None else sorted(key.collections),
        "status": key.status(now_ms),
        **{name: iso_if(ms) for name, ms in times.items()},
    }


def _moment(text: str, now_ms: int) -> int:
    """The time that `90d` or an ISO 8601 time means. Raises ValueError."""
    matched = re.fullmatch(r"(\d{1,5})([hdw])", text)
    return now_ms + int(matched[1]) * UNIT_MS[matched[2]] if matched else instant(text)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _fail(code: int, message: str) -> NoReturn:
    click.echo(f"keys: {message}", err=True)
    sys.exit(code)


def main() -> None:
    """Runs the command; whatever stops it is said in one line."""
    try:
        cli(prog_name="dev.py keys")
    except KeyInvalid as error:
        _fail(1, str(error))
    except StoreError as error:
        _fail(3, str(error))


if __name__ == "__main__":
    main()
