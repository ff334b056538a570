"""The official Hosting serves every static page with the headers of firebase.json too."""

from __future__ import annotations

import pytest

from tests import pages_headers
from tests.official.suites import OfficialSuite

pytestmark = pytest.mark.official


def test_spec_the_official_hosting_serves_every_page_with_its_headers(official: OfficialSuite) -> None:
    assert pages_headers.faults(official.hosting) == []
