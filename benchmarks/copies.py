"""The stored state of thousands of conferences, made of one that `planion refresh` has stored: files and events.

As a program, in a folder with the settings of all: `python -m benchmarks.copies`. Real refreshes of ten thousand take
an hour. Each file is linked to under the names of the others, and each event of the one is stored in Dagster's database
for each other with its key in place of the one's. So the rows within the files name one conference, which neither an
unchanged refresh nor a survey reads.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from planion_assets.config import load
from planion_assets.keys import ConferenceKey, path_name
from planion_assets.refresh.stores import store_of

_DATABASE = "history/runs/index.db"
_EVENTS = "id, run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition"
_TAGS = "event_id, asset_key, key, value, event_timestamp"
_CHECKS = (
    "asset_key, check_name, partition, run_id, execution_status, evaluation_event, evaluation_event_timestamp, "
    "evaluation_event_storage_id, materialization_event_storage_id, create_timestamp"
)


def main() -> None:
    """Make all configured conferences of the one that is stored."""
    settings = load()
    (one,) = store_of(settings).keys("sessions")
    others = [key for key in settings.keys() if key != one]
    link_files(Path(str(settings.data)), one, others)
    copy_events(Path(os.environ["DAGSTER_HOME"]), one, others)


def link_files(data: Path, one: ConferenceKey, others: Sequence[ConferenceKey]) -> None:
    """Give the others every file of the one: tables, change logs, the note of the last read."""
    account, conference = path_name(one.account), path_name(one.conference)
    found = [path for path in data.rglob(f"{account}/{conference}*") if ".locks" not in path.parts]
    for path in found:
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        for key in others:
            place = path.parent.parent / path_name(key.account)
            name = f"{path_name(key.conference)}{path.name.removeprefix(conference)}"
            for file in files:
                link = place / name / file.relative_to(path) if path.is_dir() else place / name
                link.parent.mkdir(parents=True, exist_ok=True)
                os.link(file, link)


def copy_events(home: Path, one: ConferenceKey, others: Sequence[ConferenceKey]) -> None:
    """Give the others the partition and the events of the one, as if the same run had stored them."""
    with closing(sqlite3.connect(home / _DATABASE)) as connection, connection:
        connection.execute("CREATE TEMP TABLE other (number INTEGER PRIMARY KEY, partition TEXT)")
        connection.executemany("INSERT INTO other VALUES (?, ?)", enumerate(map(str, others), 1))
        (last,) = connection.execute("SELECT max(id) FROM event_logs").fetchone()
        parameters = {"one": str(one), "last": last}
        connection.execute(
            "INSERT INTO dynamic_partitions (partitions_def_name, partition, create_timestamp) SELECT "
            "partitions_def_name, other.partition, create_timestamp FROM dynamic_partitions d, other "
            "WHERE d.partition = :one ORDER BY other.number",
            parameters,
        )
        # Events keep their order within each conference.
        connection.execute(
            f"INSERT INTO event_logs ({_EVENTS}) SELECT id + :last * other.number, run_id, "  # noqa: S608 - constants
            "replace(event, :one, other.partition), dagster_event_type, timestamp, step_key, asset_key, "
            "other.partition FROM event_logs e, other WHERE e.partition = :one ORDER BY other.number, id",
            parameters,
        )
        connection.execute(
            f"INSERT INTO asset_event_tags ({_TAGS}) SELECT event_id + :last * other.number, t.asset_key, key, value, "  # noqa: S608
            "event_timestamp FROM asset_event_tags t JOIN event_logs e ON e.id = t.event_id AND e.partition = :one, "
            "other ORDER BY other.number",
            parameters,
        )
        connection.execute(
            f"INSERT INTO asset_check_executions ({_CHECKS}) SELECT asset_key, check_name, other.partition, run_id, "  # noqa: S608
            "execution_status, replace(evaluation_event, :one, other.partition), evaluation_event_timestamp, "
            "evaluation_event_storage_id + :last * other.number, materialization_event_storage_id + :last * "
            "other.number, create_timestamp FROM asset_check_executions c, other WHERE c.partition = :one "
            "ORDER BY other.number",
            parameters,
        )


if __name__ == "__main__":
    main()
