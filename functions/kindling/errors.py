"""Every error this project raises on purpose, as one tree; a module's own (`values.NotStorable`, `extract.Unreadable`,
`store.keys.KeyInvalid`, `serve.events.JobFailed`, `walk.LimitMet`) stands with it and hangs below one of these.

    KindlingError
    ├── SourceInvalid          a source definition is wrong: file, line, path and the mend, for each problem
    ├── SettingInvalid         a setting from outside cannot be read; its value is not shown
    ├── FetchFailed            a site or its page could not be had: a recorded value of a run, never a crash
    │   ├── Refused            our own gate or the site's robots.txt said no: retrying does not help
    │   ├── HostBusy           another run is fetching from this host: later
    │   └── BudgetSpent        the run may not ask for more: what it has is kept, the next run goes on
    ├── StoreError             the database
    │   ├── Unavailable        it does not answer: trying again is harmless
    │   │   └── Unsure         it did not answer to a write, which may have been done: look before trying again
    │   ├── Denied             its rules refuse us though nothing moved: the rules are not the project's own
    │   ├── Contended          too many writers at once: trying again is harmless
    │   ├── LostLease          another run took over: this one must not write
    │   ├── TooBig             more would be read than one answer may cost
    │   └── SchemaNewer        the data was written by a newer version of this project
    ├── QueueUnavailable       the task queue takes no run: trying again is harmless
    └── ApiError               an answer to a client that is not a success: status, title, detail

Messages are subject, what happened, the mend. Lower errors are chained with `from`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class KindlingError(Exception):
    """Something went wrong that this project foresaw."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a source definition.

    `where` is a dotted path inside the definition (`fields.price.type`), `line` counts from 1 and is None where the
    definition did not come from text; `what` says what is wrong and how to mend it.
    """

    where: str
    what: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class SourceInvalid(KindlingError):
    """A source definition is wrong; `problems` lists every mistake found, in the order of the file."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        self.name = name
        self.problems = problems
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One line a problem: `books.yaml:9: fields.price.type: unknown type 'numbr'; did you mean 'number'?`"""
        return [f"{self.name}:{p.line}: {p}" if p.line is not None else f"{self.name}: {p}" for p in self.problems]


class SettingInvalid(KindlingError):
    """A setting from outside cannot be read; the message names it and never shows its value."""


class FetchFailed(KindlingError):
    """A page could not be had.

    `code` is a stable word for run records and tests (`timeout`, `http-503`, `too-big`, `dns`, `reset` …); `url` is
    the address asked for; `retry_at_ms` says when the site wants to be asked again, where it said so.
    """

    def __init__(self, code: str, message: str, *, url: str, retry_at_ms: int | None = None) -> None:
        self.code = code
        self.url = url
        self.retry_at_ms = retry_at_ms
        super().__init__(message)


class Refused(FetchFailed):
    """The address gate (`refused-address`, `refused-scheme` …) or robots.txt (`robots`) forbids the fetch."""


class HostBusy(FetchFailed):
    """Another run holds the lease of the host, or an earlier delivery that of this run.

    `retry_at_ms` is when that lease ends at the latest.
    """

    def __init__(self, message: str, *, url: str, retry_at_ms: int) -> None:
        super().__init__("host-busy", message, url=url, retry_at_ms=retry_at_ms)


class BudgetSpent(FetchFailed):
    """The run reached one of its limits (`budget-requests`, `budget-megabytes`, `budget-seconds`)."""


class StoreError(KindlingError):
    """The database could not do what was asked."""


class Unavailable(StoreError):
    """The database does not answer; the same call may be made again."""


class Unsure(Unavailable):
    """The database did not answer to a write, which may have been done; look before the call is made again."""


class Denied(StoreError):
    """The database's rules refuse the service although nothing moved; deploy database.rules.json."""


class Contended(StoreError):
    """Other writers were faster too many times in a row; the same call may be made again."""


class LostLease(StoreError):
    """The lease of this run was taken over by another; nothing of this run was or will be written."""


class TooBig(StoreError):
    """More documents or bytes would have to be read or written than the stated bound."""


class SchemaNewer(StoreError):
    """The stored data is of a newer layout than this code knows; update the code."""


class QueueUnavailable(KindlingError):
    """The task queue does not answer or refuses; a run may be queued again."""


class ApiError(KindlingError):
    """An answer that is not a success, as RFC 9457 wants it told.

    `errors` lists several mistakes at once as (where, what); `headers` join the answer (Allow, WWW-Authenticate);
    `more` are extension members of the problem document.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str | None = None,
        errors: tuple[tuple[str, str], ...] = (),
        headers: dict[str, str] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = errors
        self.headers = headers or {}
        self.more = more or {}
        super().__init__(detail)
