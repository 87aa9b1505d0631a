"""When the steps of a Dagster instance's runs ran: `python -m benchmarks.steps`, for the instance in DAGSTER_HOME.

Prints a JSON list of [first STEP_START, last STEP_SUCCESS] in seconds of the epoch, a pair per run, oldest first. A
process of its own after those that are measured, which so stay the very command that people run.
"""

import json

import dagster as dg

_STEP = {dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_SUCCESS}


def intervals(instance: dg.DagsterInstance) -> list[tuple[float, float]]:
    """The interval of each run; raises RuntimeError for one that did not succeed."""
    found = []
    for run in instance.get_runs():
        if run.status != dg.DagsterRunStatus.SUCCESS:
            raise RuntimeError(f"run {run.run_id} is {run.status.value}, not SUCCESS")
        times = [event.timestamp for event in instance.all_logs(run.run_id, of_type=_STEP)]
        found.append((min(times), max(times)))
    return sorted(found)


def main() -> None:
    """Print the intervals."""
    with dg.DagsterInstance.get() as instance:
        print(json.dumps(intervals(instance)))


if __name__ == "__main__":
    main()
