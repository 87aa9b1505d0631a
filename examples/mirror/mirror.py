"""Keep a DuckDB mirror of sessions and session_speakers: `python mirror.py DATA MIRROR.duckdb`, again and again."""

import json
import sys
from pathlib import Path

import duckdb

TABLES = {"sessions": ("session", ["schedid"]), "session_speakers": ("speaker_link", ["schedid", "position"])}
TYPES = {"string": "VARCHAR", "bool": "BOOLEAN", "int32": "INTEGER", "float64": "DOUBLE", "date32": "DATE"}
TYPES |= {"timestamp[us]": "TIMESTAMP", "timestamp[us, tz=UTC]": "TIMESTAMPTZ"}
OLDER = "is of older code and does not tell its steps: move it out of the folder, refresh, and run this again"


def dicts(db, sql, *values):
    found = db.execute(sql, values)
    return [dict(zip([one[0] for one in found.description], row, strict=True)) for row in found.fetchall()]


def metadata(db, file):
    return {one["key"].decode(): one["value"].decode() for one in dicts(db, "FROM parquet_kv_metadata(?)", str(file))}


def all_steps(db, data, key):  # by number; while files are compacted a step can be in two, which say the same
    files = [str(file) for file in Path(data, key).glob("*.parquet")]
    of = {file: metadata(db, file).get("planion.steps") or sys.exit(f"{file} {OLDER}") for file in files}
    return {step["sequence"]: step | {"file": file} for file, steps in of.items() for step in json.loads(steps)}


def load(db, data, key, table):  # begin with the whole table; its file names the state that a step leads to
    path, said = f"{data}/{table}/{key}.parquet", None
    while said != (said := metadata(db, path)):  # once more where the file was replaced meanwhile
        db.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM read_parquet(?) LIMIT 0", [path])
        others = f"FROM {table} WHERE account || '/' || conference != ?"
        db.execute(f"CREATE OR REPLACE TABLE {table} AS {others} UNION ALL BY NAME FROM read_parquet(?)", [key, path])
    return {name: said[f"planion.{name}"] for name in ("snapshot", "code_version", "zones") if said[f"planion.{name}"]}


def apply(db, key, table, entity, place, step):  # as a set: take away all rows that change, then put back the others
    for one in step.get("restated", {}).get(table, {}).get("schemas", [[], []])[1]:
        db.execute(f'ALTER TABLE {table} ADD COLUMN IF NOT EXISTS "{one["name"]}" {TYPES[one["type"]]}')
    rows, where = {}, f"FROM {table} WHERE account || '/' || conference = ? AND {' = ? AND '.join(place)} = ?"
    found = "FROM read_parquet(?) WHERE sequence = ? AND entity = ?"
    for change in dicts(db, found, step["file"], step["sequence"], entity):
        at = (change["kind"] == "added", *(change[name] for name in place))
        if change["kind"] != "added" and at not in rows:
            rows[at] = dicts(db, f"SELECT * {where}", key, *at[1:])[0]
            db.execute(f"DELETE {where}", [key, *at[1:]])
        value = {change["column_name"]: change["new"]}
        rows[at] = rows[at] | value if change["kind"] == "changed" else json.loads(change["new"] or "null")
    for row in filter(None, rows.values()):
        db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def mirror(db, data, key):
    db.execute("CREATE TABLE IF NOT EXISTS mirrored (id VARCHAR PRIMARY KEY, sequence INTEGER, state JSON)")
    for table, rows in TABLES.items():
        mine = dicts(db, "FROM mirrored WHERE id = ?", f"{table}/{key}")
        steps = all_steps(db, f"{data}/session_changes", key)
        at = mine[0]["sequence"] if mine else -1
        known = mine and at in steps and steps[at]["states"].get(table) == json.loads(mine[0]["state"])
        if not known or any(n not in steps or steps[n]["cause"] == "begun" for n in range(at + 1, max(steps) + 1)):
            state = load(db, data, key, table)
            steps = all_steps(db, f"{data}/session_changes", key)  # a step is recorded before the table shows it
            at = max(number for number, step in steps.items() if step["states"].get(table) == state)
        for number in range(at + 1, max(steps) + 1):
            apply(db, key, table, *rows, steps[number])
        done = [f"{table}/{key}", max(steps), json.dumps(steps[max(steps)]["states"][table])]
        db.execute("INSERT OR REPLACE INTO mirrored VALUES (?, ?, ?)", done)


if __name__ == "__main__":
    with duckdb.connect(sys.argv[2]) as db:
        for folder in sorted(Path(sys.argv[1], "session_changes").glob("*/*/")):
            db.begin()
            mirror(db, sys.argv[1], f"{folder.parent.name}/{folder.name}")
            db.commit()
