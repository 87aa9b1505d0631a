"""Which home tables have: a local folder, or an object store."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from planion_assets.storage.files import Files
from planion_assets.storage.local_files import LocalFiles
from planion_assets.storage.object_store_settings import Options, open_object_store

if TYPE_CHECKING:
    from planion_assets.storage.object_files import ObjectFiles
    from planion_assets.storage.store import Store


def open_files(data: Path | str, options: Options) -> Files:
    """The files of a data folder or below an address; costs no pyarrow, unlike a store.

    `options` are plain settings of an object store (object_store_settings.py). Raises `ObjectStoreError` where they do
    not open one.
    """
    return LocalFiles(data) if isinstance(data, Path) else _opened(data, tuple(options.items()))


def open_store(data: Path | str, options: Options) -> "Store":
    """The store of a data folder or below an address. Raises as `open_files` does."""
    # Imported here: whoever only looks at notes needs no pyarrow.
    if isinstance(data, Path):
        from planion_assets.storage.local_store import LocalStore

        return LocalStore(data)
    from planion_assets.storage.object_store import ObjectStore

    return ObjectStore(_opened(data, tuple(options.items())))


@cache
def _opened(address: str, options: tuple[tuple[str, str | float | bool], ...]) -> "ObjectFiles":
    """One for the whole process: to open a store reads the system's certificates, and its connections are kept."""
    # Imported here: whoever stores in a folder needs no obstore.
    from planion_assets.storage.object_files import ObjectFiles

    return ObjectFiles(open_object_store(address, dict(options)), address)
