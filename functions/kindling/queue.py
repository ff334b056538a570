"""The task queue of runs: hands a queued run to the function `scrapesource`.

Knows nothing of what a run does.
"""

from __future__ import annotations

from firebase_admin import exceptions, functions
from google.auth.exceptions import GoogleAuthError

from . import logs, settings
from .errors import QueueUnavailable
from .firebase import application
from .flow import RunRecord

FUNCTION = "scrapesource"


def enqueue(record: RunRecord) -> None:
    """Hands the run over; it is delivered at least once. Raises QueueUnavailable, told in the logs."""
    try:
        queue = functions.task_queue(f"locations/{settings.get('REGION')}/functions/{FUNCTION}", app=application())
        queue.enqueue({"data": {"source": record.source, "run": record.run}})
    except (exceptions.FirebaseError, GoogleAuthError) as error:
        kind = type(error).__name__
        logs.tell("queue-failed", "a run could not be handed over", source=record.source, run=record.run, error=kind)
        raise QueueUnavailable(f"the queue does not take the run {record.run}; queue it again") from error
