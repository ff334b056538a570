"""Checks of what main.py declares: it loads in time, with options that Firebase takes and one wants.

Limits are Firebase's own, read in the CLI that is pinned in tests/package.json (deploy/functions/validate.js), and
those of the documentation pages "Quotas and limits" and "Cloud Run quotas".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools.preflight.finding import Finding, Severity, and_more, at_line
from devtools.preflight.subject import Subject
from emulators.clock import schedules
from emulators.functions.manifest import DEFAULT_REGION
from emulators.tasks.server import queue_name_fits

MAIN = "main.py"
STATIC = "functions.yaml"
DISCOVERY_S = 10  # Firebase gives up on main.py after that (FUNCTIONS_DISCOVERY_TIMEOUT)
SLOW_S = 5  # of the processor: a machine half as fast would be at the limit
HOSTING_S = 60  # Hosting answers 504 after that, whatever the function may take
LONGEST_S: Mapping[str, int] = {
    "httpsTrigger": 3600,
    "callableTrigger": 3600,
    "scheduleTrigger": 1800,
    "taskQueueTrigger": 1800,
    "eventTrigger": 540,
}
SMALLEST_MB = 256  # the SDK and one scraper's page need more than half of it
MEMORY_OF_CPU = ((2, 4096), (4, 8192))  # a function with more memory than the second needs the first many cores
QUOTA_CPU = 200  # cores of one function's instances that Google lets an ordinary region have before it refuses a deploy
UNSAID_INSTANCES = 100  # what a function that names no limit may have


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one function: a finding without its place."""

    what: str
    mend: str
    severity: Severity = "error"


def shadowed(subject: Subject) -> Iterator[Finding]:
    """No functions.yaml says what there is: Firebase would take its word and not look into main.py."""
    file = subject.functions / STATIC
    if file.is_file():
        what = "Firebase deploys what it says and does not look into main.py; what it leaves out would be deleted"
        yield Finding(subject.relative(file), what, "delete it")


def unloaded(subject: Subject) -> Iterator[Finding]:
    """main.py loads, and so does every module that is imported later, with the packages of the runtime list alone."""
    reported: set[tuple[str, str]] = set()
    for failure in subject.loaded.failures:
        if failure.missing and _is_outside(failure.missing, subject.functions):
            continue  # the check of the requirements names the line and the list
        if (failure.kind, failure.text) in reported:
            continue  # one broken module breaks all that import it
        reported.add((failure.kind, failure.text))
        file = Path(failure.file) if failure.file else subject.functions / MAIN
        where = f"{subject.relative(file)}:{failure.line}" if failure.line else subject.relative(file)
        mend = "mend this line: Firebase loads main.py to find the functions"
        yield Finding(where, f"it does not load: {failure.kind}: {failure.text}", mend)


def _is_outside(module: str, functions: Path) -> bool:
    first = module.partition(".")[0]
    return not (functions / first).exists() and not (functions / f"{first}.py").exists()


def slow(subject: Subject) -> Iterator[Finding]:
    """main.py loads well within the time that discovery has."""
    loaded = subject.loaded
    where = subject.relative(subject.functions / MAIN)
    mend = "import what is heavy inside the functions that need it"
    if loaded.seconds > DISCOVERY_S:
        yield Finding(
            where, f"it takes {loaded.seconds:.0f} s to load, and Firebase gives up after {DISCOVERY_S} s", mend
        )
    elif loaded.busy_seconds > SLOW_S:
        what = (
            f"it takes {loaded.busy_seconds:.0f} s of a processor to load, and Firebase gives up after {DISCOVERY_S} s"
        )
        yield Finding(where, what, mend, "warning")


def cores(subject: Subject) -> Iterator[Finding]:
    """A whole core each: the SDK's own default gives a sixth, and no concurrency."""
    return _alike(subject, _cores_fault)


def _cores_fault(_: str, each: Mapping[str, Any]) -> Fault | None:
    cpu, concurrency = each.get("cpu"), each.get("concurrency") or 0
    if cpu is None or (isinstance(cpu, int | float) and cpu >= 1):
        return None
    if concurrency > 1:
        what = f"cpu={cpu!r} and concurrency={concurrency}: Firebase refuses several requests on less than one core"
        return Fault(what, "set cpu=1, or concurrency=1")
    what = f"cpu={cpu!r} is a fraction of a core: what takes a second here takes six"
    return Fault(what, "set cpu=1, also in set_global_options", "warning")


def memory(subject: Subject) -> Iterator[Finding]:
    """Memory that the code fits into, and that its cores may have."""
    return _alike(subject, _memory_fault)


