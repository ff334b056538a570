"""The server's own addresses, `/.settings/…` and `/.inspect/…`: rules, triggers, names, counters. For the owner only.

Facts: the Firebase CLI uploads rules as raw text and expects `{"error": "line:col: message"}` with 400 for bad ones;
it posts triggers one by one and never takes one back. Whoever knows them all puts the list; what is not in it is gone.

Reads no socket: a call comes in, an answer goes out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from emulators.database.errors import BadRequest, PermissionDenied, UnknownAddress
from emulators.database.namespaces import Namespaces
from emulators.database.rest import Answer, decoded
from emulators.database.rules.source import Array, Object, Source, Text, Value
from emulators.database.triggers import parse_registration

PREFIXES = ("/.settings/", "/.inspect/")


@dataclass(frozen=True, slots=True)
class SettingsCall:
    """One request to the server itself, in the name of a database."""

    method: str
    address: str
    namespaces: Namespaces
    namespace: str
    admin: bool
    strict: bool
    serves_triggers: bool
    body: bytes


def answer(call: SettingsCall) -> Answer:
    """Carry out the request. Raises DatabaseError, and RulesError for rules that are refused."""
    serve = _ROUTES.get((call.method, call.address))
    if serve is None:
        known = ", ".join(f"{method} {address}" for method, address in _ROUTES)
        raise UnknownAddress(f"{call.method} {call.address} is not served; there are: {known}")
    if not call.admin:
        raise PermissionDenied("Permission denied; settings need 'Authorization: Bearer owner'")
    return serve(call)


def _get_rules(call: SettingsCall) -> Answer:
    text = call.namespaces.rules_text(call.namespace)
    return Answer(strict_json(text) if call.strict else text.encode())


def _put_rules(call: SettingsCall) -> Answer:
    try:
        text = call.body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("the rules are not valid UTF-8") from error
    call.namespaces.set_rules(call.namespace, text)
    return Answer(b'{"status":"ok"}')


def _post_trigger(call: SettingsCall) -> Answer:
    _demand_functions_host(call)
    call.namespaces.register(parse_registration(decoded(call.body)))
    return Answer(b'{"status":"ok"}')


def _put_triggers(call: SettingsCall) -> Answer:
    _demand_functions_host(call)
    listed = decoded(call.body)
    if not isinstance(listed, list):
        raise BadRequest("PUT takes the list of all triggers; POST adds one")
    call.namespaces.register_only([parse_registration(one) for one in listed])
    return Answer(b'{"status":"ok"}')


def _demand_functions_host(call: SettingsCall) -> None:
    if not call.serves_triggers:
        raise BadRequest("there is no functions host to send events to; start the database with --functions HOST:PORT")


def _get_databases(call: SettingsCall) -> Answer:
    return Answer(msgspec.json.encode([{"name": name} for name in call.namespaces.names()]))


def _get_stats(call: SettingsCall) -> Answer:
    return Answer(msgspec.json.encode(asdict(call.namespaces.get(call.namespace).stats)))


def strict_json(text: str) -> bytes:
    """Accepted rules as plain JSON, without their comments."""
    return msgspec.json.encode(_plain(Source(text).read()))


def _plain(value: Value) -> Any:
    if isinstance(value, Object):
        return {key.text: _plain(item) for key, item in value.entries}
    if isinstance(value, Array):
        return [_plain(item) for item in value.items]
    return value.text if isinstance(value, Text) else value.value


_ROUTES: dict[tuple[str, str], Callable[[SettingsCall], Answer]] = {
    ("GET", "/.settings/rules.json"): _get_rules,
    ("PUT", "/.settings/rules.json"): _put_rules,
    ("POST", "/.settings/functionTriggers.json"): _post_trigger,
    ("PUT", "/.settings/functionTriggers.json"): _put_triggers,
    ("GET", "/.inspect/databases.json"): _get_databases,
    ("GET", "/.inspect/stats.json"): _get_stats,
}
