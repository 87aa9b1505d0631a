"""Which home tables have: a local folder, or an object store."""

from pathlib import Path
from typing import TYPE_CHECKING

from planion_assets.storage.errors import ObjectStoreError
from planion_assets.storage.files import Files
from planion_assets.storage.local_files import LocalFiles
from planion_assets.storage.object_store_settings import Options

if TYPE_CHECKING:
    from planion_assets.storage.store import Store


def open_files(data: Path | str, options: Options) -> Files:
    """The files of a data folder or below an address; costs no pyarrow, unlike a store.

    `options` are plain settings of an object store (object_store_settings.py).
    """
    return LocalFiles(_folder(data))


def open_store(data: Path | str, options: Options) -> "Store":
    """The store of a data folder or below an address."""
    # Imported here: whoever only looks at notes needs no pyarrow.
    from planion_assets.storage.local_store import LocalStore

    return LocalStore(_folder(data))


def _folder(data: Path | str) -> Path:
    if isinstance(data, str):
        raise ObjectStoreError(f"{data} is an address", "set `data` to a folder")
    return data
