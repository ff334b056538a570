"""What the functions are, read from the SDK's manifest; pure.

Knows the manifest's shape (specVersion v1alpha1) and nothing of processes or HTTP. Facts relied on: a function's
name is its key in `endpoints`; a function without a region is in us-central1; times are whole seconds.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulators.errors import ManifestError

DEFAULT_REGION = "us-central1"
DEFAULT_TIMEOUT_S = 60  # a function that states none; both Firebase's default and Cloud Run's for functions

PARAMETER = re.compile(r"\{\{ params\.(?P<name>[A-Z0-9_]+) \}\}")  # how the manifest writes a parameter

TRIGGERS = {
    "httpsTrigger": "https",
    "callableTrigger": "https",
    "blockingTrigger": "https",
    "scheduleTrigger": "schedule",
    "taskQueueTrigger": "queue",
    "eventTrigger": "event",
}


@dataclass(frozen=True)
class Endpoint:
    """One function: its place and what starts it."""

    name: str
    region: str
    kind: str  # a value of TRIGGERS
    trigger: Mapping[str, Any]  # the trigger as the manifest has it
    timeout_s: float

    @property
    def id(self) -> str:
        """`REGION-NAME`, as events and the list of backends name a function."""
        return f"{self.region}-{self.name}"


@dataclass(frozen=True)
class Manifest:
    """Every function of the project."""

    endpoints: Mapping[str, Endpoint]
    secrets: tuple[str, ...] = ()  # the names of the secret parameters

    def of_kind(self, kind: str) -> list[Endpoint]:
        """The endpoints of one kind, by name."""
        return [endpoint for _, endpoint in sorted(self.endpoints.items()) if endpoint.kind == kind]


def read(document: Mapping[str, Any]) -> Manifest:
    """Reads the manifest; ManifestError names the function that cannot be served here."""
    if document.get("specVersion") != "v1alpha1":
        raise ManifestError(f"the functions' manifest has version {document.get('specVersion')!r}, not v1alpha1")
    endpoints = {name: _endpoint(name, spec) for name, spec in document.get("endpoints", {}).items()}
    secrets = [each["name"] for each in document.get("params", []) if each.get("type") == "secret"]
    return Manifest(endpoints, tuple(secrets))


def resolved(node: Any, value_of: Callable[[str], Any]) -> Any:
    """The manifest, or a part of it, with each parameter in it replaced by its value, asked for by its name."""
    if isinstance(node, dict):
        return {key: resolved(item, value_of) for key, item in node.items()}
    if isinstance(node, list):
        return [resolved(item, value_of) for item in node]
    if isinstance(node, str) and (parameter := PARAMETER.fullmatch(node)):
        return value_of(parameter["name"])
    return node


def _endpoint(name: str, spec: Mapping[str, Any]) -> Endpoint:
    found = [trigger for trigger in TRIGGERS if trigger in spec]
    if len(found) != 1:
        raise ManifestError(f"function {name}: its trigger is none of {', '.join(TRIGGERS)}, so it cannot be served")
    regions = spec.get("region") or [DEFAULT_REGION]
    if len(regions) != 1:
        raise ManifestError(f"function {name}: it is in {len(regions)} regions; this suite serves one: name one")
    return Endpoint(
        name=name,
        region=regions[0],
        kind=TRIGGERS[found[0]],
        trigger=spec[found[0]] or {},
        timeout_s=spec.get("timeoutSeconds") or DEFAULT_TIMEOUT_S,
    )
