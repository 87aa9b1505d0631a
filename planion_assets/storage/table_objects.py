"""One object that is replaced only by a newer version of it, whoever else writes it at the same time.

Each Parquet file holds the version of its conference in its metadata. So equal rows of two versions are two contents
with two ETags, and who is refused can see whether what lies there is older or newer.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.storage.errors import ObjectStoreError, SupersededError
from planion_assets.storage.head_objects import ATTEMPTS, busy
from planion_assets.storage.object_errors import ConditionFailedError
from planion_assets.storage.object_files import ObjectFiles, Tag
from planion_assets.storage.parquet_file import version_in

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A stored Parquet file: its version, 0 where it tells none, its content, and which content that is."""

    version: int
    content: bytes = field(repr=False)
    tag: Tag


def put_newer(
    files: ObjectFiles,
    name: str,
    content: bytes,
    version: int,
    expected: Tag | None,
    *,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Tag:
    """Put a Parquet file of that version in its place; which content is there then, which can be by another's hand.

    `expected` is the content that it replaces as far as is known, None for none. Where that was taken away `is_wanted`
    says whether the file is wanted still. Raises `SupersededError`, with nothing written, where it is not and where a
    newer version is there, and OSError.
    """
    for _ in range(ATTEMPTS):
        failure: OSError | None = None
        try:
            return files.put(name, content, expected)
        except ConditionFailedError:
            pass
        except ObjectStoreError as error:
            failure = error  # which can hide that it was written
        there = look(files, name)
        if there and there.version == version:  # no two commits of a conference share one
            return there.tag
        if failure:
            raise failure
        if there and is_newer(there.version, version):
            raise SupersededError(f"{files.address(name)} was replaced by a newer refresh")
        if expected and there is None and not is_wanted():
            raise SupersededError(f"{files.address(name)} was taken away meanwhile")
        expected = there.tag if there else None
    raise busy(files.address(name))


def is_newer(stored: int, version: int) -> bool:
    """Whether a stored version is of a later commit."""
    return stored > version


def look(files: ObjectFiles, name: str) -> StoredObject | None:
    """What lies there; None for nothing."""
    try:
        content, tag = files.get(name)
    except FileNotFoundError:
        return None
    return StoredObject(version_of(files.address(name), content), content, tag)


def version_of(address: str, content: bytes) -> int:
    """The version that a Parquet file's metadata holds; 0 for a file that tells none."""
    try:
        return version_in(pq.read_schema(pa.BufferReader(content)).metadata or {})
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        logger.warning("%s is no readable Parquet file and is replaced: %s", address, error)
        return 0


def create_once(files: ObjectFiles, name: str, content: bytes) -> None:
    """Make an object whose name says what it holds: whoever made it before has made the same. Raises OSError."""
    for _ in range(ATTEMPTS):
        if files.create(name, content) or files.exists(name):
            return
    raise busy(files.address(name))
