"""Whether an object store honours conditional writes, without which two writers of a conference would mix.

Some servers answer such a request as if they had, and write all the same.
"""

import contextlib
from collections.abc import Callable

from planion_assets.guide import Heading
from planion_assets.storage.errors import ObjectStoreError
from planion_assets.storage.head_objects import nonce
from planion_assets.storage.object_errors import ConditionFailedError
from planion_assets.storage.object_files import ObjectFiles

PASSED = ".status/.conditional-writes.json"
"""The object that says that the store was looked at."""
_PROBES = ".status/.probes"


def check_conditional_writes(files: ObjectFiles) -> None:
    """Look once at a store, of which an object remembers that it passed. Raises `ObjectStoreError` where it fails."""
    if files.exists(PASSED):
        return
    name = f"{_PROBES}/{nonce()}.json"
    try:
        _probe(files, name)
    finally:
        # Refreshes do not need the right to delete, and an error of the probe itself must reach the caller.
        with contextlib.suppress(ObjectStoreError):
            files.delete(name)
    files.create(PASSED, b"{}\n")


def _probe(files: ObjectFiles, name: str) -> None:
    first = files.put(name, b"first\n", None)
    if first.e_tag is None and first.version is None:
        raise _unfit(files, "it gives no ETag for what it writes")
    if not _refuses(lambda: files.put(name, b"again\n", None)):
        raise _unfit(files, "it creates an object that is there already (If-None-Match)")
    second = files.put(name, b"second\n", first)
    if not _refuses(lambda: files.put(name, b"third\n", first)):
        raise _unfit(files, "it replaces an object that has changed (If-Match)")
    content, tag = files.get(name)
    if content != b"second\n" or tag.e_tag != second.e_tag:
        raise _unfit(files, "it gives another content or ETag than was written")


def _refuses(write: Callable[[], object]) -> bool:
    try:
        write()
    except ConditionFailedError:
        return True
    return False


def _unfit(files: ObjectFiles, how: str) -> ObjectStoreError:
    return ObjectStoreError(
        f"{files.url} does not honour conditional writes: {how}; two refreshes at once would mix their tables there",
        "use an object store that does (S3, Azure, SeaweedFS)",
        Heading.BUCKET_UNFIT,
    )
