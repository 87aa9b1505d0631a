"""What Dagster's storage on PostgreSQL costs: connections and statements of refreshes and of a pruning.

Run it with `python -m benchmarks.postgres [CONFERENCES]...`. The server counts what it is sent; nothing is published.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from benchmarks.cases import Case
from benchmarks.contest import prepare
from benchmarks.server import serving
from planion_assets_tests.postgres import postgres_server, programs

_SESSIONS = 20
_QUIET_RUNS = 10
# As if it were a month later, when all of the runs are older than they may be kept.
_PRUNE = """
from datetime import datetime, timedelta
import dagster as dg
from planion_assets.defs.automation import prune

class Later(datetime):
    @classmethod
    def now(cls, zone=None):
        return datetime.now(zone) + timedelta(days=31)

prune.datetime = Later
from planion_assets.definitions import defs
with dg.DagsterInstance.get() as instance:
    defs.resolve_job_def("prune").execute_in_process(instance=instance)
"""


def main() -> None:
    """Measure each size and print a line for each step."""
    binaries = programs()
    if binaries is None:
        sys.exit("no PostgreSQL server is installed; on Debian: apt-get install postgresql")
    for size in [int(text) for text in sys.argv[1:]] or [40, 100]:
        _measure(binaries, size)


def _measure(binaries: Path, size: int) -> None:
    case = Case("postgres", "", size, _SESSIONS, accounts=max(1, size // 20))
    with (
        tempfile.TemporaryDirectory() as name,
        serving(case) as feed,
        postgres_server(binaries, statements=True) as database,
    ):
        command, environment = prepare(case, feed, Path(name))
        home = Path(environment["DAGSTER_HOME"])
        home.mkdir()
        (home / "dagster.yaml").write_text(
            yaml.safe_dump({"storage": dict(database.storage), "telemetry": {"enabled": False}})
        )

        def step(words: str, arguments: list[str], times: int = 1) -> None:
            before, began = database.counts(), time.perf_counter()
            for _ in range(times):
                subprocess.run(arguments, check=True, cwd=name, env=environment, capture_output=True)
            seconds = (time.perf_counter() - began) / times
            each = [(after - so_far) / times for so_far, after in zip(before, database.counts(), strict=True)]
            counts = "{:8.0f} connections {:8.0f} statements".format(*each)
            print(f"{size:4} conferences  {words:<22} {counts} {seconds:6.1f} s", flush=True)

        step("open a new instance", [sys.executable, "-m", "planion_assets.defs.instance"])
        step("open it again", [sys.executable, "-m", "planion_assets.defs.instance"])
        step("cold", command)
        step("unchanged", command)
        step("unchanged, one of them", [*command, "|".join(case.keys[0])], _QUIET_RUNS)
        step(f"prune {_QUIET_RUNS + 1} runs", [sys.executable, "-c", _PRUNE])


if __name__ == "__main__":
    main()
