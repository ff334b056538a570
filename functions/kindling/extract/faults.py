"""What can be wrong with a page and with a value. Leaves of this package."""

from __future__ import annotations

from ..errors import KindlingError


class Unreadable(KindlingError):
    """A page cannot be read in its format; the text says why and what to change."""


class Bad(Exception):
    """A value does not parse; the text is a reason that is equal for equal causes. Never leaves this package."""


class NoMatch(Bad):
    """A text without what `match` looks for: counted, and missing."""


class Missing(Exception):
    """There is no value. Never leaves this package."""
