"""Scrapy, tuned as its page on broad crawls advises: no cookies, no retries, no redirects, quiet, many at once.

Runs in the peers' environment: `python scrapy_way.py SITE JOB COUNT OUT`. Prints what it cost as JSON. One crawl of a
single page goes first in the same reactor, so that what is measured is a warm process.
"""

import asyncio
import json
import re
import resource
import sys
import time

import scrapy
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.reactor import install_reactor

WORDS = {"One": 1, "Two": 2, "Three": 3, "Four": 4, "Five": 5}
SETTINGS = {
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    "ASYNCIO_EVENT_LOOP": "uvloop.Loop",
    "LOG_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "COOKIES_ENABLED": False,
    "RETRY_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "REACTOR_THREADPOOL_MAXSIZE": 4,
    "SPIDER_MIDDLEWARES": {
        "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
        "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
        "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    },
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
        "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
        "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    },
    "EXTENSIONS": {
        "scrapy.extensions.corestats.CoreStats": None,
        "scrapy.extensions.memusage.MemoryUsage": None,
        "scrapy.extensions.logstats.LogStats": None,
    },
}


def common(part, response):
    return {
        "price": {"amount": float(part.css("p.price_color::text").get()[1:]), "currency": "GBP"},
        "stock": int(part.css("p.availability").re_first(r"\((\d+)")),
        "rating": WORDS[part.css("p.star-rating::attr(class)").get().split()[1]],
        "image": response.urljoin(part.css("img::attr(src)").get()),
    }


class Books(scrapy.Spider):
    name = "books"

    async def start(self):
        yield scrapy.Request(self.first, dont_filter=True)

    def parse(self, response):
        for link in response.css("li.item a::attr(href)").getall():
            yield scrapy.Request(response.urljoin(link), self.detail)
        for part in response.css("article.product_pod"):
            url = response.urljoin(part.css("h3 a::attr(href)").get())
            if self.follow:
                yield scrapy.Request(url, self.detail)
            else:
                yield {"url": url, "title": part.css("h3 a::attr(title)").get(), **common(part, response)}
        following = response.css("li.next a::attr(href)").get()
        if following and self.pages > 1:
            self.pages -= 1
            yield scrapy.Request(response.urljoin(following), self.parse)

    def detail(self, response):
        yield {
            "url": response.url,
            "title": response.css("h1::text").get(),
            **common(response.css("article.product_page"), response),
            "tags": response.css("a.tag::text").getall(),
            "upc": response.css("table tr:nth-child(1) td::text").get(),
            "description": response.css("#product_description + p::text").get(),
        }


JOBS = {
    "details": lambda site, count: {"first": f"{site}/index/{count}.html", "pages": 1, "follow": False},
    "listings": lambda site, count: {"first": f"{site}/listing/1.html", "pages": count, "follow": False},
    "all": lambda site, count: {"first": f"{site}/listing/1.html", "pages": count, "follow": True},
}


async def crawl(site, job, count, out):
    settings = {**SETTINGS, "FEEDS": {out: {"format": "jsonlines", "overwrite": True}}}
    await AsyncCrawlerRunner(settings).crawl(Books, **JOBS[job](site, count))


async def measured(site, job, count, out):
    await crawl(site, job, 1, f"{out}.warm")
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    await crawl(site, job, int(count), out)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open("/proc/self/status") as status:
        peak_kb = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
    print(json.dumps({"cpu_s": cpu_s, "wall_s": time.perf_counter() - started, "peak_kb": peak_kb}))


def main(*arguments):
    install_reactor(SETTINGS["TWISTED_REACTOR"], SETTINGS["ASYNCIO_EVENT_LOOP"])
    from twisted.internet import reactor  # only now: importing it installs one

    task = asyncio.get_event_loop().create_task(measured(*arguments))
    task.add_done_callback(lambda _: reactor.stop())
    reactor.run()
    task.result()


if __name__ == "__main__":
    main(*sys.argv[1:])
