"""An object store in memory that behaves as S3 does, counts its requests, and can be interfered with.

obstore's own counts its ETags. Here they are digests of the content, as S3's are: equal contents have equal ETags.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import MemoryStore

from planion_assets.storage.object_files import ObjectFiles
from planion_assets.storage.object_store import ObjectStore

URL = "s3://bucket/tables"


def e_tag(content: bytes) -> str:
    """What S3 gives for a content."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


@dataclass
class _Found:
    meta: Mapping[str, Any]
    content: bytes

    def bytes(self) -> bytes:
        return self.content


class MemoryObjects:
    """A store of obstore's in memory, as S3 has it. `requests` lists what was asked for: the method and the object."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.requests: list[tuple[str, str]] = []
        self.before: Callable[[str, str], None] = lambda method, name: None
        """Called before each request, which what it raises prevents."""
        self._lock = threading.Lock()

    def _begin(self, method: str, name: str) -> None:
        self.requests.append((method, name))
        self.before(method, name)

    def get(self, path: str) -> Any:
        """The object."""
        self._begin("GET", path)
        content = self.content(path)
        return _Found({"e_tag": e_tag(content), "version": None}, content)

    def head(self, path: str) -> Mapping[str, Any]:
        """The object's metadata."""
        self._begin("HEAD", path)
        return {**self.store.head(path), "e_tag": e_tag(self.content(path))}

    def put(self, path: str, file: bytes, *, mode: Any = None, use_multipart: bool | None = None) -> Mapping[str, Any]:
        """Write the object under a condition, of which two requests at once see one each."""
        self._begin("PUT", path)
        return self.write(path, file, mode)

    def delete(self, paths: Sequence[str]) -> None:
        """Remove objects with one request."""
        self._begin("DELETE", ",".join(paths))
        self.store.delete(paths)

    def list(self, prefix: str | None = None, *, chunk_size: int = 50) -> Any:
        """The objects below a folder."""
        self._begin("LIST", prefix or "")
        return self.store.list(prefix, chunk_size=chunk_size)

    def list_with_delimiter(self, prefix: str | None = None) -> Mapping[str, Any]:
        """The folders in a folder."""
        self._begin("LIST", prefix or "")
        return self.store.list_with_delimiter(prefix)

    def write(self, path: str, content: bytes, mode: Any = "overwrite") -> Mapping[str, Any]:
        """What `put` does, without being counted."""
        assert not isinstance(mode, dict) or None not in mode.values(), "obstore does not take None"
        with self._lock:
            if mode == "create" and self.holds(path):
                raise AlreadyExistsError(path)
            if isinstance(mode, dict) and (not self.holds(path) or mode["e_tag"] != e_tag(self.content(path))):
                raise PreconditionError(path)
            self.store.put(path, content)
        return {"e_tag": e_tag(content), "version": None}

    def content(self, path: str) -> bytes:
        """What an object holds, without being counted."""
        return bytes(self.store.get(path).bytes())

    def holds(self, path: str) -> bool:
        """Whether an object is there, without being counted."""
        try:
            self.store.head(path)
        except FileNotFoundError:
            return False
        return True

    def names(self, prefix: str | None = None) -> set[str]:
        """The objects that are there, without being counted."""
        return {one["path"] for some in self.store.list(prefix) for one in some}


def object_store(objects: MemoryObjects) -> ObjectStore:
    """A store of tables over it."""
    return ObjectStore(ObjectFiles(objects, URL))
