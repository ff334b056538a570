"""EXTRACT: one page and a source in, records out. Pure: no clock, no network, no database.

The page's format decides which reader opens it; fields, types, ids, rejects and counts are the same for all. Libraries
that only some formats or types need (feedparser, jmespath, bs4, re2, dateparser, price_parser) are loaded when the
first such page or value is read. What a page can hold at most is bounded where it is read: `tree` for HTML, `reader`
for records and values, `values` for nesting.
"""

from __future__ import annotations

from .faults import Unreadable
from .offers import Offer, offers
from .pages import Details, extract, extract_details

__all__ = ["Details", "Offer", "Unreadable", "extract", "extract_details", "offers"]
