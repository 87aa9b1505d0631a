"""Which home tables have: a local folder, or an object store."""

from pathlib import Path
from typing import TYPE_CHECKING

from planion_assets.storage.files import Files
from planion_assets.storage.local_files import LocalFiles

if TYPE_CHECKING:
    from planion_assets.storage.store import Store


def open_files(data: Path) -> Files:
    """The files of a data folder; costs no pyarrow, unlike a store."""
    return LocalFiles(data)


def open_store(data: Path) -> "Store":
    """The store of a data folder."""
    # Imported here: whoever only looks at notes needs no pyarrow.
    from planion_assets.storage.local_store import LocalStore

    return LocalStore(data)
