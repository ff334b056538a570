"""The database as seven calls over its REST interface, and the only place that speaks it. Its errors become ours here.

The Admin SDK's own client is not used: it costs seven times as much a call and a third of a cold start.

Knows nothing of what lies where.

Facts relied on: a refused multi-path update changes nothing; a value's ETag is that of its content, and If-None-Match
on it answers 304 without a body; the answer to a query is an object in no order; no key below a queried place is an
integer, so that the database never takes one for a list; nobody writes NaN, which `values.encode` refuses. The service
acts as its own uid (`place`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from ..errors import Denied, StoreError, Unavailable, Unsure
from ..values import json_bytes
from .place import Place, place
from .recent import Recent, Seen
from .tokens import Tokens, tokens
from .wire import Reply, Wire

SWAP_TRIES = 25  # as many as the SDK's own transactions
OK, NO_CONTENT, NOT_MODIFIED = 200, 204, 304
NO_AUTH, FORBIDDEN, CHANGED = 401, 403, 412
SERVER_ERROR, TOO_MANY = 500, 429
UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")  # texts that stand in a query as they are, as keys and slots do
RULES_SAY_NO = "Permission denied"

Order = Literal["key"] | str


class Rows(list[tuple[str, Any]]):
    """What a query found, as (key, value), and the JSON it came as."""

    __slots__ = ("json",)

    def __init__(self, found: Iterable[tuple[str, Any]], json: bytes) -> None:
        super().__init__(found)
        self.json = json


@dataclass(frozen=True, slots=True)
class _Line:
    place: Place
    wire: Wire
    tokens: Tokens


class Database:
    """One Realtime Database, spoken to as the service. Safe to share between threads.

    Every call raises Unavailable when the database does not answer (Unsure, which is one, where it was to write),
    Denied when its rules say no.
    """

    def __init__(self) -> None:
        """Connects at the first call."""
        self._opened: _Line | None = None
        self._lock = Lock()
        self._recent = Recent()

    def _line(self) -> _Line:
        if self._opened is None:
            with self._lock:
                if self._opened is None:
                    where = place()
                    self._opened = _Line(where, Wire(where.origin), tokens(where))
        return self._opened

    def close(self) -> None:
        """Lets go of the connections; the next call looks anew where the database is."""
        with self._lock:
            line, self._opened = self._opened, None
        if line:
            line.wire.close()

    def get(self, path: str) -> Any:
        """The value at `path`, None where there is none."""
        return _json(self._ask("GET", path))

    def look(self, path: str, known: Seen | None = None) -> Callable[[], Seen]:
        """Asks for the value at `path` with its ETag; what is given is to be called once for the answer.

        That is `known` itself where the value still is that, and then no value travels.
        """
        asking = {"X-Firebase-ETag": "true"} | ({"If-None-Match": known.etag} if known else {})
        answered = self._begin("GET", path, asking=asking, fine=(OK, NOT_MODIFIED))

        def seen() -> Seen:
            reply = answered()
            if reply.status == NOT_MODIFIED and known:
                return known
            return Seen(_json(reply), reply.header(b"etag") or "")

        return seen

    def names(self, path: str) -> list[str]:
        """The keys below `path`, sorted, without what they hold."""
        found = _json(self._ask("GET", path, "shallow=true"))
        return sorted(found) if isinstance(found, dict) else []

    def query(
        self,
        path: str,
        *,
        order: Order = "key",
        start: str | None = None,
        end: str | None = None,
        limit: int | None = None,
        descending: bool = False,
    ) -> Rows:
        """Children of `path` as (key, value), ordered by key or by the text at the child path `order`.

        `start` and `end` are inclusive; `limit` counts from the start, or from the end if `descending`, and then the
        last comes first.
        """
        asked = {
            "orderBy": "$key" if order == "key" else order,
            "startAt": start,
            "endAt": end,
            "limitToLast" if descending else "limitToFirst": limit,
        }
        parameters = "&".join(f"{name}={_quoted(value)}" for name, value in asked.items() if value is not None)
        reply = self._ask("GET", path, parameters)
        found = (_json(reply) or {}).items()
        by: Callable[[tuple[str, Any]], Any] = (
            (lambda item: item[0]) if order == "key" else (lambda item: (item[1].get(order, ""), item[0]))
        )
        return Rows(sorted(found, key=by, reverse=descending), reply.body)

    def update(self, changes: Mapping[str, Any]) -> None:
        """Writes all paths of `changes` at once or none; None deletes. Empty changes are no call."""
        if changes:
            self._ask("PATCH", "", "print=silent", body=json_bytes(changes), fine=(OK, NO_CONTENT))

    def swap(self, path: str, decide: Callable[[Any], Any]) -> Any:
        """Replaces the value at `path` by `decide(value)`, atomically; None from `decide` means leave it.

        `decide` is first asked with what this process wrote there a moment ago, if it did, and again if that is no
        longer so. Returns what was written, or None where it was left. Raises StoreError after too many lost races.
        """
        recent = self._recent.take(path)
        for _ in range(SWAP_TRIES):
            seen = recent or self.look(path)()
            wanted = decide(seen.value)
            if wanted is None:
                if recent is None:
                    return None
            elif self._replaced(path, seen, wanted):
                return wanted
            recent = None
        raise StoreError(f"{path} changed {SWAP_TRIES} times while it was being written; try again")

    def _replaced(self, path: str, seen: Seen, wanted: Any) -> bool:
        """Writes `wanted` if the value still is what was `seen`; whether it was."""
        asking = {"If-Match": seen.etag, "X-Firebase-ETag": "true"}
        done = self._ask("PUT", path, body=json_bytes(wanted), asking=asking, fine=(OK, NO_CONTENT, CHANGED))
        etag = done.header(b"etag")
        if done.status == OK and etag:
            self._recent.keep(path, Seen(_json(done), etag))
        return done.status != CHANGED

    def _ask(self, method: str, path: str, parameters: str = "", **more: Any) -> Reply:
        """As `_begin`, called at once."""
        return self._begin(method, path, parameters, **more)()

    def _begin(
        self,
        method: str,
        path: str,
        parameters: str = "",
        *,
        body: bytes | None = None,
        asking: Mapping[str, str] | None = None,
        fine: tuple[int, ...] = (OK,),
    ) -> Callable[[], Reply]:
        """Asks, and gives what is to be called once for the answer."""
        line = self._line()
        target = f"/{quote(path)}.json?{line.place.parameters}{'&' if parameters else ''}{parameters}"

        def headers() -> dict[str, str]:
            return {"Authorization": f"Bearer {line.tokens.get()}", "Accept-Encoding": "gzip", **(asking or {})}

        def answered() -> Reply:
            try:
                reply = reading()
                if reply.status not in fine:
                    _refused(reply, line.tokens)
            except Unavailable as error:
                if method == "GET":
                    raise
                raise Unsure(f"{error}, but look first: the write may have been done") from error
            return reply

        reading = line.wire.begin(method, target, headers=headers, body=body)
        return answered


def _refused(reply: Reply, tokens: Tokens) -> None:
    """Raises what an answer that is no success means."""
    if reply.status in (NO_AUTH, FORBIDDEN):
        told = _told(reply)
        if RULES_SAY_NO not in told:
            tokens.forget()
            raise Denied(f"the database does not take the service's token: {told}")
        raise Denied("the database's rules refuse the service; deploy database.rules.json")
    if reply.status >= SERVER_ERROR or reply.status == TOO_MANY:
        raise Unavailable(f"the database answers {reply.status}; try again")
    raise StoreError(f"the database refuses the call ({reply.status}): {_told(reply)}")


def _told(reply: Reply) -> str:
    try:
        return str(json.loads(reply.body)["error"])
    except (ValueError, KeyError, TypeError):
        return reply.body[:200].decode(errors="replace")


def _quoted(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return f"%22{value}%22" if UNRESERVED.fullmatch(value) else quote(json.dumps(value), safe="")


def _json(reply: Reply) -> Any:
    try:
        return msgspec.json.decode(reply.body)
    except msgspec.DecodeError as error:
        raise Unavailable("the database's answer is no JSON; try again") from error
