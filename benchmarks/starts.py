"""How long it takes to start: Dagster alone, the code location, a refresh of one unchanged conference."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import contest, measure
from benchmarks.cases import CASES
from benchmarks.contest import Say
from benchmarks.server import asked_seconds, serving

DAGSTER, LOCATION = "import dagster", "import planion_assets.definitions"
REFRESH, FEED = "planion refresh", "its walk"
"""A refresh of one unchanged conference, and for how long a request of it was under way: its walk."""


def measured(runs: int, folder: Path, say: Say, *, half_core: bool = False) -> dict[str, list[float]]:
    """Seconds of each command, run in turn, each process held to half a core if that is asked for."""
    run = partial(measure.run, folder=folder, half_core=half_core)
    found: dict[str, list[float]] = {DAGSTER: [], LOCATION: [], REFRESH: [], FEED: []}
    with serving(CASES["one"]) as server:
        command, environment = contest.prepare(CASES["one"], server, folder)
        run(command, environment=environment)
        for number in range(1, runs + 1):
            for name in (DAGSTER, LOCATION):
                found[name].append(run([sys.executable, "-c", name], environment=environment).wall)
            server.reset()
            found[REFRESH].append(run(command, environment=environment).wall)
            found[FEED].append(asked_seconds(server.counts()))
            say(f"starts: run {number} of {runs}: " + ", ".join(f"{name} {found[name][-1]:.2f} s" for name in found))
    return found


def medians(starts: Mapping[str, list[float]]) -> dict[str, float]:
    """The median seconds of each command."""
    return {name: median(seconds) for name, seconds in starts.items() if seconds}
