"""Replacing the head of a conference: with the commit of a writer, and later with which tables are in their places.

Who has won, also where the answer was lost, and what is kept of a head that came in between.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from planion_assets.keys import ConferenceKey
from planion_assets.storage.errors import overtaken
from planion_assets.storage.head import Head
from planion_assets.storage.head_objects import ATTEMPTS, FoundHead, busy, head_name, is_same, nonce, put_or_get
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.object_files import ObjectFiles
from planion_assets.storage.staged_objects import StagedSnapshot
from planion_assets.storage.writer import LogEnd


def following(
    head: Head, version: int, new: StagedSnapshot, logs: Mapping[str, LogEnd], unknown: Collection[str]
) -> Head:
    """The head that commits, after that one: it knows where these change logs end, and none of the `unknown` tables."""
    return replace(
        head,
        version=version,
        nonce=new.commit,
        commit=new.commit,
        tables={table: known for table, known in head.tables.items() if table not in unknown},
        logs={**head.logs, **logs},
        pending=new.pending,
    )


def commit_head(files: ObjectFiles, key: ConferenceKey, head: Head, found: FoundHead) -> FoundHead:
    """Replace the head that was found by one that commits; the head as it is stored then.

    A note of a read or failure that came in between is kept. Raises `SupersededError` where another writer was faster,
    and OSError where the object store refuses: then the commit may still happen, if the request is under way.
    """
    began = found.head.without_notes()
    for _ in range(ATTEMPTS):
        found = put_or_get(files, key, head, found.tag, is_committed)
        if is_committed(found.head, head):
            return found
        if found.head.without_notes() != began:
            raise overtaken(key)
        head = replace(head, last_read=found.head.last_read)
    raise busy(files.address(head_name(key)))


@dataclass(frozen=True, slots=True)
class HeadUpdate:
    """The note that stood before, the head that is stored now, and whether that is of another writer's commit."""

    before: LastRead
    stored: FoundHead
    is_overtaken: bool = False


def tell_head(
    files: ObjectFiles,
    key: ConferenceKey,
    head: Head,
    found: FoundHead,
    change: Callable[[LastRead], LastRead],
    *,
    has_committed: bool,
) -> HeadUpdate:
    """Replace the head that was found by `head`, with what `change` makes of the last note.

    A note that came in between is kept, and so is all that another head of the same commit knows, unless this writer
    `has_committed`: then it knows best. Where another has committed since, nothing is told. Raises OSError.
    """
    for _ in range(ATTEMPTS):
        before = found.head.last_read
        told = replace(head, nonce=nonce(), last_read=change(before))
        stored = put_or_get(files, key, told, found.tag)
        if is_same(stored.head, told):
            return HeadUpdate(before, FoundHead(told, stored.tag))
        if stored.head.commit != head.commit:
            return HeadUpdate(stored.head.last_read, stored, is_overtaken=True)
        head, found = (head if has_committed else stored.head), stored
    raise busy(files.address(head_name(key)))


def is_committed(stored: Head, head: Head) -> bool:
    """Whether the stored head is of that commit: a note can have come after it, so its own nonce does not tell."""
    return stored.commit == head.commit
