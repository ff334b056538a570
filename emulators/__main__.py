"""`python -m emulators`: runs the local suite until Ctrl-C or SIGTERM.

Exit codes: 0 good, 1 a file of the project, 2 usage, 3 the machine. Knows nothing of what the suite does.
"""

import asyncio
import signal
import sys

from emulators import settings, suite
from emulators.errors import SuiteError


async def _run(chosen: settings.Settings) -> None:
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(suite.run(chosen))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return  # the wanted end, and every part has been ended in order


def main(arguments: list[str]) -> int:
    """Runs the suite; the exit code."""
    try:
        chosen = settings.parse(arguments)
        asyncio.run(_run(chosen))
    except SuiteError as error:
        print(f"serve: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
