"""What the published folder says of itself, held against the files and against the specification of data packages."""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from frictionless import FrictionlessException, Package

from planion_assets.freshness.package_files import describe
from planion_assets.keys import ConferenceKey
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables import data_package
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.data_package import DESCRIPTOR, PUBLIC, README
from planion_assets_tests.tables.items import Item

KEYS = (ConferenceKey("AAA", "2018"), ConferenceKey("A&B", "C #%é"))
SPEAKERS = [
    {"pid": "1", "pslinkid": "1", "published": True, "lname": "Shown", "resources": [{"url": "https://a.test/1"}]},
    {"pid": "2", "pslinkid": "2", "published": None, "lname": "Hidden"},
]
SESSION: dict[str, Any] = {
    **{"schedid": "1", "published": True, "startDate": "2026-11-21", "tracks": ["A", "A"], "speakers": SPEAKERS},
    **{"credits1": "1.5", "custom1": "x", "learning_objective1": "One"},
}


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """A store with the published tables of two conferences."""
    store = LocalStore(tmp_path)
    for key in KEYS:
        for table in TABLES:
            if table.public and table.endpoint == "sessions":
                store.write(table.location, key, build_table(table, key, [Item(SESSION)]).data)
    (tmp_path / "published" / "published_sessions" / ".hidden.parquet").write_bytes(b"half")
    describe(store.files)
    return store


def _package(store: LocalStore) -> Any:
    return json.loads(store.files.read(f"published/{DESCRIPTOR}"))


def test_the_descriptor_is_a_data_package_of_the_files_that_there_are(store: LocalStore) -> None:
    package = _package(store)
    folder = store.root / "published"
    for resource in Package.from_descriptor(package).resources:
        paths = [str(resource.path), *resource.extrapaths]
        assert paths == sorted(paths)
        assert len(paths) == len(KEYS)
        stored = [pq.read_schema(folder / path) for path in paths]
        assert all([field.name for field in resource.schema.fields] == schema.names for schema in stored)
    found = {path.relative_to(folder).as_posix() for path in folder.glob("*/*/*.parquet")}
    assert {path for resource in package["resources"] for path in resource["path"]} == found


def test_keys_name_fields_that_exist_and_tell_rows_apart(store: LocalStore) -> None:
    resources = {resource["name"]: resource for resource in _package(store)["resources"]}
    for name, resource in resources.items():
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        key = resource["schema"]["primaryKey"]
        assert key[:2] == ["account", "conference"]
        assert all(fields[column]["constraints"] == {"required": True} for column in key)
        rows = [
            tuple(row[column] for column in key)
            for path in resource["path"]
            for row in pq.ParquetFile(store.root / "published" / path).read().to_pylist()
        ]
        assert rows
        assert len(set(rows)) == len(rows), name
        for foreign in resource["schema"].get("foreignKeys", ()):
            assert set(foreign["fields"]) <= set(fields)
            other = resources[foreign["reference"]["resource"]]
            assert foreign["reference"]["fields"] == other["schema"]["primaryKey"]
    assert len([one for one in resources.values() if one["schema"].get("foreignKeys")]) == len(resources) - 2


def test_every_public_table_and_column_is_described() -> None:
    text = data_package.readme()
    for table in PUBLIC:
        assert f"\n## {table.name}\n" in text
        assert all(f"| `{column.name}` | {column.kind.arrow} |" in text for column in table.columns)
    files = {table.name: [f"{table.name}/A/1.parquet"] for table in PUBLIC}
    package = json.loads(data_package.descriptor(files))
    assert Package.from_descriptor(package).resource_names == [table.name for table in PUBLIC]
    package["resources"][0]["schema"]["fields"][0]["type"] = "text"
    with pytest.raises(FrictionlessException):
        Package.from_descriptor(package)


def test_both_files_are_written_only_where_they_differ_and_follow_what_is_stored(store: LocalStore) -> None:
    folder = store.root / "published"
    paths = [folder / name for name in (DESCRIPTOR, README)]
    before = [(path.stat().st_ino, path.read_bytes()) for path in paths]
    describe(store.files)
    assert [(path.stat().st_ino, path.read_bytes()) for path in paths] == before
    paths[1].write_text("edited")
    store.path("published/published_sessions", KEYS[1]).unlink()
    describe(store.files)
    assert paths[1].read_bytes() == before[1][1]
    (sessions,) = (one for one in _package(store)["resources"] if one["name"] == "published_sessions")
    assert sessions["path"] == "published_sessions/AAA/2018.parquet"


def test_a_folder_without_tables_is_described_too(tmp_path: Path) -> None:
    describe(LocalStore(tmp_path).files)
    assert json.loads((tmp_path / "published" / DESCRIPTOR).read_text())["resources"] == []


@pytest.mark.parametrize("name", [b"\xff.parquet", "copié.parquet".encode(), "\U0001f3aa.parquet".encode()])
def test_a_file_whose_name_is_none_of_ours_is_not_listed(tmp_path: Path, name: bytes) -> None:
    folder = tmp_path / "published/published_sessions/AAA"
    folder.mkdir(parents=True)
    for file in (name, b"2018.parquet"):
        (folder / os.fsdecode(file)).touch()
    describe(LocalStore(tmp_path).files)
    (sessions,) = _package(LocalStore(tmp_path))["resources"]
    assert sessions["path"] == "published_sessions/AAA/2018.parquet"


def test_files_of_changes_that_a_compacted_one_covers_are_not_listed(tmp_path: Path) -> None:
    """As they are after a refresh that was killed before it deleted them: a change would be in two files."""
    changes = "published_changes/AAA/2024/"
    names = ("00000000-00000001-nothing-cd.parquet", "00000000-nothing-ab.parquet", "00000002-cd-ef.parquet")
    for name in (*(changes + name for name in names), "published_sessions/AAA/00000000-nothing-ab.parquet"):
        path = tmp_path / "published" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    describe(LocalStore(tmp_path).files)
    resources = json.loads((tmp_path / "published/datapackage.json").read_text())["resources"]
    paths = {one["name"]: one["path"] for one in resources}
    assert paths["published_changes"] == [changes + names[0], changes + names[2]]
    assert paths["published_sessions"] == "published_sessions/AAA/00000000-nothing-ab.parquet"
