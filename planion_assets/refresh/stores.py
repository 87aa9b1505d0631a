"""The store that settings name: a folder or an object store, opened for reading and writing tables."""

from typing import TYPE_CHECKING

from planion_assets.config import Config
from planion_assets.storage import open_store
from planion_assets.storage.files import Files

if TYPE_CHECKING:
    from planion_assets.storage.store import Store


def files_of(settings: Config) -> Files:
    """The files below `data`. Raises ConfigError, and OSError where an object store cannot be opened."""
    return open_store.open_files(settings.data, settings.storage_options())


def store_of(settings: Config) -> "Store":
    """The tables below `data`. Raises as `files_of` does."""
    return open_store.open_store(settings.data, settings.storage_options())
