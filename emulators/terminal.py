"""Words to the person at the terminal. What programs read goes to stdout, and only the supervisor writes there."""

import sys


def say(message: str) -> None:
    """Tells of something that happened, or that is wrong and does not stop the suite."""
    print(f"suite: {message}", file=sys.stderr, flush=True)
