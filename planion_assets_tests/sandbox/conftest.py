"""One sandbox server for all tests that do not change its content."""

from collections.abc import Iterator

import pytest

from planion_assets.sandbox import Sandbox, SandboxServer


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture(scope="session")
def server(sandbox: Sandbox) -> Iterator[SandboxServer]:
    with SandboxServer(sandbox) as running:
        yield running
