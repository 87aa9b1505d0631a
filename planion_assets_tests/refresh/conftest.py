"""One history of many states for the tests of change logs; each takes a copy."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.refresh.test_former_tables import ZONES, refreshed

_COPIED = (3, 4, 6, 8, 9)


class Grown(NamedTuple):
    """Folders in which nothing was compacted, by the number of states that they have had, and when each was stored."""

    folders: dict[int, Path]
    times: list[datetime]


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """The states from 0 of the feed of `test_former_tables.py`."""
    root = tmp_path_factory.mktemp("grown")
    store, grown = LocalStore(root / "now"), Grown({}, [])
    for state in range(max(_COPIED)):
        refreshed(store, state, ZONES[0])
        grown.times.append(datetime.now(UTC))
        if state + 1 in _COPIED:
            grown.folders[state + 1] = shutil.copytree(store.root, root / str(state + 1))
    return grown
