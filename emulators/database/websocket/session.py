"""What one client of the WebSocket protocol asks for, and what it is told: actions in, answers and pushes out.

Facts: a request is {"r": number, "a": action, "b": body}, its answer {"r", "b": {"s": status, "d": data}}. Actions are
`q n` listen and unlisten, `g` get, `p m` put and merge, `o om oc` onDisconnect set, update and cancel, `auth gauth
unauth`, `s` statistics, `appcheck unappeck`. Pushes are {"a": `d` data, `m` merge, `c` listen revoked, `ac` token
revoked, "b": body}. A listen's data comes before its answer, and a write's news before the write's. Data is in the
export form, with priorities and no arrays. A put with a hash `h` is made only if the data there has that hash.

Knows no socket: it is given `send`, and one turn of the event loop for each request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulators.database.database import Database
from emulators.database.errors import BadRequest, IndexNotDefined, PermissionDenied
from emulators.database.json_form import BadValue, to_json
from emulators.database.keys import BadKey, Path, parse_path
from emulators.database.listeners import Event, Listener, Put, Revoked
from emulators.database.sizes import is_larger
from emulators.database.storage import StorageError
from emulators.database.tokens import Access, BadToken, acting_as, check_origin, token_access
from emulators.database.tree import View
from emulators.database.websocket.farewell import Farewell
from emulators.database.websocket.hashes import data_hash
from emulators.database.websocket.wire_query import read_query

MAX_LISTENS = 10_000  # of one client; far more than a page shows, and a bound on what each write must look through
MAX_HASHED_BYTES = 1_000_000  # of a listen; hashing more costs about four times what sending it does

Message = dict[str, Any]


class DataStale(Exception):
    """The data is no longer what the transaction read; the client tries again."""


class FarewellLost(Exception):
    """A client's onDisconnect writes could not be kept. The client is gone: this is for the server's log."""


STATUS: dict[type[Exception], str] = {
    DataStale: "datastale",
    PermissionDenied: "permission_denied",
    BadToken: "invalid_token",
    IndexNotDefined: "index_not_defined",
    BadRequest: "invalid_request",
    BadKey: "invalid_path",
    BadValue: "invalid_data",
    StorageError: "unavailable",
}
"""The answers' status for what went wrong; the clients show it in capitals, with the text behind it."""

_REFUSALS = tuple(STATUS)


@dataclass(slots=True)
class _Listen:
    """One listen of the client. `asked` is its query object, which a revocation must repeat."""

    path: Path
    tag: int | None
    asked: Any
    known_hash: str
    listener: Listener | None = None


