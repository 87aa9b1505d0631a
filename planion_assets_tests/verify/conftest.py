"""One stored folder for all tests of verification; each takes a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from planion_assets.sandbox import SandboxServer
from planion_assets_tests.verify.stored import Folder, stored_folder


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """The folder that nothing has happened to, and the feed it is of."""
    with SandboxServer() as server:
        yield stored_folder(tmp_path_factory.mktemp("verify") / "stored", server)


@pytest.fixture
def folder(whole: Folder, tmp_path: Path) -> Folder:
    """A copy to be damaged."""
    return whole.copy(tmp_path / "copy")
