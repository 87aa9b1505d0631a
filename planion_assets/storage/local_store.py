"""Tables in a folder of this machine: locks of the kernel, and files that are put in their places by renaming."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from planion_assets.keys import ConferenceKey, path_name
from planion_assets.storage import atomic_write, file_names, last_read, locks
from planion_assets.storage.errors import LockedError
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.local_files import LocalFiles
from planion_assets.storage.local_writer import LocalWriter, hidden_files
from planion_assets.storage.locks import GivenUp, never
from planion_assets.storage.log_parts import LogPart
from planion_assets.storage.parquet_statistics import FooterStatistics
from planion_assets.storage.store import WRITER, Store
from planion_assets.storage.writer import StoredConference

# Longer than a refresh of one conference takes while the feed works, and shorter than the fifteen minutes in which the
# feed is updated (docs/reference/feed-facts.md): a refresh that takes longer waits for a feed in trouble.
LOCK_WAIT = 60.0
_LOCKS = ".locks"


@dataclass(frozen=True, slots=True)
class LocalStore(Store):
    """The tables below a folder. `lock_wait` is how many seconds a writer waits for another."""

    root: Path
    lock_wait: float = LOCK_WAIT
    files: LocalFiles = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", LocalFiles(self.root))

    def path(self, table: str, key: ConferenceKey | None) -> Path:
        """The file of a table: a conference's, or that of a table of all conferences."""
        return self.root / file_names.table_file(table, key)

    def folder(self, log: str, key: ConferenceKey) -> Path:
        """The folder of a conference's files of a change log."""
        return self.root / file_names.log_folder(log, key)

    def stored(self, keys: Iterable[ConferenceKey]) -> Iterator["LocalConference"]:
        """Each of the conferences, to be asked what is stored of it at one moment."""
        return (LocalConference(self, key) for key in keys)

    @contextlib.contextmanager
    def writer(self, key: ConferenceKey, logs: Mapping[str, str], given_up: GivenUp = never) -> Iterator[LocalWriter]:
        """Write a conference's tables under its lock; another writer waits `lock_wait` seconds for it.

        What killed writers have staged is left to `sweep`, which lists each folder once for a whole run: to list the
        files of the account for each conference took 7 ms of 27 where an account had 500 conferences.
        """
        with self._locked(WRITER, key, given_up):
            writer = LocalWriter(self, key)
            for log, raw in logs.items():
                writer.recover(log, raw)
            yield writer

    @contextlib.contextmanager
    def exclusive(self, writer: str, key: ConferenceKey | None, tables: Iterable[str]) -> Iterator[None]:
        """Hold the lock of that writer; what killed writers have left of these files is removed first.

        Raises `LockedError` when another does not end within `lock_wait` seconds, and OSError where the disk refuses.
        """
        with self._locked(writer, key):
            for table in tables:
                for leftover in leftovers(self.path(table, key)):
                    leftover.unlink(missing_ok=True)
            yield

    @contextlib.contextmanager
    def _locked(self, writer: str, key: ConferenceKey | None, given_up: GivenUp = never) -> Iterator[None]:
        lock = lock_path(self.root, writer, key)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locks.acquire(lock, self.lock_wait, given_up))
            except locks.LockTimeoutError as error:
                raise LockedError(
                    f"{key or writer} is being written by {error}, which did not end within {self.lock_wait:g} s; "
                    f"let it end, then try again (the lock is {lock})"
                ) from None
            yield

    def unwaiting(self) -> "LocalStore":
        """The same store, whose writers fail at once where another is at work."""
        return LocalStore(self.root, 0)

    def sweep(self, tables: Iterable[str]) -> None:
        """Remove what killed writers left of these tables, also of conferences that nobody refreshes any more.

        Those at which somebody is at work, or which the disk refuses to free, are left to the next sweep.
        """
        tables = tuple(tables)
        with contextlib.suppress(OSError):
            for key in {key for table in tables for key in _leftover_keys(self.root, table)}:
                with contextlib.suppress(LockedError, OSError), self.unwaiting().exclusive(WRITER, key, tables):
                    pass

    def last_read(self, key: ConferenceKey) -> LastRead:
        return last_read.last_read(self.files, key)

    def note_failure(self, key: ConferenceKey, at: datetime, reason: str) -> LastRead:
        return last_read.note_failure(self.files, key, at, reason)

    def note_file(self, key: ConferenceKey) -> str:
        return last_read.note_file(key)

    def leftovers(self, name: str) -> list[str]:
        """What was staged for a file and not put in its place."""
        return sorted(path.relative_to(self.root).as_posix() for path in leftovers(self.root / name))

    def pending(self, log: str, key: ConferenceKey) -> list[LogPart]:
        """The files that still have hidden names."""
        return [part for _, part in hidden_files(self.folder(log, key)) if part]


class LocalConference(StoredConference):
    """A conference as it is when each of its files is first asked for: each is opened once, however much is asked."""

    def __init__(self, store: "LocalStore", key: ConferenceKey) -> None:
        super().__init__(store, key)
        self._found: dict[str, FooterStatistics] = {}

    def statistics(self, table: str) -> FooterStatistics:
        if table not in self._found:
            self._found[table] = super().statistics(table)
        return self._found[table]


def leftovers(path: Path) -> Iterator[Path]:
    """What was staged for a path and not put there. Raises OSError."""
    return path.parent.glob(atomic_write.leftovers_of(path.name))


def _leftover_keys(root: Path, table: str) -> set[ConferenceKey]:
    """The conferences of which files of this table were staged and not put in their places. Raises OSError."""
    suffix = file_names.SUFFIX
    found = (root / file_names.table_folder(table)).glob(f"*/{atomic_write.leftovers_of('*' + suffix)}")
    names = ((path.parent.name, path.name.removeprefix(".").rsplit(suffix, 1)[0]) for path in found)
    return {key for account, conference in names if (key := file_names.key_of(account, conference))}


def lock_path(root: Path, writer: str, key: ConferenceKey | None) -> Path:
    """The lock file of a writer: hidden, and in no table's folder, so that no reader's glob finds it."""
    folder = root / _LOCKS / path_name(writer)
    if key is None:
        return folder.with_name(f"{folder.name}.lock")
    return folder / path_name(key.account) / f"{path_name(key.conference)}.lock"
