"""The SDK's manifest of the functions: what of it cannot be served."""

import pytest

from emulators.errors import ManifestError
from emulators.functions import manifest

MANIFESTS = {
    "another version": ({"specVersion": "v2"}, "has version 'v2'"),
    "no trigger": ({"specVersion": "v1alpha1", "endpoints": {"f": {}}}, "function f: its trigger is none of"),
    "two regions": (
        {"specVersion": "v1alpha1", "endpoints": {"f": {"httpsTrigger": {}, "region": ["a", "b"]}}},
        "function f: it is in 2 regions",
    ),
}


@pytest.mark.parametrize(("document", "complaint"), MANIFESTS.values(), ids=MANIFESTS.keys())
def test_ours_a_manifest_that_cannot_be_served_is_refused(document: dict[str, object], complaint: str) -> None:
    with pytest.raises(ManifestError, match=complaint):
        manifest.read(document)
