"""A bucket or container of a real server, as the tests see it: its address, the settings that open it, its objects."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import obstore
import pyarrow.fs

from planion_assets.storage.open_store import open_object_store


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket that is empty at first.

    `variables` are the environment variables that hold its keys, `storage` the block of planion.yaml that names them,
    `conventions` the cloud's own variables that say the same without a block, and pyarrow opens it with `files`.
    """

    address: str
    storage: Mapping[str, Any]
    variables: Mapping[str, str]
    conventions: Mapping[str, str]
    files: pyarrow.fs.FileSystem

    @property
    def options(self) -> dict[str, Any]:
        """What `open_object_store` is given."""
        named = {key: value for key, value in self.storage.items() if not key.endswith("_env")}
        keys = {key.removesuffix("_env"): key for key in self.storage if key.endswith("_env")}
        return {**named, **{key: self.variables[self.storage[name]] for key, name in keys.items()}}

    def behind(self, endpoint: str, **storage: Any) -> "Bucket":
        """The same bucket, reached by another endpoint and with other settings."""
        return replace(self, storage={**self.storage, "endpoint": endpoint, **storage})

    def below(self, prefix: str) -> "Bucket":
        """The part of it below a prefix."""
        return replace(self, address=f"{self.address}/{prefix}")

    def open(self) -> Any:
        """The store that the project opens."""
        return open_object_store(self.address, self.options)

    def names(self) -> list[str]:
        """The names of all objects, in order."""
        return sorted(one["path"] for some in obstore.list(self.open()) for one in some)

    def content(self) -> dict[str, bytes]:
        """All objects by name."""
        opened = self.open()
        return {name: bytes(obstore.get(opened, name).bytes()) for name in self.names()}
