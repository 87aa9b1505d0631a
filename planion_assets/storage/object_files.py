"""Files below an address of an object store, S3's, Google's or Azure's, whichever obstore opens: single requests."""

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

from planion_assets.storage.file_names import DAMAGED
from planion_assets.storage.object_errors import ConditionFailedError, translated

if TYPE_CHECKING:
    import pyarrow as pa

_PAGE = 1000  # names that an object store lists in one answer


@dataclass(frozen=True, slots=True)
class Tag:
    """Which content of an object it is, for a condition: S3 and Azure go by its ETag, Google by its version."""

    e_tag: str | None
    version: str | None = None

    @property
    def condition(self) -> dict[str, str]:
        """What obstore takes for "this content": what is not known is left out."""
        known = {"e_tag": self.e_tag, "version": self.version}
        return {name: text for name, text in known.items() if text is not None}


@dataclass(frozen=True, slots=True)
class ObjectFiles:
    """Files of an object store. `client` is a store of obstore's, to which names are relative; `url` is its address.

    Each method raises `ObjectStoreError`, an OSError, where the object store refuses.
    """

    client: Any  # of several classes without a common one
    url: str

    def address(self, name: str) -> str:
        """The address of the object, for people and for other tools."""
        return f"{self.url.rstrip('/')}/{name}" if name else self.url

    @contextlib.contextmanager
    def open(self, name: str) -> "Iterator[pa.NativeFile]":
        """The file to read from, which is read whole before: no writer can change it."""
        # Imported here: whoever only looks at notes needs no pyarrow.
        import pyarrow as pa

        with pa.BufferReader(self.read(name)) as file:
            yield file

    def read(self, name: str) -> bytes:
        return self.get(name)[0]

    def get(self, name: str) -> tuple[bytes, Tag]:
        """The whole content, and which it is. Raises FileNotFoundError too."""
        with translated(self.address(name), "read"):
            found = self.client.get(name)
            content = bytes(found.bytes())
            return content, Tag(found.meta["e_tag"], found.meta["version"])

    def size(self, name: str) -> int:
        with translated(self.address(name), "read"):
            return int(self.client.head(name)["size"])

    def exists(self, name: str) -> bool:
        return self.tag(name) is not None

    def tag(self, name: str) -> Tag | None:
        """Which content an object has; None where there is none."""
        try:
            with translated(self.address(name), "read"):
                found = self.client.head(name)
        except FileNotFoundError:
            return None
        return Tag(found["e_tag"], found["version"])

    def list(self, folder: str) -> Iterator[str]:
        return (name for name, _ in self.listed(folder))

    def folders(self, folder: str) -> Iterator[str]:
        with translated(self.address(folder), "list"):
            yield from self.client.list_with_delimiter(folder or None)["common_prefixes"]

    def listed(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """The names of all objects below a folder, each with the instant at which it was last written."""
        with translated(self.address(folder), "list"):
            for some in self.client.list(folder or None, chunk_size=_PAGE):
                yield from ((one["path"], one["last_modified"]) for one in some)

    def newest(self, folder: str) -> int:
        """When an object below a folder was last written, in nanoseconds since 1970; 0 where there is none."""
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        newest = max((written_at for _, written_at in self.listed(folder)), default=epoch)
        return int((newest - epoch).total_seconds() * 1_000_000) * 1000

    def replace(self, name: str, write: Callable[[IO[bytes]], object], *, durable: bool = True) -> None:
        """Replace an object by what `write` writes, whatever is there; what an object store has accepted is durable."""
        content = io.BytesIO()
        write(content)
        self.overwrite(name, content.getvalue())

    def overwrite(self, name: str, content: bytes) -> None:
        """Replace an object, whatever is there."""
        self._put(name, content, "overwrite")

    def create(self, name: str, content: bytes) -> bool:
        """Make an object where none is; false where one is, also where a lost answer hid that it is this one."""
        try:
            self.put(name, content, None)
        except ConditionFailedError:
            return False
        return True

    def put(self, name: str, content: bytes, expected: Tag | None) -> Tag:
        """Replace the object that is expected there, None for no object; gives the tag of the new content.

        Raises `ConditionFailedError` where another is there, or none, or where the answer to a write that had succeeded
        was lost: obstore asks again by itself.
        """
        return self._put(name, content, "create" if expected is None else expected.condition)

    def _put(self, name: str, content: bytes, mode: Any) -> Tag:
        with translated(self.address(name), "write"):
            result = self.client.put(name, content, mode=mode, use_multipart=False)
            return Tag(result["e_tag"], result["version"])

    def delete(self, name: str) -> None:
        self.delete_all([name])

    def delete_all(self, names: Sequence[str]) -> None:
        """Remove objects, those that are there."""
        if not names:
            return
        with contextlib.suppress(FileNotFoundError), translated(self.address(names[0]), "delete"):
            self.client.delete(names)

    def delete_folder(self, folder: str) -> None:
        self.delete_all(list(self.list(folder)))

    def set_aside(self, name: str) -> str:
        """Move an object to `.damaged/`; the second of a name gets a number. Raises FileNotFoundError too."""
        content, place, number = self.read(name), f"{DAMAGED}/{name}", 1
        free = place
        while not self.create(free, content):
            number += 1
            free = f"{place}.{number}"
        self.delete(name)
        return free
