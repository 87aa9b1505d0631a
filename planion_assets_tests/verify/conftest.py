"""One stored folder for all tests of verification; each takes a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from planion_assets.sandbox import SandboxServer
from planion_assets_tests.small_sandbox import small_sandbox
from planion_assets_tests.verify.stored import KEYS, Folder, stored_folder

SESSIONS = 20
"""Of a conference: more would only take longer to verify."""


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """The folder that nothing has happened to, and the feed it is of."""
    with SandboxServer(small_sandbox(SESSIONS, list(map(str, KEYS)))) as server:
        yield stored_folder(tmp_path_factory.mktemp("verify") / "stored", server)


@pytest.fixture
def folder(whole: Folder, tmp_path: Path) -> Folder:
    """A copy to be damaged."""
    return whole.copy(tmp_path / "copy")
