"""The beginner's way, as every first tutorial has it: requests.get and BeautifulSoup with html.parser.

Runs in the peers' environment: `python beginner.py SITE JOB COUNT OUT`. Prints what it cost as JSON.
"""

import json
import re
import resource
import sys
import time
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

WORDS = {"One": 1, "Two": 2, "Three": 3, "Four": 4, "Five": 5}


def soup_of(url):
    return BeautifulSoup(requests.get(url, timeout=30).text, "html.parser")


def price(text):
    return {"amount": float(text.strip().lstrip("£")), "currency": "GBP"}


def common(part, url):
    return {
        "price": price(part.select_one("p.price_color").get_text()),
        "stock": int(re.search(r"\((\d+)", part.select_one("p.availability").get_text())[1]),
        "rating": WORDS[part.select_one("p.star-rating")["class"][1]],
        "image": urljoin(url, part.select_one("img")["src"]),
    }


def detail(url):
    soup = soup_of(url)
    return {
        "url": url,
        "title": soup.select_one("h1").get_text(strip=True),
        **common(soup.select_one("article.product_page"), url),
        "tags": [tag.get_text(strip=True) for tag in soup.select("a.tag")],
        "upc": soup.select_one("table tr:nth-of-type(1) td").get_text(strip=True),
        "description": soup.select_one("#product_description + p").get_text(strip=True),
    }


def listing(url):
    soup = soup_of(url)
    records = []
    for part in soup.select("article.product_pod"):
        link = part.select_one("h3 a")
        records.append({"url": urljoin(url, link["href"]), "title": link["title"], **common(part, url)})
    following = soup.select_one("li.next a")
    return records, urljoin(url, following["href"]) if following else None


def details(site, count):
    soup = soup_of(f"{site}/index/{count}.html")
    for link in soup.select("li.item a"):
        yield detail(urljoin(f"{site}/index/", link["href"]))


def listings(site, count):
    url = f"{site}/listing/1.html"
    while url and count:
        records, url = listing(url)
        yield from records
        count -= 1


JOBS = {"details": details, "listings": listings}


def main(site, job, count, out):
    list(JOBS[job](site, 1))  # warm: everything is imported and has run once
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    with open(out, "w") as file:
        for record in JOBS[job](site, int(count)):
            file.write(json.dumps(record) + "\n")
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open("/proc/self/status") as status:
        peak_kb = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
    print(json.dumps({"cpu_s": cpu_s, "wall_s": time.perf_counter() - started, "peak_kb": peak_kb}))


if __name__ == "__main__":
    main(*sys.argv[1:])
