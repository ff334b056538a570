"""The next list page: by the page's own link, or by numbers. Pure."""

from __future__ import annotations

import re
from urllib.parse import urldefrag, urljoin, urlsplit

from ..sources import Paging
from . import links
from .faults import Bad, Missing
from .reader import Reader

_PLACE = "kindling0number0here"  # stands for {n} while the template is made absolute


def linked(reader: Reader, expression: str) -> tuple[str | None, str | None]:
    """The address of the next page, or None; and a warning where the page gives one that leads nowhere."""
    written = reader.link(expression)
    if written is None:
        return None, None
    try:
        url = urldefrag(links.read(written, reader.base)).url
    except Missing:
        return None, None
    except Bad as error:
        return None, f"the next link {written[:100]!r} is {error}"
    if urlsplit(url).scheme not in ("http", "https"):
        return None, f"the next link {written[:100]!r} is not a web page"
    return url, None


def numbered(paging: Paging, url: str, empty: bool) -> str | None:
    """The address after the list page `url`; None where that was the last or had no records."""
    if empty:
        return None
    template = urljoin(url, paging.template.replace("{n}", _PLACE))
    here = re.fullmatch(re.escape(template).replace(_PLACE, "([0-9]{1,9})"), url)
    number = int(here[1]) + paging.step if here else paging.first
    if here and number < paging.first:
        number = paging.first
    if paging.last is not None and number > paging.last:
        return None
    return template.replace(_PLACE, str(number))
