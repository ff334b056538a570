"""The command line's scrape and preview: `python -m kindling.cli`, started by dev.py with a database to talk to.

Progress and messages go to stderr, results to stdout; with --json stdout is one JSON document. Exit 0 good, 1 a source
failed, 2 usage, 3 environment.

Shows and asks; what a run or a preview does stands in their modules.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from . import extract, jobs, logs, plan, status
from .catalogue import folder
from .errors import FetchFailed, HostBusy, KindlingError, SourceInvalid, StoreError
from .flow import RunRecord
from .known import known
from .preview import offers, preview
from .run import Tools, run_source
from .sources import Source, load

HOSTS_AT_ONCE = 16  # each host has its own pace; more threads than that only wait
HOST_WAIT_S = 10.0  # between two looks at a host that another run has
BAD = {"failed", "suspect"}

err = Console(stderr=True)
out = Console()


@click.group()
def cli() -> None:
    """Kindling's sources: scrape them, preview one."""
    logs.to_stderr()


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--due", "only_due", is_flag=True, help="Only sources whose time has come.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def scrape(names: tuple[str, ...], only_due: bool, as_json: bool) -> None:
    """Run the named sources, or all of them, once."""
    tools = jobs.tools()
    found, states = known(tools.store)
    unknown = sorted(set(names) - set(found.sources) - set(found.invalid))
    if unknown:
        _fail(2, _no_source(unknown[0], sorted({*found.sources, *found.invalid})))
    chosen = [name for name in found.sources if not names or name in names]
    if only_due:
        chosen = [name for name in plan.due(found.sources, states, tools.clock.now_ms()) if name in chosen]
    invalid = [error for name, error in found.invalid.items() if not names or name in names]
    for error in invalid:
        _say(str(error))
    records = _run_all([found.sources[name] for name in chosen], tools)
    now_ms = tools.clock.now_ms()
    if as_json:
        click.echo(json.dumps({"runs": [status.run_json(record, now_ms) for record in records]}, ensure_ascii=False))
    else:
        out.print(_outcomes(records, now_ms))
        for record in records:
            if record.error:
                out.print(f"{record.source}: {record.error[1]}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(1 if invalid or any(record.status in BAD or record.error for record in records) else 0)


def _run_all(sources: Iterable[Source], tools: Tools) -> list[RunRecord]:
    """Runs all, the sources of one host after another, hosts beside each other; in the order given."""
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(urlsplit(source.urls[0]).netloc, []).append(source)
    records: dict[str, RunRecord] = {}
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    pool = ThreadPoolExecutor(HOSTS_AT_ONCE)
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bar:

        def one(group: list[Source]) -> None:
            for source in group:
                task = bar.add_task(source.name, total=None, note="")
                watched = replace(tools, progress=partial(_show_progress, bar, task))
                record = _run_one(source, jobs.queue(tools, source.name).run, watched)
                bar.remove_task(task)
                if record is None:
                    _say(f"{source.name}: another run is going on; left alone")
                    continue
                records[source.name] = record
                if not err.is_terminal:
                    _say(f"{source.name}: {record.status} {_note(record)}")

        running = [pool.submit(one, group) for group in groups.values()]
        try:
            wait(running)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)  # who interrupts does not wait for the sites
            raise
        for done in running:
            done.result()
    return [records[source.name] for group in groups.values() for source in group if source.name in records]


def _run_one(source: Source, run: str, tools: Tools) -> RunRecord | None:
    """Runs one source, waiting for its host while another run has it."""
    while True:
        try:
            return run_source(source, run, tools)
        except HostBusy as busy:
            _say(f"{source.name}: {busy}; waiting")
            tools.clock.sleep(min(HOST_WAIT_S, max(1.0, ((busy.retry_at_ms or 0) - tools.clock.now_ms()) / 1000)))


def _show_progress(bar: Progress, task: TaskID, record: RunRecord) -> None:
    bar.update(task, note=_note(record))


def _note(record: RunRecord) -> str:
    return f"{_many(record.pages, 'page')}, {_many(record.records, 'record')}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _outcomes(records: list[RunRecord], now_ms: int) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("source")
    table.add_column("status")
    for name in ("pages", "records", "added", "changed", "removed", "seconds"):
        table.add_column(name, justify="right")
    for record in records:
        told = status.run_json(record, now_ms)
        numbers = [str(told[name]) for name in ("pages", "records", "added", "changed", "removed")]
        table.add_row(record.source, record.status, *numbers, f"{told['seconds']:.1f}")
    return table


@cli.command("preview")
@click.argument("target", metavar="FILE|URL")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def preview_command(target: str, as_json: bool) -> None:
    """Fetch and extract what a source file describes, or list what a page at a URL offers; store nothing."""
    tools = jobs.tools()
    is_url = urlsplit(target).scheme in ("http", "https")
    if not is_url and not Path(target).is_file():
        _fail(2, _no_file(target))
    try:
        if is_url:
            told: dict[str, Any] = {"offers": offers(target, tools)}
        else:
            told = preview(load(Path(target)), tools).as_json()
    except SourceInvalid as error:
        _fail(1, str(error))
    except (FetchFailed, extract.Unreadable) as error:
        _fail(1, str(error) if is_url else f"{target}: {error}")
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    _show(told)


def _show(told: dict[str, Any]) -> None:
    for offer in told.get("offers", []):
        out.print(f"{offer['kind']}: {offer['count']} records", markup=False)
        out.print_json(json.dumps({"definition": offer["definition"], "sample": offer["sample"]}))
    if "records" not in told:
        return
    out.print_json(json.dumps(told["records"]))
    table = Table("field", "found", "examples", box=None, pad_edge=False)
    for name, field in told["fields"].items():
        table.add_row(
            name, f"{field['fill']:.0%}", ", ".join(json.dumps(v, ensure_ascii=False) for v in field["examples"])
        )
    err.print(table)
    for reject in told["rejects"]:
        times = _many(reject["count"], "time")
        _say(f"rejected {times}: {reject['reason']}, as in {json.dumps(reject['example'], ensure_ascii=False)}")
    for warning in told["warnings"]:
        _say(warning)
    _say(f"{_many(len(told['records']), 'record')} from {_many(told['pages'], 'page')}")


def _no_source(name: str, there_are: list[str]) -> str:
    id_ = Path(name).stem
    if id_ != name and id_ in there_are:
        return f"{name}: a source is named without its folder and ending: {id_}"
    return f"there is no source {name}; there are: {', '.join(there_are) or 'none'}"


def _no_file(target: str) -> str:
    file = folder() / f"{target}.yaml"
    if file.is_file():
        return f"{target}: preview takes the file itself: {file}"
    return f"{target}: there is no such file; name a source file, or the URL of a page"


def _say(message: str, style: str | None = None) -> None:
    """One message to the person, in lines as long as it has them: a path or an address stays in one piece."""
    err.print(message, markup=False, highlight=False, soft_wrap=True, style=style)


def _fail(code: int, message: str) -> NoReturn:
    _say(message, style="bold red" if err.is_terminal else None)
    sys.exit(code)


def main() -> None:
    """Entry point."""
    try:
        cli.main(prog_name="dev.py", standalone_mode=False)
    except click.Abort:
        _say("interrupted; what was stored is whole, the next run goes on")
        os._exit(1)  # not to wait for runs that are under way: they may be ended anywhere
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except StoreError as error:
        _fail(3, str(error))
    except KindlingError as error:
        _fail(1, str(error))


if __name__ == "__main__":
    main()
