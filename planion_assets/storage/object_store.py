"""Tables in an object store: no locks, but a head for each conference, and conditional writes."""

import contextlib
import itertools
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

from planion_assets.daemon_threads import DaemonThreadPool
from planion_assets.keys import ConferenceKey
from planion_assets.storage import file_names, last_read
from planion_assets.storage.errors import LockedError
from planion_assets.storage.head import Head
from planion_assets.storage.head_objects import FoundHead, amend_head, get_head, head_name, nonce
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.locks import GivenUp, never
from planion_assets.storage.log_parts import LogPart, part_of, without_covered
from planion_assets.storage.object_conference import ReadConference
from planion_assets.storage.object_files import ObjectFiles
from planion_assets.storage.object_probe import check_conditional_writes
from planion_assets.storage.object_recovery import adopt, forget_moved, recover
from planion_assets.storage.object_writer import ObjectWriter
from planion_assets.storage.staged_objects import OWN_AFTER, STAGED, sweep_staged
from planion_assets.storage.store import Store
from planion_assets.storage.writer import StoredConference

logger = logging.getLogger(__name__)

_HEADS_AT_ONCE = 32
"""Heads that are read at the same time: a thousand of them, at 20 ms each, in less than a second."""


@dataclass(frozen=True, slots=True)
class ObjectStore(Store):
    """The tables below an address of an object store."""

    files: ObjectFiles
    _sweep_is_due: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)

    def stored(self, keys: Iterable[ConferenceKey]) -> Iterator[StoredConference]:
        """Each of the conferences, in that order; their heads are read several at once."""
        listed = cache(lambda table: set(self.files.list(file_names.table_folder(table))))
        with DaemonThreadPool(_HEADS_AT_ONCE, "heads") as pool:
            futures = [(key, pool.submit(get_head, self.files, key)) for key in keys]
            for key, future in futures:
                yield ReadConference(self, key, future, listed)

    @contextlib.contextmanager
    def writer(self, key: ConferenceKey, logs: Mapping[str, str], given_up: GivenUp = never) -> Iterator[ObjectWriter]:
        """Write a conference's tables, also while others do; of two that commit, one begins again.

        Without `logs` its files are repaired, and some may be set aside: the head is left without those.
        """
        found = self._found(key)
        head = recover(self.files, key, found)
        if not head.commit:
            head = adopt(self.files, key, head, set(logs.values()))
        writer = ObjectWriter(self, key, found, head)
        try:
            yield writer
        finally:
            writer.close()
            if not logs:
                forget_moved(self.files, key)

    def exclusive(
        self, writer: str, key: ConferenceKey | None, tables: Iterable[str]
    ) -> "contextlib.AbstractContextManager[object]":
        """Nobody waits: of two that replace one object the later one is seen."""
        return contextlib.nullcontext()

    @contextlib.contextmanager
    def undisturbed(self, key: ConferenceKey) -> Iterator[None]:
        """Read all of a conference. Raises `LockedError` at the end where a writer has committed to it since."""
        before = get_head(self.files, key).head.without_notes()
        yield
        if before.pending or get_head(self.files, key).head.without_notes() != before:
            raise LockedError(f"{key} was being written by a refresh; let it end, then try again")

    @contextlib.contextmanager
    def removal(self, key: ConferenceKey, tables: Iterable[str]) -> Iterator[None]:
        """Commit that nothing is known of the conference: whoever has begun to write it does not commit any more.

        What such a writer has committed before, it may still put in its place.
        """
        amend_head(self.files, key, self._found(key), lambda head: Head(head.version + 1, commit=nonce()))
        yield

    def sweep(self, tables: Iterable[str]) -> None:
        """Remove what killed writers have staged, after the next commit: without a change it costs no request."""
        self._sweep_is_due.set()

    def sweep_if_due(self) -> None:
        """Remove what killed writers have staged, once for each call of `sweep`. Raises OSError."""
        if self._sweep_is_due.is_set():
            self._sweep_is_due.clear()
            sweep_staged(self.files, datetime.now(UTC))

    def note_file(self, key: ConferenceKey) -> str:
        """The head."""
        return head_name(key)

    def leftovers(self, name: str) -> list[str]:
        """Of a head what was staged for its conference; of any other file nothing."""
        if not name.startswith(f"{last_read.HEADS}/"):
            return []
        return sorted(self.files.list(name.replace(last_read.HEADS, STAGED, 1).removesuffix(".json")))

    def pending(self, log: str, key: ConferenceKey) -> list[LogPart]:
        """The changes that the head knows to be committed and not in their place."""
        pending = get_head(self.files, key).head.pending
        folder = f"{file_names.log_folder(log, key)}/"
        found = (part_of(name.removeprefix(folder)) for name in (pending.log_files if pending else ()))
        return [part for part in found if part]

    def last_read(self, key: ConferenceKey) -> LastRead:
        return get_head(self.files, key).head.last_read

    def note_failure(self, key: ConferenceKey, at: datetime, reason: str) -> LastRead:
        """Note in the head that a conference could not be refreshed, also while a writer is at work."""

        def failed(head: Head) -> Head:
            return replace(head, last_read=last_read.after_failure(head.last_read, at, reason))

        return amend_head(self.files, key, self._found(key), failed)[0].last_read

    def old_parts(self, log: str, key: ConferenceKey, keep: int) -> list[LogPart]:
        """The files of a change log before the newest `keep`, up to the first that a late request of a killed writer
        could create again after it is deleted. Raises OSError."""
        folder, now = file_names.log_folder(log, key), datetime.now(UTC)
        written_at = dict(self.files.listed(folder))
        parts = without_covered(part for name in written_at if (part := part_of(name.removeprefix(f"{folder}/"))))

        def is_old(part: LogPart) -> bool:
            return now - written_at[f"{folder}/{part.name}"] > OWN_AFTER

        return list(itertools.takewhile(is_old, parts[:-keep]))

    def _found(self, key: ConferenceKey) -> FoundHead:
        """A conference's head. Before the first one is written the store is looked at."""
        found = get_head(self.files, key)
        if found.tag is None:
            check_conditional_writes(self.files)
        return found
