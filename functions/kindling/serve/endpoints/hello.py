"""`GET /`: Hello World!, as text to programs and as a small page with links to people.

Reads nothing of the database: it answers when that does not.
"""

from __future__ import annotations

from html import escape

from ..answer import Answer, Call
from ..http_cache import SHARED_SECONDS_MAX
from ..routing import Route

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
LINKS = (
    ("/dashboard/", "the dashboard"),
    ("/get_data", "the collections"),
    ("/docs/", "the reference"),
    ("/demo/", "the demo site"),
    ("/openapi.json", "OpenAPI"),
    ("/postman.json", "Postman"),
    ("/health", "health"),
)
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Kindling</title>
<link rel="stylesheet" href="/lib/base.css">
<h1>Hello World!</h1>
<p>Web pages in, a JSON API out.</p>
<ul>
{links}
</ul>
</html>
"""


def hello(call: Call) -> Answer:
    """Hello World!"""
    if "text/html" not in call.headers.get("Accept", ""):
        return Answer(b"Hello World!", TEXT, seconds=_seconds(call))
    links = "\n".join(f'<li><a href="{escape(path)}">{escape(text)}</a></li>' for path, text in LINKS)
    policy = {"Content-Security-Policy": POLICY}
    return Answer(PAGE.format(links=links).encode(), HTML, headers=policy, seconds=_seconds(call))


def _seconds(call: Call) -> int:
    return 0 if call.caller.credentials else SHARED_SECONDS_MAX


ROUTES = (
    Route(
        "hello_world",
        "GET",
        "/",
        hello,
        "Hello World!",
        {200: "The greeting."},
        media_types=("text/plain", "text/html"),
    ),
)
