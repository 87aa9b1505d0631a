"""Fixtures of the tests of reading the feed."""

import pytest

from planion_assets_tests.feed.server import pages_parsed


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the pages that were parsed."""
    return pages_parsed(monkeypatch)
