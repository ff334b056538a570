"""The heartbeat of a run: keeps its lease while it goes on, also while it waits for a slow site.

Knows nothing of what the run does. A lease that is lost all the same shows at the run's next write, which the database
refuses.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from . import logs
from .errors import StoreError
from .fetch import Clock
from .flow import Lease
from .store.runs import Runs

RENEW_EVERY_S = 30.0  # a lease lasts two minutes: three renewals may fail


@contextmanager
def beating(runs: Runs, lease: Lease, clock: Clock, *, every_s: float = RENEW_EVERY_S) -> Iterator[None]:
    """Renews `lease` every `every_s` until the block ends. A renewal that fails is logged; the next one tries again."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(every_s):
            try:
                if not runs.renew(lease, clock.now_ms()):
                    return
            except StoreError as error:
                kind = type(error).__name__
                text = f"the lease of {lease.source} was not renewed"
                logs.tell("lease-not-renewed", text, source=lease.source, run=lease.run, error=kind)

    thread = threading.Thread(target=beat, name=f"lease of {lease.source}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
