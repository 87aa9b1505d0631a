"""Files below one root, by name: the interface that a local folder and an object store both implement.

A name is relative to the root and has `/` between its parts, each percent-encoded as `planion_assets.keys.path_name`
does it: `sessions/AAA/2024.parquet`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class Files(Protocol):
    """Each method raises OSError where the disk or the object store refuses; FileNotFoundError where nothing is there.

    A reader of a file sees one content of it, whole, however often it is replaced while it is read.
    """

    def address(self, name: str) -> str:
        """Where a person or another tool finds the file: an absolute path, or an address such as s3://bucket/name."""

    def open(self, name: str) -> "AbstractContextManager[pa.NativeFile]":
        """The file to read from, at any place in it."""

    def read(self, name: str) -> bytes:
        """The whole content."""

    def size(self, name: str) -> int:
        """Its bytes."""

    def exists(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def list(self, folder: str) -> Iterator[str]:
        """The names of all files below a folder, hidden ones too, in any order; none where there is no such folder.

        `""` is the root. A link to a folder is listed with `/` at its end, and not followed.
        """

    def folders(self, folder: str) -> Iterator[str]:
        """The names of the folders in a folder, in any order; none where there is no such folder."""

    def replace(self, name: str, write: Callable[[IO[bytes]], object], *, durable: bool = True) -> None:
        """Replace a file by what `write` writes, whole or not at all, whatever is there.

        Unless `durable`, a power failure may take it away again.
        """

    def create(self, name: str, content: bytes) -> bool:
        """Make a file, whole; false, with nothing changed, where one is there already. Of several one succeeds."""

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""

    def delete_folder(self, folder: str) -> None:
        """Remove a folder with all that is in it, if it is there."""

    def newest(self, folder: str) -> int:
        """When a file in one of the folders of this folder was last created or replaced, in nanoseconds since 1970.

        0 where there is none.
        """

    def set_aside(self, name: str) -> str:
        """Move a file to `.damaged/`, where no reader looks, and where nothing is replaced; its name there."""
