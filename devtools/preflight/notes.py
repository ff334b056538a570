"""What is no fault and worth knowing before a deploy: instances, schedules and their price."""

from devtools.preflight.functions import cores_by_region
from devtools.preflight.subject import Subject

FREE_JOBS = 3  # Cloud Scheduler's, per billing account; price list of November 2026
JOB_USD = 0.10  # each further one, a month
SMALLEST_QUOTA_CPU = 20  # cores that new projects are seen to get in a region (firebase-tools issue 11001)


def notes(subject: Subject) -> list[str]:
    """One line a note."""
    return [*_schedules(subject), *_instances(subject)]


def _schedules(subject: Subject) -> list[str]:
    jobs = [
        f"{name} {each['scheduleTrigger'].get('schedule')}"
        for name, each in sorted(subject.loaded.endpoints.items())
        if "scheduleTrigger" in each
    ]
    if not jobs:
        return []
    paid = max(0, len(jobs) - FREE_JOBS) * JOB_USD
    price = f"{FREE_JOBS} are free for each billing account, every further one is {JOB_USD:.2f} USD a month"
    return [f"schedules: {', '.join(jobs)}: {len(jobs)} jobs, {paid:.2f} USD a month ({price})"]


def _instances(subject: Subject) -> list[str]:
    return [
        f"instances: at most {total:g} cores at once in {region}; Google may give a new project only "
        f"{SMALLEST_QUOTA_CPU}: requests beyond those wait, or are answered 429, too many"
        for region, total in sorted(cores_by_region(subject).items())
    ]
