"""The suite that the reading clients share."""

from collections.abc import Iterator

import pytest

from tests.clients.served import Asked, served


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """One for all reading clients; whoever writes uses names of its own."""
    with served(tmp_path_factory.mktemp("clients")) as running:
        yield running
