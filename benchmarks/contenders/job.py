"""The job that a contender is handed, and the interval that it reports.

What all contenders share belongs here, and nothing that takes time or memory to import.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Job:
    """Read the conferences `keys` (account, conference) of the feed at `url` into Parquet files below `data`."""

    url: str
    token: str
    keys: tuple[tuple[str, str], ...]
    data: str

    def write(self, path: Path) -> None:
        """Write the job for `work`."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @property
    def folder(self) -> Path:
        """Where the files go."""
        return Path(self.data)


def work(do: Callable[[Job], None]) -> None:
    """Do the job in the file that the first argument names, and print when (seconds of the epoch) it began and ended.

    Called when everything is imported: what a contender takes to start is seen in the figures of the process.
    """
    content = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    job = Job(content["url"], content["token"], tuple(map(tuple, content["keys"])), content["data"])
    job.folder.mkdir(parents=True, exist_ok=True)
    began = time.time()
    do(job)
    print(json.dumps([began, time.time()]))
