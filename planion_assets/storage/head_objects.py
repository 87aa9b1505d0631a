"""The heads of conferences as objects: read, replaced where nobody was faster, and amended where somebody was."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from planion_assets.guide import Heading
from planion_assets.keys import ConferenceKey, path_name
from planion_assets.storage import file_names
from planion_assets.storage.errors import ObjectStoreError
from planion_assets.storage.head import Head, head_of_json
from planion_assets.storage.last_read import HEADS
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
    """A head as it was read, and which content of its object that is; None where there is no object."""

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


def is_same(stored: Head, head: Head) -> bool:
    """Whether the stored head is that very one."""
    return stored.nonce == head.nonce


def put_or_get(
    files: ObjectFiles,
    key: ConferenceKey,
    head: Head,
    expected: Tag | None,
    is_done: Callable[[Head, Head], bool] = is_same,
) -> FoundHead:
    """Replace the head that is expected there; the head that is there then, which is another where somebody was faster.

    Where the answer was lost, `is_done` tells from the stored head and this one whether it was written. Raises OSError.
    """
    failure: OSError | None = None
    try:
        return FoundHead(head, files.put(head_name(key), head.to_json(), expected))
    except ConditionFailedError:
        pass
    except ObjectStoreError as error:
        failure = error
    found = get_head(files, key)
    if failure and not is_done(found.head, head):
        raise failure
    return found


def amend_head(files: ObjectFiles, key: ConferenceKey, change: Callable[[Head], Head], found: FoundHead) -> Head:
    """Change the head that was found, or the one that has taken its place meanwhile; the head before that.

    Raises OSError.
    """
    for _ in range(ATTEMPTS):
        amended = replace(change(found.head), nonce=nonce())
        before, found = found.head, put_or_get(files, key, amended, found.tag)
        if is_same(found.head, amended):
            return before
    raise busy(files.address(head_name(key)))


def busy(address: str) -> ObjectStoreError:
    """The error for an object that changes each time before it can be replaced."""
    problem = f"{address} was changed {ATTEMPTS} times by others meanwhile"
    return ObjectStoreError(problem, "let them end", Heading.TWO_REFRESHES)
