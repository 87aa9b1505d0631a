"""The heads of conferences as objects: read, and replaced by conditional writes.

A head is replaced to commit, to note what came of a read, and to say which tables are in their places.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from planion_assets.guide import Heading
from planion_assets.keys import ConferenceKey, path_name
from planion_assets.storage import file_names
from planion_assets.storage.errors import ObjectStoreError, overtaken
from planion_assets.storage.head import Head, head_of_json
from planion_assets.storage.last_read import HEADS, LastRead
from planion_assets.storage.object_errors import ConditionFailedError
from planion_assets.storage.object_files import ObjectFiles, Tag

logger = logging.getLogger(__name__)

ATTEMPTS = 8
"""How often a conditional write is tried where each time somebody else was faster."""


def nonce() -> str:
    """What no other head, commit or staged object has."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class FoundHead:
    """A head as it was read, and the tag of its object; None where there is no object."""

    head: Head
    tag: Tag | None


def head_name(key: ConferenceKey) -> str:
    """The object of a conference's head: hidden, and in no table's folder."""
    return f"{HEADS}/{path_name(key.account)}/{path_name(key.conference)}.json"


def get_head(files: ObjectFiles, key: ConferenceKey) -> FoundHead:
    """Read a head; one that is absent, or is none, knows nothing. Raises OSError, and `StoreError` of a newer one."""
    name = head_name(key)
    try:
        content, tag = files.get(name)
    except FileNotFoundError:
        return FoundHead(Head(), None)
    try:
        return FoundHead(
            head_of_json(content, files.address(name), lambda table: files.address(file_names.table_file(table, key))),
            tag,
        )
    except ValueError as error:
        logger.warning("%s: every table of %s is written again", error, key)
        return FoundHead(Head(), tag)


def is_committed(stored: Head, head: Head) -> bool:
    """Whether the stored head is of that commit: a note can have come after it, so its nonce can be another."""
    return stored.commit == head.commit


def _is_same(stored: Head, head: Head) -> bool:
    return stored.nonce == head.nonce


def amend_head(
    files: ObjectFiles,
    key: ConferenceKey,
    found: FoundHead,
    change: Callable[[Head], Head],
    is_written: Callable[[Head, Head], bool] = _is_same,
) -> tuple[Head, FoundHead]:
    """Replace the head that was found, or the one that another writer has put there since, by `change` of it.

    Returns the head before and the one that is stored then. Where the answer is lost the head is read back:
    `is_written` says of the stored head and of the one that was put whether this was written. Raises OSError, and what
    `change` raises.
    """
    for _ in range(ATTEMPTS):
        before = found.head
        amended = replace(change(before), nonce=nonce())
        found = _put_or_get(files, key, amended, found.tag, is_written)
        if is_written(found.head, amended):
            return before, found
    raise busy(files.address(head_name(key)))


def commit_head(files: ObjectFiles, key: ConferenceKey, head: Head, found: FoundHead) -> FoundHead:
    """Replace the head that was found by one that commits; the head as it is stored then.

    A note of a read or failure that came in between is kept. Raises `SupersededError` where another writer was faster,
    and OSError where the object store refuses: then the commit may still happen, if the request is under way.
    """
    expected = found.head.without_notes()

    def committing(stored: Head) -> Head:
        if stored.without_notes() != expected:
            raise overtaken(key)
        return replace(head, last_read=stored.last_read)

    return amend_head(files, key, found, committing, is_committed)[1]


def note_in_head(
    files: ObjectFiles,
    key: ConferenceKey,
    head: Head,
    found: FoundHead,
    change: Callable[[LastRead], LastRead],
    *,
    has_committed: bool,
) -> tuple[LastRead, FoundHead]:
    """Replace the head that was found by `head`, with what `change` makes of the last note; that note, and what is
    stored then.

    A note that came in between is kept, and so is all that another head of the same commit says, unless this writer
    `has_committed`: then `head` is right. Raises `SupersededError`, with nothing written, where another has committed
    since, and OSError.
    """

    def noting(stored: Head) -> Head:
        if stored.commit != head.commit:
            raise overtaken(key)
        known = head if has_committed or stored is found.head else stored
        return replace(known, last_read=change(stored.last_read))

    before, stored = amend_head(files, key, found, noting)
    return before.last_read, stored


def _put_or_get(
    files: ObjectFiles, key: ConferenceKey, head: Head, expected: Tag | None, is_written: Callable[[Head, Head], bool]
) -> FoundHead:
    """Replace the head that is expected there; the head that is there then, which is another where somebody was faster.

    Raises OSError, unless `is_written` says that the answer alone was lost.
    """
    failure: OSError | None = None
    try:
        return FoundHead(head, files.put(head_name(key), head.to_json(), expected))
    except ConditionFailedError:
        pass
    except ObjectStoreError as error:
        failure = error
    found = get_head(files, key)
    if failure and not is_written(found.head, head):
        raise failure
    return found


def busy(address: str) -> ObjectStoreError:
    """The error for an object that changes each time before it can be replaced."""
    problem = f"{address} was changed {ATTEMPTS} times by others meanwhile"
    return ObjectStoreError(problem, "let them end", Heading.TWO_REFRESHES)
