"""Time that a test turns by hand: hours pass at once, and only when the test says so."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)


class ManualTime:
    """A clock that stands still until `pass_to` or `pass_s`."""

    def __init__(self) -> None:
        self._now = START
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """The moment."""
        return self._now

    async def until(self, moment: datetime) -> None:
        """Returns when the test has let that moment come."""
        if moment > self._now:
            woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._sleepers.append((moment, woken))
            await woken

    async def pass_s(self, seconds: float) -> None:
        """Lets so much time pass, stopping at each moment somebody sleeps for; all that follows has happened."""
        end = self._now + timedelta(seconds=seconds)
        await settle()
        while due := [moment for moment, woken in self._sleepers if moment <= end and not woken.done()]:
            self._now = min(due)
            for moment, woken in self._sleepers:
                if moment <= self._now and not woken.done():
                    woken.set_result(None)
            self._sleepers = [pair for pair in self._sleepers if not pair[1].done()]
            await settle()
        self._now = end


async def settle() -> None:
    """Lets every task of the loop go as far as it can without time passing."""
    for _ in range(50):  # longer than any chain of awaits in the code under test
        await asyncio.sleep(0)
