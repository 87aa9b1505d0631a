"""The object store in memory that tests of this folder share."""

import pytest

from planion_assets.storage.object_store import ObjectStore
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store


@pytest.fixture
def objects() -> MemoryObjects:
    """An object store in memory."""
    return MemoryObjects()


@pytest.fixture
def store(objects: MemoryObjects) -> ObjectStore:
    """The tables in it."""
    return object_store(objects)
