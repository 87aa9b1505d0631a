"""The commit of a writer: its head takes the place of the one that it began with, or nothing happens.

Belongs here: who has won, also where the answer was lost. What follows a commit is in
`planion_assets.storage.object_writer`.
"""

from dataclasses import replace

from planion_assets.keys import ConferenceKey
from planion_assets.storage.errors import SupersededError
from planion_assets.storage.head import Head
from planion_assets.storage.head_objects import ATTEMPTS, FoundHead, busy, head_name, put_or_get
from planion_assets.storage.object_files import ObjectFiles


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
            raise SupersededError(f"another refresh of {key} was faster each time; let it end, then refresh again")
        head = replace(head, last_read=found.head.last_read)
    raise busy(files.address(head_name(key)))


def is_committed(stored: Head, head: Head) -> bool:
    """Whether the stored head is of that commit: a note can have come after it, so its own nonce does not tell."""
    return stored.commit == head.commit
