"""An object store for the bench, in a process of its own: SeaweedFS behind a proxy that keeps each request waiting.

As a program it serves until its standard input ends. Its first line is JSON: the address of an empty bucket, and the
variables with which a process reaches it.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.cases import OBJECT_LATENCY
from benchmarks.server import ROOT


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A bucket, and the variables with which a process reaches it."""

    address: str
    environment: dict[str, str]


@contextlib.contextmanager
def object_store() -> Iterator[ObjectStore]:
    """Serve an object store from a process of its own. Raises RuntimeError where SeaweedFS is not installed."""
    command = [sys.executable, "-m", "benchmarks.bucket"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError("the object store ended before it was ready; make test-servers installs SeaweedFS")
        yield ObjectStore(**json.loads(line))


def _serve() -> None:
    from planion_assets_tests.servers.object_proxy import ObjectProxy
    from planion_assets_tests.servers.seaweed import seaweed

    with seaweed() as server, ObjectProxy(server.endpoint, delay=OBJECT_LATENCY) as proxy:
        bucket = server.bucket("bench")
        environment = {**bucket.conventions, "AWS_ENDPOINT_URL": proxy.endpoint}
        print(json.dumps({"address": bucket.address, "environment": environment}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _serve()
