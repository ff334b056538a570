"""What is scraped, as a person would declare it: the same records that the peers' programs find. Pure."""

from __future__ import annotations

from collections.abc import Callable

_PRODUCT = """\
  price: {select: p.price_color, type: price}
  stock: {select: p.availability, match: '\\((\\d+)', type: integer}
  rating:
    select: p.star-rating::attr(class)
    match: 'star-rating (\\w+)'
    map: {One: 1, Two: 2, Three: 3, Four: 4, Five: 5}
  image: {select: "img::attr(src)", type: url}
"""
_DETAIL = (
    "  title: h1\n"
    + _PRODUCT
    + """\
  tags: {select: a.tag, list: true}
  upc: table tr:nth-child(1) td
  description: "#product_description + p"
"""
)
_LISTED = "  url: {select: 'h3 a::attr(href)', type: url}\n  title: h3 a::attr(title)\n" + _PRODUCT


def _head(url: str, pages: int = 10_000) -> str:
    """A source's first lines; its limits are the highest there are, but for the pages it is to end at."""
    limits = f"{{pages: {pages}, records: 100000, seconds: 540, megabytes: 1000}}"
    return f"url: {url}\nevery: 6h\nkey: url\npublic: true\nlimits: {limits}\n"


def details(site: str, count: int) -> str:
    """One page of links and `count` pages of their own."""
    follow = "".join(f"  {line}\n" for line in _DETAIL.splitlines())
    fields = "fields:\n  url: {select: 'a::attr(href)', type: url}\n"
    return f"{_head(f'{site}/index/{count}.html')}records: li.item\n{fields}follow:\n  url: url\n  fields:\n{follow}"


def listings(site: str, count: int) -> str:
    """`count` pages of 20 records each, by their next links."""
    return (
        f"{_head(f'{site}/listing/1.html', count)}records: article.product_pod\n"
        f"fields:\n{_LISTED}next: li.next a::attr(href)\n"
    )


def everything(site: str, count: int) -> str:
    """`count` listing pages, and the own page of each record."""
    follow = "".join(f"  {line}\n" for line in _DETAIL.splitlines())
    fields = "fields:\n  url: {select: 'h3 a::attr(href)', type: url}\n"
    return (
        f"{_head(f'{site}/listing/1.html', count * 21)}records: article.product_pod\n{fields}"
        f"follow:\n  url: url\n  fields:\n{follow}next: li.next a::attr(href)\n"
    )


def wide(site: str, count: int) -> str:
    """`count` pages of 100 records each, by their next links."""
    return (
        f"{_head(f'{site}/wide/1.html', count)}records: tr.item\nfields:\n"
        "  url: {select: 'a::attr(href)', type: url}\n  title: a\n  price: {select: .price, type: number}\n"
        "  text: .text\nnext: a.next::attr(href)\n"
    )


JOBS: dict[str, Callable[[str, int], str]] = {
    "details": details,
    "listings": listings,
    "all": everything,
    "wide": wide,
}
