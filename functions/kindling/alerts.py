"""One message when a source goes bad and one when it recovers, to the operator's webhook.

A message that could not be delivered is logged, and tried again after the next run.

Decides nothing: whether there is something to tell, and that it was told, is the caller's to know.
"""

from __future__ import annotations

import json

from . import logs, settings
from .errors import FetchFailed
from .fetch import Clock, Gate, user_agent
from .fetch.webhook import post_webhook
from .flow import RunRecord, SourceState
from .sources import Source
from .times import iso_if


def alert(source: Source | None, record: RunRecord, state: SourceState, *, gate: Gate, clock: Clock) -> bool:
    """Tells the webhook what became of `source`, None: of all; False if it could not be told.

    Without a webhook there is nothing to do.

    The body: {"source", "status", "recovered", "reason", "run", "at"}; signed if WEBHOOK_SECRET is set.
    """
    name = source.name if source else None
    url = settings.get("WEBHOOK_URL")
    if not url:
        return True
    message = {
        "source": name,
        "status": state.status,
        "recovered": state.status == "ok",
        "reason": state.reason,
        "run": record.run,
        "at": iso_if(record.ended_ms),
    }
    try:
        post_webhook(
            url,
            json.dumps(message).encode(),
            gate=gate,
            agent=user_agent(settings.get("CONTACT")),
            secret=settings.get("WEBHOOK_SECRET"),
            clock=clock,
        )
    except FetchFailed as error:
        # the address of a webhook is often its secret, so that the error is told by its code alone
        logs.tell(
            "webhook-failed",
            f"the webhook was not told that {name or 'the project'} is {state.status}",
            source=name,
            run=record.run,
            error=error.code,
        )
        return False
    return True