class Session:
    """One client, from its first request to its farewell."""

    def __init__(
        self,
        database: Database,
        send: Callable[[Message], None],
        *,
        origin: str | None,
        changed_access: Callable[[Access], None],
    ) -> None:
        self._database = database
        self._send = send
        self._origin = origin
        self._changed_access = changed_access
        self._access = Access()
        self._listens: dict[tuple[Path, int | None], _Listen] = {}
        self._farewell = Farewell()

    def receive(self, request: Message) -> None:
        """Carry out one request and answer it."""
        action, body = request.get("a"), request.get("b")
        status, data = "ok", None
        try:
            if not isinstance(body, dict) or not isinstance(action, str) or action not in ACTIONS:
                raise BadRequest(f"action {action!r} is not supported; there are {', '.join(ACTIONS)}")
            data = ACTIONS[action](self, body)
        except _REFUSALS as error:
            status, data = STATUS[type(error)], str(error)
        if "r" in request:
            self._send({"r": request["r"], "b": {"s": status, "d": data}})

    def expire(self) -> None:
        """The client's token has expired: it is told, and is nobody until it signs in again."""
        self._send({"a": "ac", "b": {"s": "expired_token", "d": "The auth token has expired."}})
        self._become(Access())

    def end(self) -> None:
        """Forget the client and write what it left to be written, each place if the rules still allow it.

        Raises FarewellLost if it cannot be kept.
        """
        for listen in self._listens.values():
            if listen.listener:
                self._database.unsubscribe(listen.listener)
        self._listens.clear()
        for path, value in self._farewell.take():
            try:
                self._database.set(path, value, self._access)
            except StorageError as error:
                raise FarewellLost(f"the onDisconnect writes of a client were not made: {error}") from error
            except _REFUSALS:
                continue  # the rules or the data changed since it was queued, and nobody is left to be told

    def listen(self, body: Message) -> Any:
        """`q`: tell everything there, unless the client's hash says that it knows, and then every change."""
        path, tag, query = _path(body), _tag(body), read_query(body.get("q"))
        if (path, tag) in self._listens:
            raise BadRequest("the client listens there already; unlisten first")
        if len(self._listens) >= MAX_LISTENS:
            raise BadRequest(f"the client has {MAX_LISTENS} listens, the most it may have")
        whole = query is not None and not self._has_index(path, query.index)
        listen = _Listen(path, tag, body.get("q"), str(body.get("h") or ""))
        listen.listener = self._database.subscribe(
            path, query, self._access, lambda event: self._tell(listen, event), whole=whole
        )
        self._listens[path, tag] = listen
        return {"w": ["no_index"]} if whole else {}

    def unlisten(self, body: Message) -> Any:
        """`n`: tell nothing more; harmless where the client does not listen."""
        listen = self._listens.pop((_path(body), _tag(body)), None)
        if listen and listen.listener:
            self._database.unsubscribe(listen.listener)
        return {}

    def get(self, body: Message) -> Any:
        """`g`: what is there, once."""
        return to_json(self._database.read(_path(body), self._access, read_query(body.get("q"))), export=True)

    def put(self, body: Message) -> Any:
        """`p`: replace what is there; with a hash only if that is what the hash says."""
        path = _path(body)
        self._check_hash(path, body)
        self._database.set(path, _data(body), self._access)
        return ""

    def merge(self, body: Message) -> Any:
        """`m`: set several places below the path, or none of them."""
        path = _path(body)
        self._check_hash(path, body)
        self._database.update(path, _children(body), self._access)
        return ""

    def on_disconnect_put(self, body: Message) -> Any:
        """`o`: queue a write for when the client is gone. The rules judge it now, and again then."""
        path, value = _path(body), _data(body)
        self._database.check_set(path, value, self._access)
        self._farewell.set(path, value)
        return ""

    def on_disconnect_merge(self, body: Message) -> Any:
        """`om`: queue a write of each place that the update names."""
        path, children = _path(body), _children(body)
        self._database.check_update(path, children, self._access)
        for key, value in children.items():
            self._farewell.set((*path, *parse_path(key)), value)
        return ""

    def on_disconnect_cancel(self, body: Message) -> Any:
        """`oc`: forget what is queued at and below the path."""
        self._farewell.cancel(_path(body))
        return ""

    def sign_in(self, body: Message) -> Any:
        """`auth` and `gauth`: be the token's user from now on; listens that this one may not have are revoked."""
        token = body.get("cred")
        access = token_access(token) if isinstance(token, str) else None
        if access is None:
            raise BadToken
        if "authvar" in body or body.get("noauth"):
            access = acting_as(access, body.get("authvar"))
        check_origin(self._origin, access)
        self._become(access)
        return {"auth": access.auth, "expires": None}

    def sign_out(self, _body: Message) -> Any:
        """`unauth`: be nobody from now on."""
        self._become(Access())
        return ""

    def accept(self, _body: Message) -> Any:
        """Statistics and App Check tokens: taken, and nothing depends on them here."""
        return ""

    def _become(self, access: Access) -> None:
        self._access = access
        self._changed_access(access)
        for listen in list(self._listens.values()):
            if listen.listener:
                self._database.change_access(listen.listener, access)

    def _has_index(self, path: Path, index: str | None) -> bool:
        return index is None or index in self._database.rules.indexes(path)

    def _check_hash(self, path: Path, body: Message) -> None:
        if "h" in body and body["h"] != data_hash(self._database.view(path)):
            raise DataStale("The data has changed since the transaction read it.")

    def _tell(self, listen: _Listen, event: Event) -> None:
        """A listen's subscription callback."""
        if isinstance(event, Revoked):
            self._listens.pop((listen.path, listen.tag), None)
            query = {} if listen.tag is None else {"q": [listen.asked]}
            self._send({"a": "c", "b": {"p": "/".join(listen.path), **query}})
            return
        known, listen.known_hash = listen.known_hash, ""
        if known and isinstance(event, Put) and _is_known(event.view, known):
            return
        tag = {} if listen.tag is None else {"t": listen.tag}
        place = "/".join((*listen.path, *event.path))
        if isinstance(event, Put):
            self._send({"a": "d", "b": {"p": place, "d": to_json(event.view, export=True), **tag}})
        else:
            data = {key: to_json(view, export=True) for key, view in event.children.items()}
            self._send({"a": "m", "b": {"p": place, "d": data, **tag}})


ACTIONS: dict[str, Callable[[Session, Message], Any]] = {
    "q": Session.listen,
    "n": Session.unlisten,
    "g": Session.get,
    "p": Session.put,
    "m": Session.merge,
    "o": Session.on_disconnect_put,
    "om": Session.on_disconnect_merge,
    "oc": Session.on_disconnect_cancel,
    "auth": Session.sign_in,
    "gauth": Session.sign_in,
    "unauth": Session.sign_out,
    "s": Session.accept,
    "appcheck": Session.accept,
    "unappeck": Session.accept,
}


def _is_known(view: View, known_hash: str) -> bool:
    """Whether the client has this data already, as far as it is worth finding out."""
    return not is_larger([view], MAX_HASHED_BYTES) and known_hash == data_hash(view)


def _path(body: Message) -> Path:
    path = body.get("p")
    if not isinstance(path, str):
        raise BadRequest("the request has no path 'p'")
    return parse_path(path)


def _tag(body: Message) -> int | None:
    tag = body.get("t")
    if tag is not None and (isinstance(tag, bool) or not isinstance(tag, int)):
        raise BadRequest("a listen's tag 't' is a whole number")
    return tag


def _data(body: Message) -> Any:
    if "d" not in body:
        raise BadRequest("the request has no data 'd'")
    return body["d"]


def _children(body: Message) -> dict[str, Any]:
    data = _data(body)
    if not isinstance(data, dict):
        raise BadRequest("an update's data 'd' is an object")
    return data
