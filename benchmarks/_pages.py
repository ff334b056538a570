"""The pages that are scraped, and the records that every contender must find in them. Pure: numbers in, bytes out.

A detail page has 20 KB, a listing page of 20 records 50 KB, as shops and papers have them: most of a page is menu,
markup and other people's links. `/wide/` pages have 100 small records each, of which a later edition changes some.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DETAIL_BYTES, LISTING_BYTES = 20_000, 50_000
LISTED = 20  # records of a listing page
WIDE = 100  # records of a wide page
WORDS = ("Zero", "One", "Two", "Three", "Four", "Five")
TAGS = ("history", "travel", "poetry", "science", "music", "fiction", "art")

Record = dict[str, Any]


def record(number: int, base: str) -> Record:
    """What a detail page says."""
    return {
        "url": f"{base}/detail/{number}.html",
        "title": f"The Book of Number {number}",
        "price": {"amount": _price(number), "currency": "GBP"},
        "stock": number % 40 + 1,
        "rating": number % 5 + 1,
        "image": f"{base}/media/{number % 97}/{number}.jpg",
        "tags": [TAGS[number % 7], TAGS[(number + 3) % 7], TAGS[(number + 5) % 7]],
        "upc": f"{number * 7919 % 10**9:09d}",
        "description": _text(number, 60),
    }


def listed(number: int, base: str) -> Record:
    """What a listing page says of a record."""
    names = ("url", "title", "price", "stock", "rating", "image")
    return {name: value for name, value in record(number, base).items() if name in names}


def wide(number: int, base: str, edition: int, share: float) -> Record:
    """A record of a wide page: in a later edition `share` of them, spread over all pages, have another price."""
    changed = edition if number % round(1 / share) == 0 else 0
    return {
        "url": f"{base}/item/{number}",
        "title": f"Item number {number} and what it is called in full",
        "price": _price(number) + changed,
        "text": _text(number, 30),
    }


def detail_page(number: int) -> bytes:
    """A detail page; links are relative to /detail/."""
    told = record(number, "..")
    tags = "".join(f'<a class="tag" href="/tag/{tag}.html">{tag}</a> ' for tag in told["tags"])
    main = f"""<article class="product_page"><div class="row"><div class="gallery"><div class="item active">
<img src="{told["image"]}" alt="{told["title"]}"></div></div><div class="product_main"><h1>{told["title"]}</h1>
<p class="price_color">£{told["price"]["amount"]:.2f}</p>
<p class="instock availability"><i class="icon-ok"></i>
    In stock ({told["stock"]} available)
</p><p class="star-rating {WORDS[told["rating"]]}"><i class="icon-star"></i><i class="icon-star"></i></p>
<div class="tags">{tags}</div></div></div>
<div id="product_description" class="sub-header"><h2>Product Description</h2></div>
<p>{told["description"]}</p><table class="table table-striped"><tr><th>UPC</th><td>{told["upc"]}</td></tr>
<tr><th>Product Type</th><td>Books</td></tr><tr><th>Tax</th><td>£0.00</td></tr></table></article>"""
    return _page(told["title"], main, number, DETAIL_BYTES)


def listing_page(page: int, last: int) -> bytes:
    """The listing page `page` of `last`, numbered from 1; links are relative to /listing/."""
    articles = "".join(_article(number) for number in range(page * LISTED - LISTED, page * LISTED))
    following = f'<li class="next"><a href="{page + 1}.html">next</a></li>' if page < last else ""
    main = f'<section><ol class="row">{articles}</ol><ul class="pager">{following}</ul></section>'
    return _page(f"Page {page}", main, page, LISTING_BYTES)


def _article(number: int) -> str:
    told = record(number, "..")
    rest = "".join(
        f'<div class="meta-{n} muted"><span class="label">Note {n}</span> <em>{_text(number + n, 9)}</em></div>'
        for n in range(12)
    )
    return f"""<li class="col-xs-6 col-sm-4"><article class="product_pod"><div class="image_container">
<a href="{told["url"]}"><img src="{told["image"]}" alt="{told["title"]}" class="thumbnail"></a></div>
<p class="star-rating {WORDS[told["rating"]]}"><i class="icon-star"></i><i class="icon-star"></i></p>
<h3><a href="{told["url"]}" title="{told["title"]}">{told["title"][:20]}…</a></h3><div class="product_price">
<p class="price_color">£{told["price"]["amount"]:.2f}</p><p class="instock availability"><i class="icon-ok"></i>
    In stock ({told["stock"]} available)
</p></div>{rest}</article></li>"""


def index_page(count: int) -> bytes:
    """Nothing but links to detail pages, relative to /index/."""
    links = "".join(f'<li class="item"><a href="../detail/{n}.html">{n}</a></li>' for n in range(count))
    return f"<!doctype html><meta charset=utf-8><title>Index</title><ul>{links}</ul>".encode()


def wide_page(page: int, last: int, edition: int, share: float) -> bytes:
    """The wide page `page` of `last`, numbered from 1; links are relative to /wide/."""
    rows = []
    for number in range(page * WIDE - WIDE, page * WIDE):
        told = wide(number, "..", edition, share)
        rows.append(
            f'<tr class="item"><td><a href="{told["url"]}">{told["title"]}</a></td><td class="price">'
            f'{told["price"]:.2f}</td><td class="text">{told["text"]}</td></tr>'
        )
    following = f'<a class="next" href="{page + 1}.html">next</a>' if page < last else ""
    main = f"<table><tbody>{''.join(rows)}</tbody></table>{following}"
    return f"<!doctype html><meta charset=utf-8><title>Wide {page}</title>{main}".encode()


def _page(title: str, main: str, number: int, size: int) -> bytes:
    """A page around `main`, filled up to `size` bytes with what stands around records."""
    head = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} | A Shop</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/static/styles.css">
<script>window.dataLayer = window.dataLayer || [];</script></head><body id="default" class="default">
<header class="header container-fluid"><div class="page_inner"><a href="/index.html">A Shop</a></div></header>"""
    foot = '<footer class="footer"><p>All is made up.</p></footer><script src="/static/all.js"></script></body></html>'
    room = size - len((head + main + foot).encode())
    menu, n = [], 0
    while room > 0:
        line = (
            f'<li class="nav-item"><a class="nav-link" href="/category/{number % 9}/{n}.html">Category {n}</a>'
            f'<small class="hint">{_text(number + n, 8)}</small></li>\n'
        )
        menu.append(line)
        room -= len(line)
        n += 1
    return f'{head}<aside class="sidebar"><ul class="nav">{"".join(menu)}</ul></aside>{main}{foot}'.encode()


def _price(number: int) -> float:
    return (number * 7919 % 9_000 + 1_000) / 100


def _text(number: int, words: int) -> str:
    return " ".join(_VOCABULARY[(number * 31 + n * n * 17) % len(_VOCABULARY)] for n in range(words))


_VOCABULARY = (
    "a river that nobody named runs past the old mill and its broken wheel toward towns where people count days by "
    "bells trains letters harvests storms songs and slow repairs of roofs boats clocks fences nets and promises"
).split()

PAGES: dict[str, Callable[[int, int, int, float], bytes]] = {
    "detail": lambda number, last, edition, share: detail_page(number),
    "listing": lambda number, last, edition, share: listing_page(number, last),
    "index": lambda number, last, edition, share: index_page(number),
    "wide": wide_page,
}
"""What /KIND/NUMBER.html is made by: number, last page of its kind, edition, changed share."""
