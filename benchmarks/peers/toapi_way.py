"""toapi, as its README shows it: an Item per page, routes by path. Its whole job: a page of a site in, JSON out.

Runs in the peers' environment: `python toapi_way.py SITE JOB COUNT OUT`. Prints what it cost as JSON. Its only job is
`listings`; it knows no next links, so that each page is asked for by its number.
"""

import json
import logging
import os
import re
import resource
import sys
import time
from urllib.parse import urljoin

from htmlparsing import Attr, Text
from toapi import Api, Item

logging.disable(logging.CRITICAL)
WORDS = {"One": 1, "Two": 2, "Three": 3, "Four": 4, "Five": 5}


def pages(site):
    api = Api()

    @api.site(site)
    @api.list("article.product_pod")
    @api.route("/listing/{page}.html", "/listing/{page}.html")
    class Book(Item):
        url = Attr("h3 a", "href")
        title = Attr("h3 a", "title")
        price = Text("p.price_color")
        stock = Text("p.availability")
        rating = Attr("p.star-rating", "class")
        image = Attr("img", "src")

        def clean_url(self, value):
            return urljoin(f"{site}/listing/", value)

        def clean_price(self, value):
            return {"amount": float(value.strip().lstrip("£")), "currency": "GBP"}

        def clean_stock(self, value):
            return int(re.search(r"\((\d+)", value)[1])

        def clean_rating(self, value):
            return WORDS[value.split()[1]]

        def clean_image(self, value):
            return urljoin(f"{site}/listing/", value)

    return api


if "TOAPI_SITE" in os.environ:
    app = pages(os.environ["TOAPI_SITE"]).app  # what gunicorn serves


def main(site, job, count, out):
    api = pages(site)
    api.parse_url(f"/listing/{int(count) + 1}.html")  # warm, with a page that is not measured
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    with open(out, "w") as file:
        for page in range(1, int(count) + 1):
            for record in api.parse_url(f"/listing/{page}.html")["Book"]:
                file.write(json.dumps(record) + "\n")
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open("/proc/self/status") as status:
        peak_kb = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
    print(json.dumps({"cpu_s": cpu_s, "wall_s": time.perf_counter() - started, "peak_kb": peak_kb}))


if __name__ == "__main__":
    main(*sys.argv[1:])
