"""Every static page comes with the headers that keep it from being framed, sniffed or written into."""

from __future__ import annotations

import pytest

from tests import pages_headers
from tests.running_suite import RunningSuite


@pytest.mark.suite
def test_ours_our_hosting_serves_every_page_with_its_headers(suite: RunningSuite) -> None:
    assert pages_headers.faults(suite.hosting) == []
