"""FETCH: pages from the web, politely and safely, and nothing else: what is in them is for others.

address place gate          which places may be asked at all
robots crawlers             what a site wants of crawlers
hosts pace retry_after lane one request at a time, pauses, and what is remembered between runs
budget limits faults        what a run and an answer may cost, and every way to fail
watch connection transport decompress  one exchange with a checked address
page secrets fetcher        answers into pages, and the order of it all
webhook                     the one thing that is sent
"""

from kindling.fetch.agent import user_agent
from kindling.fetch.budget import Budget, Spent
from kindling.fetch.clock import Clock, SystemClock
from kindling.fetch.fetcher import Fetcher
from kindling.fetch.gate import Gate, Target
from kindling.fetch.hosts import HostBook, HostState, MemoryHosts, RobotsState
from kindling.fetch.limits import Limits
from kindling.fetch.secrets import Secrets

__all__ = [
    "Budget",
    "Clock",
    "Fetcher",
    "Gate",
    "HostBook",
    "HostState",
    "Limits",
    "MemoryHosts",
    "RobotsState",
    "Secrets",
    "Spent",
    "SystemClock",
    "Target",
    "user_agent",
]
