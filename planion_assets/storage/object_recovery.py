"""Recovery in an object store: a writer first completes what the last commit has staged and not put in place.

The writer that committed may have been killed or still be at work: both put the same contents, under the same version.
"""

import contextlib
import logging
from collections.abc import Collection
from dataclasses import replace

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.storage import file_names
from planion_assets.storage.errors import overtaken
from planion_assets.storage.head import Head, KnownTable
from planion_assets.storage.head_objects import FoundHead, amend_head, get_head
from planion_assets.storage.known_table import known_content
from planion_assets.storage.object_files import ObjectFiles
from planion_assets.storage.staged_objects import delete_covered
from planion_assets.storage.table_objects import create_once, is_newer, look, put_newer

logger = logging.getLogger(__name__)


def recover(files: ObjectFiles, key: ConferenceKey, found: FoundHead) -> Head:
    """Complete the last commit: put its raw tables, then its files of change logs, then delete those that they cover.

    Returns the head with what is known after that. Raises OSError, and `SupersededError` where another writer has done
    so and committed since.
    """
    head, pending = found.head, found.head.pending
    if pending is None:
        return head
    tables: dict[str, KnownTable] = {}
    for table, staged in pending.tables.items():
        known = _recover_table(files, key, table, staged, found)
        if known is None:
            # What the lost snapshot changed is not known: its change log is listed, and begins anew.
            return replace(head, pending=None, logs={})
        tables[table] = known
    for name, staged in pending.log_files.items():
        if not _recover_log_file(files, key, name, staged, found):
            return replace(head, pending=None, logs={}, tables={**head.tables, **tables})
    delete_covered(files, pending.covered)
    return replace(head, pending=None, tables={**head.tables, **tables})


def adopt(files: ObjectFiles, key: ConferenceKey, head: Head, raw_tables: Collection[str]) -> Head:
    """A first head of a conference, with the raw tables that are stored without one, so that change logs go on.

    That is so after a copy of a folder into a bucket. Raises OSError.
    """
    tables: dict[str, KnownTable] = {}
    for table in raw_tables:
        name = file_names.table_file(table, key)
        there = look(files, name)
        # What Arrow cannot read, which it says with an OSError too, is not known.
        with contextlib.suppress(pa.ArrowException, OSError, UnicodeDecodeError):
            if there:
                tables[table] = known_content(there.content, files.address(name), there.tag)
    return replace(head, tables=tables)


def forget_moved(files: ObjectFiles, key: ConferenceKey) -> None:
    """Let the head know no table whose object is not the one that was written, nor the end of a change log: files were
    set aside. Raises OSError."""
    found = get_head(files, key)
    tags = {table: files.tag(file_names.table_file(table, key)) for table in found.head.tables}
    right = {table for table, tag in tags.items() if tag and tag.e_tag == found.head.tables[table].tag.e_tag}

    def without_moved(head: Head) -> Head:
        tables = {table: known for table, known in head.tables.items() if table in right or table not in tags}
        return replace(head, tables=tables, logs={})

    if len(right) < len(tags) or found.head.logs:
        amend_head(files, key, found, without_moved)


def _recover_table(
    files: ObjectFiles, key: ConferenceKey, table: str, staged: str, found: FoundHead
) -> KnownTable | None:
    """The table of the commit, once it is in its place; None where neither it nor what was staged is there."""
    name, version = file_names.table_file(table, key), found.head.version
    address = files.address(name)
    there = look(files, name)
    if there and is_newer(there.version, version):
        raise overtaken(key)
    if there and there.version == version:
        return known_content(there.content, address, there.tag)
    content = _staged(files, key, staged, found)
    if content is None:
        return None
    tag = put_newer(files, name, content, version, there.tag if there else None)
    return known_content(content, address, tag)


def _recover_log_file(files: ObjectFiles, key: ConferenceKey, name: str, staged: str, found: FoundHead) -> bool:
    if files.exists(name):
        return True
    content = _staged(files, key, staged, found)
    if content is None:
        return False
    create_once(files, name, content)
    return True


def _staged(files: ObjectFiles, key: ConferenceKey, staged: str, found: FoundHead) -> bytes | None:
    """What the last commit has staged; None where somebody else has removed it."""
    try:
        return files.read(staged)
    except FileNotFoundError:
        if get_head(files, key).head.without_notes() != found.head.without_notes():
            raise overtaken(key) from None  # its owner has put it in place, and cleared up
        logger.warning("%s was taken away before it was in its place", files.address(staged))
        return None
