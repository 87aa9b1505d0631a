"""One object that is replaced only by a newer version of it, whoever else writes it at the same time.

Each Parquet file has the version of its conference in its metadata. So equal rows of two versions are two contents
with two ETags, and a writer whose condition failed sees whether the stored file is older or newer.
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
from planion_assets.storage.parquet_file import Pieces, version_in

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A stored Parquet file: its version, 0 where it has none, its content, and the tag of that."""

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
    """Put a Parquet file of that version in its place; the content that is there then, which another may have put.

    `expected` is the content that it replaces as far as is known, None for none. Where nothing is there any more,
    `is_wanted` says whether the file still is to be. Raises `SupersededError`, with nothing written, where it is not
    and where a newer version is there, and OSError.
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
        expected = replaceable(files, name, there, version, is_wanted)
    raise busy(files.address(name))


def is_newer(stored: int, version: int) -> bool:
    """Whether a stored version is of a later commit."""
    return stored > version


def rewrite(files: ObjectFiles, name: str, content: Pieces, version: int, is_wanted: Callable[[], bool]) -> None:
    """Give a Parquet file other rows, under the version of a commit.

    Raises as `put_newer` does: a newer version has left out all that this one leaves out.
    """
    expected = replaceable(files, name, look(files, name), version, is_wanted)
    put_newer(files, name, content.of_version(version).content(), version, expected, is_wanted=is_wanted)


def replaceable(
    files: ObjectFiles, name: str, there: StoredObject | None, version: int, is_wanted: Callable[[], bool]
) -> Tag | None:
    """The content that a file of that version is to replace, None for nothing. Raises `SupersededError` and OSError."""
    if there and is_newer(there.version, version):
        raise SupersededError(f"{files.address(name)} was replaced by a newer refresh")
    if there is None and not is_wanted():
        raise SupersededError(f"{files.address(name)} was taken away meanwhile")
    return there.tag if there else None


def look(files: ObjectFiles, name: str) -> StoredObject | None:
    """The Parquet file of that name; None for nothing. Raises OSError."""
    try:
        content, tag = files.get(name)
    except FileNotFoundError:
        return None
    try:
        version = version_in(pq.read_schema(pa.BufferReader(content)).metadata or {})
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        logger.warning("%s is no readable Parquet file and is replaced: %s", files.address(name), error)
        version = 0
    return StoredObject(version, content, tag)


def create_once(files: ObjectFiles, name: str, content: bytes) -> None:
    """Create an object whose name says what it holds, unless it is there: it has that content then. Raises OSError."""
    for _ in range(ATTEMPTS):
        if files.create(name, content) or files.exists(name):
            return
    raise busy(files.address(name))
