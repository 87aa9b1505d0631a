"""The files of a change log in a folder: how one takes the place of others, and what a writer that died has left."""

from collections.abc import Callable, Collection
from pathlib import Path

from planion_assets.storage import atomic_write
from planion_assets.storage.log_parts import LogPart, covered_parts, part_of
from planion_assets.storage.parquet_file import Pieces

_PENDING = ".pending"


def hidden_name(part: LogPart) -> str:
    """The name of a file until the raw table that it leads to is in its place."""
    return f".{part.name}{_PENDING}"


def hidden_files(folder: Path) -> list[tuple[Path, LogPart | None]]:
    """The files under hidden names, and what their names would be."""
    found = sorted(folder.glob(f".*{_PENDING}"))
    return [(path, part_of(path.name.removeprefix(".").removesuffix(_PENDING))) for path in found]


def recover(folder: Path, snapshot: Callable[[], str | None]) -> None:
    """Give the files under hidden names their names, those that lead to the stored snapshot, and delete the others and
    what no reader needs. Raises OSError."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    hidden = hidden_files(folder) if any(name.startswith(".") for name in names) else []
    leftovers = leftover_names(names)
    if not hidden and not leftovers:
        return
    stored = snapshot()
    for path, part in hidden:
        if part and stored and part.leads_to(stored):
            path.replace(folder / part.name)
        else:
            path.unlink(missing_ok=True)
    delete(folder, leftovers)


def leftover_names(names: Collection[str]) -> list[str]:
    """The files of these that no reader needs: half written ones, and those that a compacted one covers."""
    parts = [part for name in names if (part := part_of(name))]
    half_written = (name for name in names if name.startswith(".") and name.endswith(".tmp"))
    return [*half_written, *(one.name for one in covered_parts(parts))]


def compact(folder: Path, one: LogPart, content: Pieces) -> None:
    """Give the one file its name, from which on it covers the others, and delete those. Raises OSError."""
    atomic_write.replace(folder / one.name, content.write)
    delete(folder, leftover_names([path.name for path in folder.iterdir()]))


def delete(folder: Path, names: Collection[str]) -> None:
    """Delete files of a folder, those that are there. Raises OSError."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    atomic_write.sync_directory(folder)
