"""What one answer of a site may cost, in one frozen value.

The defaults are for the open web. Tests pass small ones, so that a slow site is told apart in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one exchange and of the patience between exchanges; sizes in bytes, times in seconds."""

    connect_s: float = 5.0
    """A host that does not take a connection by then is down: a run must not hang on a dead site."""

    read_s: float = 20.0
    """Silence between two packets. Slow report pages think that long; a dead connection is never longer of use."""

    total_s: float = 60.0
    """Request sent to last byte: ends a site that drips one byte at a time."""

    header_bytes: int = 64 * 1024
    """All header lines together. Browsers stop between 16 and 256 KiB; real pages need 2."""

    body_bytes: int = 10 * 1024 * 1024
    """One page, decompressed. The biggest real page of this project's tests is 0.6 MB."""

    ratio: int = 250
    """Decompressed to compressed, once over `ratio_from_bytes`. HTML reaches 20, tables of zeros 100, a bomb 1,000."""

    ratio_from_bytes: int = 1024 * 1024
    """Below this size a ratio says nothing and cannot hurt."""

    attempts: int = 3
    """Tries of one request within a run; a site that fails three times is asked again by the next run."""

    patience_s: float = 30.0
    """The longest pause of a site that is waited for within a run: an instance is paid for while it waits."""
