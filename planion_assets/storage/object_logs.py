"""The files of change logs in an object store, as one commit changes them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from planion_assets.keys import ConferenceKey
from planion_assets.storage import file_names
from planion_assets.storage.object_files import ObjectFiles
from planion_assets.storage.parquet_file import Pieces
from planion_assets.storage.staged_objects import StagedSnapshot, staged_snapshot
from planion_assets.storage.table_objects import look, put_newer, replaceable
from planion_assets.storage.writer import LogEnd, NewPart

if TYPE_CHECKING:
    from planion_assets.storage.object_store import ObjectStore

logger = logging.getLogger(__name__)


def appended(
    key: ConferenceKey, new: StagedSnapshot, changes: Sequence[NewPart], end_of: Callable[[str], LogEnd]
) -> Mapping[str, LogEnd]:
    """By change log where it ends with what a commit adds; `end_of` gives where it ended. Raises OSError."""
    logs: dict[str, LogEnd] = {}
    for change in changes:
        size = len(new.contents[new.pending.log_files[file_names.log_file(change.log, key, change.part)]])
        files = (logs.get(change.log) or end_of(change.log)).files
        logs[change.log] = LogEnd(change.part, size, files + 1, change.part.sequence + 1)
    return logs


def compaction(store: "ObjectStore", key: ConferenceKey, one: NewPart) -> StagedSnapshot:
    """What a commit stages that puts one file in the place of all that it covers. Raises OSError."""
    covered = [part for part in store.listed_parts(one.log, key) if one.part.covers(part)]
    return staged_snapshot(key, {}, [one], [file_names.log_file(one.log, key, part) for part in covered])


def delete_covered(files: ObjectFiles, covered: Sequence[str]) -> None:
    """Delete the files that a compacted one covers. Where that is refused the next compaction tries it again: readers
    pass over them."""
    try:
        files.delete_all(covered)
    except OSError as error:
        logger.warning("files that are compacted are left: %s", error)


def rewrite_log_file(
    files: ObjectFiles, name: str, content: Pieces, version: int, is_wanted: Callable[[], bool]
) -> None:
    """Give a file of a change log other rows, under the version of a commit.

    Raises as `put_newer` does: a newer version has left out all that this one leaves out.
    """
    expected = replaceable(files, name, look(files, name), version, is_wanted)
    put_newer(files, name, content.of_version(version).content(), version, expected, is_wanted=is_wanted)
