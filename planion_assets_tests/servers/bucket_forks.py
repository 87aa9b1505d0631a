"""A program for the tests of kills: refreshes a small conference into a bucket, in a forked child per line on stdin.

Forking a process that has imported everything makes a hundred kills affordable. The parent itself opens no store: the
threads of obstore do not survive a fork. For each line it prints the child's process id, and after the child has ended
`killed` or its exit code: 0 for a conference that was refreshed, 1 for one that failed, whose reason goes to stderr.
"""

import json
import os
import sys

import obstore  # noqa: F401 - imported before the fork, as everything else
import pandas as pd  # noqa: F401
import pyarrow.parquet  # noqa: F401

from planion_assets.refresh.outcomes import Failed
from planion_assets.storage import object_store  # noqa: F401
from planion_assets.storage.open_store import open_store
from planion_assets_tests.faults.conference import refreshed
from planion_assets_tests.forks import freeze


def main(address: str, options: str, url: str) -> None:
    """Refresh the conference that the feed at `url` has, once per line."""
    freeze()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            outcome = refreshed(open_store(address, json.loads(options)), url)
            if isinstance(outcome, Failed):
                print(outcome.reason, file=sys.stderr, flush=True)
            os._exit(int(isinstance(outcome, Failed)))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
