"""One writer of one conference in a folder, whose lock it holds.

A change log's file is written under a hidden name first, then the raw table is replaced, then the file gets its name.
So the raw table alone says whether a change has happened: a writer begins by publishing the hidden file that leads to
the stored snapshot, and by dropping one that leads to a snapshot which was never stored.
"""

import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from planion_assets.storage import atomic_write, last_read
from planion_assets.storage.errors import StoreError
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.log_parts import NOTHING, LogPart, compacted, covered_parts, part_of
from planion_assets.storage.parquet_file import Pieces, footer_of, opened
from planion_assets.storage.writer import LogEnd, NewPart, StagedFile, Writer

if TYPE_CHECKING:
    from planion_assets.storage.local_store import LocalStore

_PENDING = ".pending"


class LocalWriter(Writer):
    """A conference whose lock is held."""

    store: "LocalStore"

    def stage_pieces(self, table: str, pieces: Pieces) -> StagedFile:
        """Write a file beside the one that it is to replace."""
        path = self.store.path(table, self.key)
        rows: list[int] = []
        staged = atomic_write.stage(path, lambda file: rows.append(pieces.write(file)))
        return StagedFile(table, staged, footer_of(str(path), staged.stat().st_size, rows[0], pieces.schema))

    def read_staged(self, staged: StagedFile) -> pa.Table:
        name = staged.path.relative_to(self.store.root).as_posix()
        with opened(self.store.files, name, f"{staged.path} was taken away") as file:
            return file.parquet.read()

    def commit_snapshot(self, raw: Sequence[StagedFile], changes: Sequence[NewPart] = ()) -> None:
        """Write files of change logs under hidden names, rename the raw files, then give the others their names.

        A change that leads to the stored snapshot gets its name at once.
        """
        stored = {change.follows: self._snapshot(change.follows) for change in changes}
        logs = {}
        for change in changes:
            folder = self.store.folder(change.log, self.key)
            if change.part.leads_to(stored[change.follows] or NOTHING):
                atomic_write.replace(folder / change.part.name, change.rows.write)
            else:
                atomic_write.replace(folder / hidden_name(change.part), change.rows.write)
                logs[change.log] = change.follows
        try:
            self.commit_all(raw)
        finally:
            # However it ended: a failure after the raw table was replaced has changed it.
            for log, follows in logs.items():
                self.recover(log, follows)

    def commit_all(self, staged: Sequence[StagedFile]) -> None:
        for one in staged:
            self.commit(one)

    def commit(self, staged: StagedFile) -> None:
        """Rename a file."""
        atomic_write.commit(staged.path, Path(staged.footer.address))

    def discard(self, staged: StagedFile) -> None:
        """Remove the file, if it has not been renamed."""
        with contextlib.suppress(OSError):
            staged.path.unlink(missing_ok=True)

    def log_end(self, log: str) -> LogEnd:
        return self.store.log_end(log, self.key)

    def note_read(self, at: datetime, problem: str | None = None) -> LastRead:
        return last_read.note_read(self.store.files, self.key, at, problem)

    def recover(self, log: str, follows: str) -> None:
        """Rename or delete the hidden file of a killed writer, as the stored raw table says, and delete what a
        compacted file covers."""
        folder = self.store.folder(log, self.key)
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        hidden = hidden_files(folder) if any(name.startswith(".") for name in names) else []
        snapshot = self._snapshot(follows) if hidden else None
        for path, part in hidden:
            if part and snapshot and part.leads_to(snapshot):
                path.replace(folder / part.name)
            else:
                path.unlink(missing_ok=True)
        unneeded = _unneeded(names)
        if hidden or unneeded:
            delete(folder, unneeded)

    def compact(self, log: str, parts: Sequence[LogPart], content: Pieces) -> None:
        """Give the one file its name, from which on it covers the others, and delete those."""
        folder = self.store.folder(log, self.key)
        atomic_write.replace(folder / compacted(parts).name, content.write)
        delete(folder, _unneeded([path.name for path in folder.iterdir()]))

    def _snapshot(self, raw: str) -> str | None:
        try:
            provenance = self.footer(raw).provenance
        except StoreError:
            return None
        return provenance.snapshot if provenance else None


def hidden_name(part: LogPart) -> str:
    """The name of a file of a change log until the raw table that it leads to is in its place."""
    return f".{part.name}{_PENDING}"


def hidden_files(folder: Path) -> list[tuple[Path, LogPart | None]]:
    """The files under hidden names, and what their names would be."""
    found = sorted(folder.glob(f".*{_PENDING}"))
    return [(path, part_of(path.name.removeprefix(".").removesuffix(_PENDING))) for path in found]


def delete(folder: Path, names: Iterable[str]) -> None:
    """Delete files of a folder, those that are there. Raises OSError."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    atomic_write.sync_directory(folder)


def _unneeded(names: Sequence[str]) -> list[str]:
    """The files of these that no reader needs: half-written ones, and those that a compacted one covers."""
    parts = [part for name in names if (part := part_of(name))]
    half_written = (name for name in names if name.startswith(".") and name.endswith(".tmp"))
    return [*half_written, *(one.name for one in covered_parts(parts))]
