"""How long a survey of a thousand conferences in an object store takes: what `planion status` begins with.

As a program it is one of the steps of that, in a folder with the settings: `copy` makes the thousand of one, `measure`
prints the seconds of a survey.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import contest, measure
from benchmarks.bucket import object_store
from benchmarks.cases import CASES
from benchmarks.contest import Say
from benchmarks.server import ROOT, serving

SURVEY = "survey of 1,000 conferences in a bucket"
_AT_ONCE = 32


def measured(runs: int, folder: Path, say: Say) -> dict[str, list[float]]:
    """Seconds of each survey."""
    case, found = replace(CASES["thousand"], sessions=1), []
    with serving(case) as server, object_store() as store:
        command, environment = contest.prepare(replace(case, conferences=1, accounts=1), server, folder, store)
        environment |= {"PYTHONPATH": str(ROOT)}
        measure.run(command, folder, environment)
        contest.prepare(case, server, folder, store)
        measure.run([sys.executable, "-m", "benchmarks.survey", "copy"], folder, environment)
        for number in range(1, runs + 1):
            program = [sys.executable, "-m", "benchmarks.survey", "measure"]
            found.append(float(json.loads(measure.run(program, folder, environment).output.splitlines()[-1])))
            say(f"survey: run {number} of {runs}: {found[-1]:.2f} s")
    return {SURVEY: found}


def _copy() -> None:
    """Give every configured conference the head and the sessions of the one that is stored."""
    from planion_assets.config import load
    from planion_assets.refresh.stores import files_of, store_of
    from planion_assets.storage import file_names
    from planion_assets.storage.head_objects import head_name

    settings = load()
    files = files_of(settings)
    (stored,) = store_of(settings).keys("sessions")

    def copy(names: tuple[str, str]) -> None:
        files.create(names[1], files.read(names[0]))

    names = [
        pair
        for key in settings.keys()
        for pair in (
            (head_name(stored), head_name(key)),
            (file_names.table_file("sessions", stored), file_names.table_file("sessions", key)),
        )
    ]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(copy, names))


def _measure() -> None:
    from planion_assets.config import load
    from planion_assets.freshness.survey import survey
    from planion_assets.refresh.stores import store_of

    settings = load()
    store = store_of(settings)
    began = time.monotonic()
    surveyed = survey(settings, store, datetime.now(UTC))
    seconds = time.monotonic() - began
    unreadable = [str(one.facts.key) for one in surveyed if one.facts.sessions is None or one.facts.problems]
    if unreadable:
        sys.exit(f"{len(unreadable)} conferences could not be read: {unreadable[0]}")
    print(json.dumps(seconds))


if __name__ == "__main__":
    {"copy": _copy, "measure": _measure}[sys.argv[1]]()
