"""One sandbox server for all tests that do not change its content."""

from collections.abc import Iterator

import pytest

from planion_assets.sandbox import Sandbox
from planion_assets_tests.recording_server import RecordingServer


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture(scope="session")
def server(sandbox: Sandbox) -> Iterator[RecordingServer]:
    with RecordingServer(sandbox) as running:
        yield running
