"""Who we say we are, to sites and to robots.txt. Knows no setting: the contact comes in."""

from __future__ import annotations

TOKEN = "Kindling"  # noqa: S105 no secret: the product token, by which robots.txt calls us
VERSION = "0.1"


def user_agent(contact: str) -> str:
    """The honest User-Agent: who we are, and where a site's owner can turn to if `contact` says so."""
    printable = "".join(c for c in contact if c.isascii() and c.isprintable() and c not in "()").strip()
    return f"{TOKEN}/{VERSION} (+{printable})" if printable else f"{TOKEN}/{VERSION}"
