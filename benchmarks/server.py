"""The replay server from outside: started for a case, asked for its counts, ended."""

import contextlib
import json
import math
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.cases import Case

ROOT = Path(__file__).parent.parent


class Server:
    """A replay server that runs; `url` is the feed's API root."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._control = url.removesuffix("/feed/v1") + "/control"
        # A proxy of the environment is for the outside world.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def reset(self) -> None:
        """Begin to count anew."""
        self._opener.open(f"{self._control}/reset", data=b"", timeout=10).close()

    def counts(self) -> dict[str, Any]:
        """What was counted (`benchmarks.replay`)."""
        with self._opener.open(f"{self._control}/counts", timeout=10) as response:
            found: dict[str, Any] = json.load(response)
        return found


def asked_seconds(counts: Mapping[str, Any], until: float = math.inf) -> float:
    """For how long any request was under way, before that instant (seconds of the epoch)."""
    return float(sum(max(0.0, min(end, until) - start) for start, end in counts["busy"]))


@contextlib.contextmanager
def serving(case: Case, *, alike: bool = False) -> Iterator[Server]:
    """Serve a case's feed from a process of its own; `alike` answers for any conference what the only one has."""
    options = {
        "--conferences": case.conferences,
        "--accounts": case.accounts,
        "--sessions": case.sessions,
        "--latency": case.latency,
    }
    arguments = [str(word) for pair in options.items() for word in pair]
    command = [sys.executable, "-m", "benchmarks.replay", *arguments, *(["--alike"] if alike else [])]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise RuntimeError("the replay server ended before it was ready; what it said is above")
            yield Server(json.loads(line)["url"])
        finally:
            process.terminate()
