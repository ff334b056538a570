"""One page, read as its source says: the readers, the builder and the next link put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from ..flow import Document, Extraction, Page, Reject
from ..pageformats import PAGE_FORMATS
from ..sources import Paging, Source
from . import formats, paging
from .reader import RECORDS_MAX, Reader, plans
from .records import Builder, stored


@dataclass(frozen=True, slots=True)
class Details:
    """What a record's own page adds: the part of its document, None if a required field is missing, and how often each
    field was found (1 or 0)."""

    document: Document | None
    rejects: tuple[Reject, ...] = ()
    hits: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def extract(page: Page, source: Source, *, list_url: str | None = None) -> Extraction:
    """The records of a list page. Raises Unreadable if it cannot be read in its format.

    `list_url` is the address that was asked for, where it differs from the page's: page numbers are counted from it.
    """
    warnings: list[str] = []
    format_ = formats.format_of(page, source)
    reader = formats.open_page(page, source, format_, source.records, warnings)
    builder = Builder(reader, plans(reader, source, source.fields or reader.fields()), source.key)
    rows = builder.rows(source.follow.url if source.follow else None, page.url, reader.single, _most(source))
    warnings.extend(reader.notes)
    next_ = _next(reader, source, list_url or page.url, builder.seen == 0, warnings)
    return Extraction(
        rows=rows,
        rejects=tuple(builder.rejects),
        next=next_,
        seen=builder.seen,
        hits=dict(builder.hits),
        warnings=tuple(warnings),
    )


def extract_details(page: Page, source: Source) -> Details:
    """What `follow.fields` of the source find on a record's own page. Raises Unreadable."""
    if source.follow is None:
        raise ValueError(f"{source.name} follows no pages")
    warnings: list[str] = []
    format_ = PAGE_FORMATS[source.format or "html"].followed
    reader = formats.open_page(page, source, format_, None, warnings)
    builder = Builder(reader, plans(reader, source, source.follow.fields))
    first = list(islice(reader.records(), 1))
    document = next((stored(one) for one in builder.documents(first) if one is not None), None)
    return Details(document, tuple(builder.rejects), dict(builder.hits), tuple(warnings))


def _most(source: Source) -> int:
    """One more than a run may take, so that the run can tell that there were more."""
    return min(source.limits.records + 1, RECORDS_MAX)


def _next(reader: Reader, source: Source, url: str, empty: bool, warnings: list[str]) -> str | None:
    if source.next is None:
        return None
    if isinstance(source.next, Paging):
        return paging.numbered(source.next, url, empty)
    found, warning = paging.linked(reader, source.next)
    if warning:
        warnings.append(warning)
    return found