def _memory_fault(_: str, each: Mapping[str, Any]) -> Fault | None:
    size, cpu = each.get("availableMemoryMb"), each.get("cpu")
    if size is None:
        return None
    if size < SMALLEST_MB:
        what = f"{size} MB are too few: Python with Firebase's SDK would be killed under load"
        return Fault(what, f"give it {SMALLEST_MB} MB or more")
    needed = max((least for least, most in MEMORY_OF_CPU if size > most), default=0)
    if isinstance(cpu, int | float) and cpu < needed:
        return Fault(f"{size} MB need cpu={needed}, it has cpu={cpu}", f"set cpu={needed}, or less memory")
    return None


def instances(subject: Subject) -> Iterator[Finding]:
    """A limit of instances on every function, and none beyond what a region gives."""
    return _alike(subject, _instances_fault)


def _instances_fault(_: str, each: Mapping[str, Any]) -> Fault | None:
    most = each.get("maxInstances")
    if most is None:
        what = f"no max_instances: a flood of requests starts {UNSAID_INSTANCES}, and each is paid for"
        return Fault(what, "set max_instances", "warning")
    if most < 1:
        return Fault(f"max_instances={most}: it would never run", "set 1 or more")
    if most * _cores(each) > QUOTA_CPU:
        what = (
            f"max_instances={most} asks for {most * _cores(each):g} cores, over the {QUOTA_CPU} a region usually gives"
        )
        return Fault(what, "lower max_instances, or ask Google for a higher quota first")
    return None


def together(subject: Subject) -> Iterator[Finding]:
    """All functions of a region together stay within what it usually gives."""
    for region, total in cores_by_region(subject).items():
        if total > QUOTA_CPU:
            what = f"all instances together could ask for {total:g} cores in {region}, which usually gives {QUOTA_CPU}"
            mend = "lower READER_INSTANCES, WRITER_INSTANCES or RUN_INSTANCES, or ask Google for a higher quota"
            yield Finding(subject.relative(subject.functions / MAIN), what, mend, "warning")


def cores_by_region(subject: Subject) -> dict[str, float]:
    """The cores of all instances that may run at once, by region."""
    total: dict[str, float] = {}
    for each in subject.loaded.endpoints.values():
        region = str((each.get("region") or [DEFAULT_REGION])[0])
        total[region] = total.get(region, 0) + _cores(each) * (each.get("maxInstances") or UNSAID_INSTANCES)
    return total


def _cores(endpoint: Mapping[str, Any]) -> float:
    cpu = endpoint.get("cpu")
    return float(cpu) if isinstance(cpu, int | float) else 1.0  # a fraction is at most that


def timeouts(subject: Subject) -> Iterator[Finding]:
    """No function may run longer than what starts it waits."""
    return _alike(subject, _timeout_fault)


def _timeout_fault(_: str, each: Mapping[str, Any]) -> Fault | None:
    limit = each.get("timeoutSeconds")
    longest = next((most for trigger, most in LONGEST_S.items() if trigger in each), None)
    if limit is None or longest is None:
        return None
    if limit > longest:
        return Fault(
            f"a timeout of {limit} s: Firebase takes at most {longest} s", f"set timeout_sec={longest} or less"
        )
    if "httpsTrigger" in each and limit > HOSTING_S:
        what = f"a timeout of {limit} s: Hosting answers 504 after {HOSTING_S} s and the function works on for nobody"
        return Fault(what, f"set timeout_sec={HOSTING_S}, or hand the work to a queue", "warning")
    return None


def queues(subject: Subject) -> Iterator[Finding]:
    """A queue's name has no underscore: it would never get a queue, and cannot be deleted."""
    return _alike(subject, _queue_fault)


def _queue_fault(name: str, each: Mapping[str, Any]) -> Fault | None:
    if "taskQueueTrigger" not in each or queue_name_fits(name):
        return None
    what = "a queue's name may hold no underscore: it would never get a queue, and could not be deleted"
    return Fault(what, f"call it {name.replace('_', '')}")


def clocks(subject: Subject) -> Iterator[Finding]:
    """Every schedule can be read."""
    return _alike(subject, _clock_fault)


def _clock_fault(_: str, each: Mapping[str, Any]) -> Fault | None:
    trigger = each.get("scheduleTrigger")
    if not trigger:
        return None
    try:
        schedules.parse(str(trigger.get("schedule")), trigger.get("timeZone"))
    except schedules.ScheduleError as error:
        what, _, mend = str(error).rpartition(": ")
        return Fault(what, mend)
    return None


def _alike(subject: Subject, judge: Callable[[str, Mapping[str, Any]], Fault | None]) -> Iterator[Finding]:
    """What a judge of one function finds; functions with the same fault share a finding."""
    faults: dict[Fault, list[str]] = {}
    for name, each in sorted(subject.loaded.endpoints.items()):
        if fault := judge(name, each):
            faults.setdefault(fault, []).append(name)
    for fault, names in faults.items():
        line = at_line(subject.functions / MAIN, subject.folder, f"def {names[0]}(")
        yield Finding(f"{line} {and_more(names)}", fault.what, fault.mend, fault.severity)
