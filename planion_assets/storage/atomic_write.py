"""Replacing a file whole or not at all, and what is said of a refusal, each with its remedy.

None is retried: the next refresh is the retry, and it compares every file with the snapshot it should show.
"""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from planion_assets.guide import GuidedError, Heading, see
from planion_assets.storage.errors import ObjectStoreError

_TEMPORARY = ".tmp"
_RANDOM_BYTES = 6  # of a staged file's name


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about a refusal of the disk, and the heading of the documents that says more."""

    text: str
    heading: Heading


_ROOM = Remedy("make room there", Heading.DISK_FULL)
_PERMISSIONS = Remedy(
    "give the user of this process the right to read and write there, or set `data` to another folder", Heading.NO_RIGHT
)
_OTHER_FILE = Remedy("move away what is in the place of a folder or file", Heading.IN_THE_WAY)

REMEDIES: dict[int, Remedy] = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), _ROOM),
    errno.EFBIG: Remedy("raise the limit of the size of files (ulimit -f)", Heading.FILE_SIZE),
    **dict.fromkeys((errno.EACCES, errno.EPERM), _PERMISSIONS),
    errno.EROFS: Remedy("mount it for writing, or set `data` to another folder", Heading.READ_ONLY),
    errno.EIO: Remedy("check the disk and the system's log", Heading.DISK_ERROR),
    **dict.fromkeys(
        (errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ELOOP, errno.ENOTEMPTY, errno.ENXIO), _OTHER_FILE
    ),
    errno.ENOLCK: Remedy("mount it with locks (NFS: with lockd), or set `data` to another folder", Heading.NO_LOCKS),
    errno.ENOENT: Remedy(
        "make the folder that is missing, or name one that is there (`data`, TMPDIR)", Heading.MISSING_FOLDER
    ),
    errno.ENAMETOOLONG: Remedy("set `data` to a folder with a shorter path", Heading.LONG_PATH),
    errno.EMFILE: Remedy("raise the limit of open files (ulimit -n)", Heading.OPEN_FILES),
}
_UNKNOWN = Remedy("check the data directory and its disk", Heading.OTHER_REFUSAL)


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NoFileError(OSError):
    """In the place of a file there is something else, whose reading could wait for ever. `filename` is the place."""

    def __str__(self) -> str:
        return f"{self.filename} is {self.strerror}, and no file"


def check_file(path: Path) -> None:
    """Raise `NoFileError` where that path leads to anything but a file, and OSError where it leads to nothing."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise NoFileError(errno.ELOOP, "a loop of links", str(path)) from None
    if not stat.S_ISREG(mode):
        raise NoFileError(errno.EEXIST, _KINDS.get(stat.S_IFMT(mode), "something else"), str(path))


def refusal(error: OSError | GuidedError, again: str = "refresh again") -> str:
    """One line for a person: the file, the reason, the remedy, what to do after it, and where to read on."""
    if isinstance(error, GuidedError):
        return str(error)  # says all of it
    if isinstance(error, ObjectStoreError):
        return see(f"{error}; {error.remedy}, then {again}", error.heading)
    where = f" {error.filename}" if error.filename else ""
    remedy = REMEDIES.get(error.errno or 0, _UNKNOWN)
    if isinstance(error, NoFileError):
        return see(f"{error}; {remedy.text}, then {again}", remedy.heading)
    return see(f"the disk refused{where}: {error.strerror or error}; {remedy.text}, then {again}", remedy.heading)


def replace(path: Path, write: Callable[[IO[bytes]], object], *, durable: bool = True) -> None:
    """Write a file beside the one it replaces and rename it; missing folders are made.

    A reader sees the old file or the whole replacement. Unless `durable`, it is not synced to the disk: a power failure
    may take it away. Raises OSError with the file's name when the disk refuses; what `path` held is untouched then, or
    replaced whole if the disk refuses only to say that the new name will survive a power failure.
    """
    commit(stage(path, write, durable=durable), path, durable=durable)


def stage(path: Path, write: Callable[[IO[bytes]], object], *, durable: bool = True) -> Path:
    """Write a file beside the one it is to replace; missing folders are made. The path to `commit`.

    Raises OSError with the name of `path` when the disk refuses.
    """
    with named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Hidden and not named .parquet: no reader's glob picks up a half-written file.
        staged = path.with_name(f".{path.name}.{secrets.token_hex(_RANDOM_BYTES)}{_TEMPORARY}")
        with _gone_on_failure(staged):
            with staged.open("xb") as file:
                write(file)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
        return staged


def commit(staged: Path, path: Path, *, durable: bool = True) -> None:
    """Put a staged file in its place. Raises OSError as `replace` does."""
    with named(path):
        with _gone_on_failure(staged):
            staged.replace(path)
        if durable:
            sync_directory(path.parent)


def leftovers_of(name: str) -> str:
    """The glob of the files that writers stage beside the file of that name, which may itself be a glob."""
    return f".{name}.{'?' * 2 * _RANDOM_BYTES}{_TEMPORARY}"


@contextlib.contextmanager
def named(path: Path) -> Iterator[None]:
    """Let an OSError of the body name that path."""
    try:
        yield
    except OSError as error:
        # A write that fails names no file, and a failed rename two. Another folder's file is what was to be written.
        other = error.filename and Path(os.fsdecode(error.filename)).parent not in (path.parent, *path.parents)
        name = error.filename if other else str(path)
        raise OSError(error.errno, error.strerror or str(error), name) from error


@contextlib.contextmanager
def _gone_on_failure(staged: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        raise


def sync_directory(directory: Path) -> None:
    """Make the rename itself survive a power failure."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
