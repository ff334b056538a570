"""The task queue of runs: hands a queued run to the function `scrapesource`.

Knows nothing of what a run does.
"""

from __future__ import annotations

from firebase_admin import functions

from . import settings
from .firebase import application
from .flow import RunRecord

FUNCTION = "scrapesource"


def enqueue(record: RunRecord) -> None:
    """Hands the run over; it is delivered at least once. The run's id makes a task of it that is not made twice."""
    queue = functions.task_queue(f"locations/{settings.get('REGION')}/functions/{FUNCTION}", app=application())
    queue.enqueue({"data": {"source": record.source, "run": record.run}})
