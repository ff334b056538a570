"""Every check, in the order in which it is best read, with what it needs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from devtools.preflight import (
    account,
    declarations,
    fresh,
    functions,
    hosting,
    parameters,
    requirements,
    rules,
    runtime,
    schema,
    upload,
)
from devtools.preflight.finding import Finding
from devtools.preflight.subject import Subject


class Needs(IntEnum):
    """What a check needs beside the files; each has what stands before it too."""

    NOTHING = 0
    PROJECT = 1  # the id of a real project
    ACCOUNT = 2  # the network, the CLI, somebody who is signed in


@dataclass(frozen=True, slots=True)
class Check:
    """One row: the subject in, what is wrong out."""

    find: Callable[[Subject], Iterator[Finding]]
    needs: Needs = Needs.NOTHING


TABLE: Sequence[Check] = (
    Check(parameters.target, Needs.PROJECT),
    Check(runtime.known),
    Check(requirements.lines),
    Check(requirements.imported),
    Check(functions.shadowed),
    Check(functions.unloaded),
    Check(functions.slow),
    Check(declarations.names),
    Check(functions.cores),
    Check(functions.memory),
    Check(functions.instances),
    Check(functions.together),
    Check(functions.timeouts),
    Check(functions.queues),
    Check(functions.clocks),
    Check(declarations.sources),
    Check(declarations.inside),
    Check(schema.stale),
    Check(parameters.readable),
    Check(parameters.values),
    Check(parameters.given, Needs.PROJECT),
    Check(hosting.unreached),
    Check(hosting.order),
    Check(hosting.hidden),
    Check(hosting.bare),
    Check(rules.readable),
    Check(rules.closed),
    Check(rules.guarded),
    Check(rules.indexed),
    Check(upload.secrets),
    Check(upload.ballast),
    Check(account.database, Needs.ACCOUNT),
    Check(account.secrets, Needs.ACCOUNT),
    Check(fresh.installable, Needs.ACCOUNT),
)


def findings(subject: Subject, have: Needs, table: Iterable[Check] = TABLE) -> list[Finding]:
    """What the checks find that need no more than there is."""
    return [finding for check in table if check.needs <= have for finding in check.find(subject)]
