"""Where everything lies in the database: the one place that spells a path. docs/data.md draws the tree.

meta/schema                  number of this layout
collections/{c}              summary of a collection: version, count, fields, slots, freshness
data/{c}/{id}                one record: the document as it is, beside it `_m` (stamps) and `_a`..`_h` (index slots)
changes/{c}/{key}            the change log; keys rise with every commit
commits/{c}/{place}          the token of one of the last commits: whose it was
rows/{source}/{page}/{id}    fingerprints of the records a page gave
pages/{source}/{page}        what is known of a list page: validators, digest, next link
sources/{source}             state of a source, and its definition where it came through the API
runs/{source}/{run}          one run
leases/{source}              who may run the source, with a fence number that only rises
forgotten/{c}/{id}           records that no run shall take again
hosts/{host}                 pace, back-off and robots.txt of a host, with its lease
days/{date}                  how many runs were queued on a day, and which caps were told of
keys/{name}                  a further key of the API: its hash, what it may do, until when
"""

from __future__ import annotations

SCHEMA = 1  # raise it when stored data changes its meaning

META_SCHEMA = "meta/schema"
COLLECTIONS = "collections"
DATA = "data"
CHANGES = "changes"
COMMITS = "commits"
ROWS = "rows"
PAGES = "pages"
SOURCES = "sources"
RUNS = "runs"
LEASES = "leases"
HOSTS = "hosts"
FORGOTTEN = "forgotten"
DAYS = "days"
KEYS = "keys"

COMMITS_KEPT = 128  # of a collection: far more than others write in the second until a lost answer is asked for again

STAMPS = "_m"
SLOTS = ("_a", "_b", "_c", "_d", "_e", "_f", "_g", "_h")


def collection(name: str) -> str:
    return f"{COLLECTIONS}/{name}"


def record(name: str, key: str) -> str:
    return f"{DATA}/{name}/{key}"


def change(name: str, key: str) -> str:
    return f"{CHANGES}/{name}/{key}"


def token(name: str, version: int) -> str:
    """Where the commit that made this version left its token; one of COMMITS_KEPT places, in turn."""
    return f"{COMMITS}/{name}/v{version % COMMITS_KEPT}"


def rows(source: str, page: str) -> str:
    return f"{ROWS}/{source}/{page}"


def page(source: str, key: str) -> str:
    return f"{PAGES}/{source}/{key}"


def source(name: str) -> str:
    return f"{SOURCES}/{name}"


def run(source_name: str, key: str) -> str:
    return f"{RUNS}/{source_name}/{key}"


def lease(source_name: str) -> str:
    return f"{LEASES}/{source_name}"


def forgotten(name: str, key: str) -> str:
    return f"{FORGOTTEN}/{name}/{key}"


def host(key: str) -> str:
    return f"{HOSTS}/{key}"


def day(date: str) -> str:
    return f"{DAYS}/{date}"


def key(name: str) -> str:
    return f"{KEYS}/{name}"
