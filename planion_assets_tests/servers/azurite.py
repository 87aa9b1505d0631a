"""Azurite, Microsoft's own emulator of Azure's Blob Storage, from npm."""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.fs

from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.processes import free_ports, is_open, running

PROGRAM = Path(sys.prefix) / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
ACCOUNT = "devstoreaccount1"
# The emulator's own key, the same in every installation and in Microsoft's documents.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Azurite:
    """A running server at `endpoint`."""

    def __init__(self, host: str) -> None:
        self.endpoint = f"http://{host}/{ACCOUNT}"
        self._host = host

    def bucket(self, name: str, *, make: bool = True) -> Bucket:
        """An empty container; one that is not there without `make`."""
        # pyarrow's type stubs spell two of them wrong.
        where: dict[str, Any] = {
            **{f"{api}_storage_authority": self._host for api in ("blob", "dfs")},
            **{f"{api}_storage_scheme": "http" for api in ("blob", "dfs")},
        }
        files = pyarrow.fs.AzureFileSystem(ACCOUNT, account_key=KEY, **where)
        if make:
            files.create_dir(name)
        storage = {"endpoint": self.endpoint, "account_name": ACCOUNT, "account_key_env": "TEST_AZURE_KEY"}
        conventions = {
            "AZURE_STORAGE_ENDPOINT": self.endpoint,
            "AZURE_ALLOW_HTTP": "true",
            "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": KEY,
        }
        return Bucket(f"az://{name}", storage, {"TEST_AZURE_KEY": KEY}, conventions, files)


def azurite_problem() -> str | None:
    """Why there is no Azurite, with what to do; None where there is."""
    if shutil.which("node") is None:
        return "there is no node; on Debian: apt-get install nodejs npm"
    return None if PROGRAM.exists() else "Azurite is not installed; make test-servers installs it"


@contextlib.contextmanager
def azurite() -> Iterator[Azurite]:
    """A running Azurite with nothing in it, whose content is in memory."""
    (port,) = free_ports(1)
    command = [
        *("node", str(PROGRAM), "--blobPort", str(port), "--inMemoryPersistence", "--silent"),
        *("--skipApiVersionCheck", "--disableTelemetry", "--blobKeepAliveTimeout", "600"),
    ]
    with tempfile.TemporaryDirectory(prefix="azurite-", ignore_cleanup_errors=True) as folder:
        with running(command, Path(folder), lambda: is_open(port)):
            yield Azurite(f"127.0.0.1:{port}")
