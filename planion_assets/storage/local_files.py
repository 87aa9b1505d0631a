"""Files below a folder of this machine."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from planion_assets.storage import atomic_write, locks
from planion_assets.storage.file_names import DAMAGED

if TYPE_CHECKING:
    import pyarrow as pa

_CREATING = ".locks/.create.lock"
_LOCK_WAIT = 60.0  # seconds; the lock is held for the time of writing one small file


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """Files below a folder (`planion_assets.storage.files`); a file is replaced by renaming another over it."""

    root: Path

    def address(self, name: str) -> str:
        """The path; of `""` that of the root."""
        return str(self.root / name)

    @contextlib.contextmanager
    def open(self, name: str) -> "Iterator[pa.NativeFile]":
        """The file to read from. Raises `NoFileError` too."""
        # Imported here: whoever only looks at notes needs no pyarrow.
        import pyarrow as pa

        path = self.root / name
        atomic_write.check_file(path)
        with pa.OSFile(str(path), "rb") as file:
            yield file

    def read(self, name: str) -> bytes:
        """The whole content. Raises `NoFileError` too."""
        path = self.root / name
        atomic_write.check_file(path)
        return path.read_bytes()

    def size(self, name: str) -> int:
        """Its bytes; of a link those of the link."""
        return (self.root / name).lstat().st_size

    def exists(self, name: str) -> bool:
        """Whether anything is there; a link that leads nowhere counts, and a folder."""
        return os.path.lexists(self.root / name)

    def list(self, folder: str) -> Iterator[str]:
        """The names of all files below a folder. Raises OSError: what cannot be read is not empty."""

        def refuse(error: OSError) -> None:
            if not isinstance(error, FileNotFoundError):
                raise error

        for where, folders, names in os.walk(self.root / folder, onerror=refuse):
            below = Path(where).relative_to(self.root)
            yield from ((below / name).as_posix() for name in names)
            yield from (f"{(below / name).as_posix()}/" for name in folders if Path(where, name).is_symlink())

    def folders(self, folder: str) -> Iterator[str]:
        """The names of the folders in a folder; a link to one is none."""
        try:
            found = sorted((self.root / folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return iter(())
        return (path.relative_to(self.root).as_posix() for path in found if path.is_dir() and not path.is_symlink())

    def replace(self, name: str, write: Callable[[IO[bytes]], object], *, durable: bool = True) -> None:
        """Replace a file by what `write` writes; missing folders are made."""
        atomic_write.replace(self.root / name, write, durable=durable)

    def create(self, name: str, content: bytes) -> bool:
        """Make a file where none is. Raises `LockTimeoutError` where another process does not end doing so, too."""
        with locks.acquire(self.root / _CREATING, _LOCK_WAIT):
            if self.exists(name):
                return False
            self.replace(name, lambda file: file.write(content))
            return True

    def delete(self, name: str) -> None:
        path = self.root / name
        path.unlink(missing_ok=True)
        self._sync(path.parent)

    def delete_folder(self, folder: str) -> None:
        path = self.root / folder
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
            self._sync(path.parent)

    def _sync(self, folder: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            atomic_write.sync_directory(folder)

    def newest(self, folder: str) -> int:
        """When a file two folders below was last made or replaced; looks at each folder once."""
        try:
            # A file that is replaced changes the time of its folder.
            return max((entry.stat().st_mtime_ns for entry in (self.root / folder).iterdir()), default=0)
        except FileNotFoundError:
            return 0

    def set_aside(self, name: str) -> str:
        """Move what is at that name to `.damaged/`; the second of a name gets a number."""
        path, place, number = self.root / name, f"{DAMAGED}/{name}", 1
        free = place
        with atomic_write.named(path):
            (self.root / place).parent.mkdir(parents=True, exist_ok=True)
            while self.exists(free):
                number += 1
                free = f"{place}.{number}"
            path.rename(self.root / free)
        return free
