"""What the functions are deployed with."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from firebase_functions.params import Param, SecretParam
from kindling import settings

WRITERS_AND_READERS = (
    "delete_data delete_source get_changes get_data get_runs get_series get_sources health hello_world openapi "
    "save_data save_source scrape_now"
).split()
SECRETS = {
    **{key: {"ADMIN_KEY"} for key in WRITERS_AND_READERS},
    "preview_source": {"ADMIN_KEY", "SOURCE_SECRETS"},
    "prune": set(),
    "scrape_due": {"WEBHOOK_SECRET"},
    "scrapesource": {"SOURCE_SECRETS", "WEBHOOK_SECRET"},
}
"""Who is given which secret: the key to those who ask for it, the webhook's to those who send it, and none else."""


@pytest.fixture(scope="module")
def endpoints() -> dict[str, Any]:
    """What the SDK's discovery would find, by name."""
    main = importlib.import_module("main")
    found = {name: getattr(value, "__firebase_endpoint__", None) for name, value in vars(main).items()}
    return {name: endpoint for name, endpoint in found.items() if endpoint is not None}


def test_every_function_is_given_the_secrets_it_uses_and_no_other(endpoints: dict[str, Any]) -> None:
    given = {
        name: {variable["key"] for variable in endpoint.secretEnvironmentVariables or []}
        for name, endpoint in endpoints.items()
    }
    assert given == SECRETS


def test_a_parameter_of_the_deploy_is_a_setting_with_the_same_default() -> None:
    main = importlib.import_module("main")
    declared = {each.name: each for each in vars(main).values() if isinstance(each, Param | SecretParam)}
    told = {each.name: each for each in settings.TABLE}
    plain = {name: str(each.default) for name, each in declared.items() if isinstance(each, Param)}
    assert {name: told[name].default for name in plain} == plain
    secrets = {name for name, each in declared.items() if isinstance(each, SecretParam)}
    assert secrets == {each.name for each in settings.TABLE if each.secret}
