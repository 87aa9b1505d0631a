"""Running a case: every contender in a process of its own, in turn, several times, each time from nothing.

What one contender is handed and how its figures are put together belongs here; what a process took is in `measure.py`.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.bucket import ObjectStore, object_store
from benchmarks.cases import BUCKET, DLT, FLOOR, PANDAS, PROJECT, Case
from benchmarks.contenders.job import Job
from benchmarks.results import BUCKET_COLD, BUCKET_UNCHANGED, COLD, UNCHANGED, Sample
from benchmarks.server import ROOT, Server, asked_seconds, serving

_TOKEN = "benchmark"  # noqa: S105 - the replay server asks for none
_MODULES = {
    FLOOR: "benchmarks.contenders.floor",
    DLT: "benchmarks.contenders.dlt_rest_api",
    PANDAS: "benchmarks.contenders.pandas_script",
}

Say = Callable[[str], None]


def hold(case: Case, runs: int, folder: Path, say: Say, *, half_core: bool = False) -> dict[str, list[Sample]]:
    """The samples of every series of a case, each process held to half a core if that is asked for.

    They take turns (A B C D, A B C D), so that a machine that slows down slows all of them. Raises
    `measure.FailedError` if one fails or has not read what the project read.
    """
    found: dict[str, list[Sample]] = {}
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(serving(case))
        store = stack.enter_context(object_store()) if BUCKET in case.contenders else None
        for number in range(1, runs + 1):
            round_folder = folder / f"{case.name}-{number}"
            for contender in case.contenders:
                place = _place(round_folder, contender)
                place.mkdir(parents=True)
                for series, sample in _run(contender, case, server, place, store, half_core=half_core):
                    say(f"{case.name}: run {number} of {runs}: {series}: {sample.seconds:.2f} s")
                    found.setdefault(series, []).append(sample)
            if number == 1 and FLOOR in case.contenders:
                _compare([_place(round_folder, contender) / "data" for contender in case.contenders])
            shutil.rmtree(round_folder)
    return found


def prepare(
    case: Case, server: Server, place: Path, store: ObjectStore | None = None
) -> tuple[list[str], dict[str, str]]:
    """The command `planion refresh` for a case in that folder, on a fresh instance, and its environment.

    With a `store` the tables go below a prefix of its bucket that has the folder's name.
    """
    accounts = {account: [name for owner, name in case.keys if owner == account] for account, _ in case.keys}
    entries = [
        {"account": account, "token_env": f"PLANION_TOKEN_{account}", "conferences": [{"conference": n} for n in names]}
        for account, names in accounts.items()
    ]
    # JSON is YAML.
    (place / "planion.yaml").write_text(json.dumps({"feed": {"url": server.url}, "accounts": entries}))
    tokens = {f"PLANION_TOKEN_{account}": _TOKEN for account in accounts}
    command = [str(Path(sys.executable).with_name("planion")), "refresh"]
    where = {**store.environment, "PLANION_DATA": f"{store.address}/{place.parent.name}"} if store else {}
    return command, _environment(DAGSTER_HOME=str(place / ".dagster"), **tokens, **where)


def _run(
    contender: str, case: Case, server: Server, place: Path, store: ObjectStore | None, *, half_core: bool
) -> Iterator[tuple[str, Sample]]:
    if contender in (PROJECT, BUCKET):
        yield from _project(case, server, place, store if contender == BUCKET else None, half_core=half_core)
        return
    job = Job(server.url, _TOKEN, case.keys, str(place / "data"))
    job.write(place / "job.json")
    # dlt keeps its state in a folder of its own and tells its makers of each run unless told otherwise.
    environment = _environment(
        PYTHONPATH=str(ROOT), DLT_DATA_DIR=str(place / "dlt"), RUNTIME__DLTHUB_TELEMETRY="false", DO_NOT_TRACK="1"
    )
    server.reset()
    command = [sys.executable, "-m", _MODULES[contender], "job.json"]
    done = measure.run(command, place, environment, half_core=half_core)
    start, end = json.loads(done.output.splitlines()[-1])
    yield contender, _sample(done, (start, end), server.counts())


def _project(
    case: Case, server: Server, place: Path, store: ObjectStore | None, *, half_core: bool
) -> Iterator[tuple[str, Sample]]:
    """`planion refresh` twice. The steps' times come from Dagster's event log, after both have been measured."""
    command, environment = prepare(case, server, place, store)
    names = (BUCKET_COLD, BUCKET_UNCHANGED) if store else (COLD, UNCHANGED)
    home = place / ".dagster"
    done, counted, sizes = [], [], [0]
    for _ in names:
        server.reset()
        done.append(measure.run(command, place, environment, half_core=half_core))
        counted.append(server.counts())
        sizes.append(sum(file.stat().st_size for file in home.rglob("*") if file.is_file()))
    reader = [sys.executable, "-m", "benchmarks.steps"]
    last_line = measure.run(reader, place, environment | {"PYTHONPATH": str(ROOT)}).output.splitlines()[-1]
    steps = json.loads(last_line)
    if len(steps) != len(done):
        raise measure.FailedError(
            f"two refreshes left {len(steps)} runs in {home}, so their steps cannot be told apart"
        )
    for place_, series in enumerate(names):
        grown = sizes[place_ + 1] - sizes[place_]
        yield series, _sample(done[place_], tuple(steps[place_]), counted[place_], grown)


def _sample(done: measure.Process, interval: tuple[float, ...], counted: Mapping[str, Any], grown: int = 0) -> Sample:
    start, end = interval
    return Sample(
        # What is asked for while the process loads is work too.
        seconds=end - start + asked_seconds(counted, start),
        cpu=done.cpu_between(start, end),
        process_seconds=done.wall,
        process_cpu=done.cpu,
        peak_mib=done.peak_mib,
        requests=counted["requests"],
        at_once=counted["most_at_once"],
        at_once_per_account=max((tally["most_at_once"] for tally in counted["accounts"].values()), default=0),
        feed_seconds=asked_seconds(counted),
        storage_bytes=grown,
    )


def _place(round_folder: Path, contender: str) -> Path:
    return round_folder / contender.replace(" ", "")


def _compare(folders: Sequence[Path]) -> None:
    """Compare what the project, the floor and the others have stored, in this order (`benchmarks.verify`)."""
    command = [sys.executable, "-m", "benchmarks.verify", *map(str, folders)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise measure.FailedError(done.stderr)


def _environment(**more: str) -> dict[str, str]:
    """This environment without anything that configures the project."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("PLANION_", "DAGSTER_"))}
    return {**others, **more}
