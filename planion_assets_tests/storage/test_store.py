"""The store: what cannot be read says so by name, and a file is replaced whole or not at all."""

import gc
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import (
    NotStoredError,
    OtherSchemaError,
    Pieces,
    Provenance,
    ReplacedError,
    UnreadableFileError,
)

KEY = ConferenceKey("AAA", "2018")
DATA = pa.table({"conference": ["2018", "2018"], "schedid": ["1", "2"]})
PROVENANCE = Provenance("digest", datetime(2026, 11, 20, 8, 30, tzinfo=UTC), "code")


def _noted(rows: pa.Table | Pieces, provenance: Provenance = PROVENANCE, unreadable: str = "{}") -> Pieces:
    return Pieces.of(rows).with_notes(provenance, unreadable, "")


def _files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_nothing_stored_is_not_an_empty_table(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for read in (store.read, store.footer):
        with pytest.raises(NotStoredError, match=r"no table sessions of AAA\|2018 is stored at .*2018\.parquet"):
            read("sessions", KEY)
    assert store.keys("sessions") == []


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not Parquet at all", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_a_file_that_is_not_parquet_is_named(tmp_path: Path, content: bytes) -> None:
    store = LocalStore(tmp_path)
    store.write("sessions", KEY, DATA)
    store.path("sessions", KEY).write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"2018\.parquet is not a readable Parquet file"):
        store.footer("sessions", KEY)


@pytest.mark.parametrize(
    "asked",
    [
        pa.schema({"conference": pa.string()}),
        pa.schema({"conference": pa.string()} | {"schedid": pa.int64()}),
        pa.schema({"schedid": pa.string(), "conference": pa.string()}),
    ],
    ids=["fewer columns", "another type", "another order"],
)
def test_a_schema_is_asserted_on_read(tmp_path: Path, asked: pa.Schema) -> None:
    store = LocalStore(tmp_path)
    store.write("sessions", KEY, _noted(DATA))
    assert store.read("sessions", KEY, DATA.schema).num_rows == 2
    with pytest.raises(OtherSchemaError, match=r"2018\.parquet has other columns or types .* materialize it again"):
        store.read("sessions", KEY, asked)


@pytest.mark.parametrize("step", ["write_table", "fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store = LocalStore(tmp_path)
    store.write("sessions", KEY, DATA)
    before = store.path("sessions", KEY).read_bytes()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    owner = {"write_table": pyarrow.parquet.ParquetWriter, "fsync": os, "replace": Path}[step]
    monkeypatch.setattr(owner, step, refuse)
    with pytest.raises(OSError, match="No space left"):
        store.write("sessions", KEY, DATA.slice(0, 1))
    assert store.path("sessions", KEY).read_bytes() == before
    assert _files(tmp_path) == ["sessions/AAA/2018.parquet"]


def test_pieces_that_end_in_an_error_leave_the_old_file_and_no_other(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("sessions", KEY, DATA)
    before = store.path("sessions", KEY).read_bytes()

    def pieces() -> Iterator[pa.Table]:
        yield DATA
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        store.write("sessions", KEY, Pieces(DATA.schema, pieces()))
    assert store.path("sessions", KEY).read_bytes() == before
    assert _files(tmp_path) == ["sessions/AAA/2018.parquet"]


def test_pieces_become_row_groups_of_one_file(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    footer = store.write("sessions", KEY, _noted(Pieces(DATA.schema, iter([DATA, DATA.slice(0, 1)]))))
    assert (footer.rows, footer.provenance) == (DATA.num_rows + 1, PROVENANCE)
    assert store.read("sessions", KEY).equals(pa.concat_tables([DATA, DATA.slice(0, 1)]))
    with pyarrow.parquet.ParquetFile(footer.address) as file:
        assert file.num_row_groups == 2
    some = DATA.column_names[:1]
    assert store.read("sessions", KEY, DATA.schema, some).column_names == some


def test_what_is_written_is_read_with_its_provenance(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    footer = store.write("sessions", KEY, _noted(DATA))
    assert store.read("sessions", KEY).equals(DATA)
    assert footer == store.footer("sessions", KEY)
    assert (footer.rows, footer.provenance) == (2, PROVENANCE)
    assert footer.size == store.path("sessions", KEY).stat().st_size


def test_what_is_staged_is_known_as_the_file_that_it_becomes(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with store.writer(KEY, {}) as writer:
        rows = Pieces(DATA.schema, iter([DATA, DATA.slice(0, 1)]))
        staged = writer.stage("sessions", rows, PROVENANCE, '{"schedid": {"count": 1}}', pages="[]")
        assert writer.read_staged(staged).num_rows == staged.footer.rows == 3
        writer.commit(staged)
    assert staged.footer == store.footer("sessions", KEY)
    assert (staged.footer.unreadable, staged.footer.pages) == ('{"schedid": {"count": 1}}', "[]")


def test_what_could_not_be_read_is_noted_in_the_file(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert store.write("sessions", KEY, _noted(DATA)).unreadable == "{}"
    assert store.write("sessions", KEY, _noted(DATA, unreadable='{"published": 1}')).unreadable == '{"published": 1}'


def test_a_file_of_other_making_has_no_provenance(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert store.write("mine", None, DATA).provenance is None
    assert _files(tmp_path) == ["mine.parquet"]


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    one, two = LocalStore(tmp_path / "1"), LocalStore(tmp_path / "2")
    for store in (one, two):
        store.write("sessions", KEY, _noted(DATA))
    assert one.path("sessions", KEY).read_bytes() == two.path("sessions", KEY).read_bytes()


@pytest.mark.parametrize("name", ["..", ".", "a/b", "CON", "A&B+C#%25 é", "%2e%2e", "🎪", "2018", ".hidden", "~"])
def test_a_name_of_any_shape_stays_inside_the_data_directory(tmp_path: Path, name: str) -> None:
    root = tmp_path / "data"
    store = LocalStore(root)
    key = ConferenceKey(name, name)
    path = Path(store.write("sessions", key, DATA).address)
    assert path.resolve().is_relative_to(root.resolve() / "sessions")
    assert len(path.relative_to(root).parts) == 3
    assert store.keys("sessions") == [key]
    assert _files(tmp_path) == [str(path.relative_to(tmp_path))]


def test_a_conference_called_2018_stays_text_over_a_whole_folder(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for conference in ("2018", "AM2026"):
        store.write("sessions", ConferenceKey("AAA", conference), DATA.slice(0, 1))
    table = pyarrow.dataset.dataset(tmp_path / "sessions").to_table()
    assert table.schema.field("conference").type == pa.string()
    assert table.num_rows == 2


def test_extremes_are_those_of_all_row_groups_and_do_not_count_nulls(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    early, late = datetime(1901, 2, 3, 4, 5, 6, 7, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    types: dict[str, pa.DataType] = {"at": pa.timestamp("us", tz="UTC"), "local": pa.timestamp("us")}
    types |= {"ms": pa.timestamp("ms"), "day": pa.date32()}
    schema = pa.schema([pa.field(name, kind) for name, kind in types.items()])

    def piece(*instants: datetime | None) -> pa.Table:
        local = [instant and instant.replace(tzinfo=None) for instant in instants]
        days = [instant and instant.date() for instant in instants]
        columns: list[list[Any]] = [list(instants), local, local, days]
        arrays = [pa.array(column, type=kind) for column, kind in zip(columns, schema.types, strict=True)]
        return pa.table(arrays, schema=schema)

    store.write("times", KEY, Pieces(schema, [piece(None, late), piece(None), piece(early), piece()]))
    ranges = store.statistics("times", KEY).min_max(["at", "local", "day"])
    assert ranges == {
        "at": (early, late),
        "local": (early.replace(tzinfo=None), late.replace(tzinfo=None)),
        "day": (datetime(1901, 2, 3), datetime(2026, 11, 20)),  # noqa: DTZ001 - a day has no zone
    }
    with pytest.raises(OtherSchemaError, match="'ms'"):
        store.statistics("times", KEY).min_max(["ms"])
    assert store.statistics("times", KEY).nulls("at") == 2
    with pytest.raises(OtherSchemaError, match="'other'"):
        store.statistics("times", KEY).nulls("other")
    store.write("times", KEY, piece(None, None))
    assert store.statistics("times", KEY).min_max(["at", "day"]) == {"at": None, "day": None}
    assert store.statistics("times", KEY).nulls("at") == 2


def test_a_file_that_was_replaced_is_not_taken_for_the_one_that_is_asked_for(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("sessions", KEY, _noted(DATA))
    assert store.read("sessions", KEY, provenance=PROVENANCE).equals(DATA)
    store.write("sessions", KEY, _noted(DATA, replace(PROVENANCE, snapshot="another")))
    with pytest.raises(ReplacedError, match="replaced by another refresh"):
        store.read("sessions", KEY, provenance=PROVENANCE)


def test_what_was_looked_at_waits_for_no_search_for_garbage(tmp_path: Path) -> None:
    store, at = LocalStore(tmp_path), datetime(2026, 1, 1, tzinfo=UTC)
    store.write("times", KEY, pa.table({"at": pa.array([at], pa.timestamp("us", tz="UTC")), "schedid": ["1"]}))
    gc.collect()
    gc.disable()
    try:
        store.footer("times", KEY)
        store.statistics("times", KEY).min_max(["at"])
        store.statistics("times", KEY).nulls("schedid")
        found = [one for one in gc.get_objects() if isinstance(one, pyarrow.parquet.FileMetaData)]
    finally:
        gc.enable()
    assert found == []


def test_a_writer_begins_without_a_look_at_the_other_conferences_of_its_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    store.write("sessions", KEY, DATA)
    listed: list[str] = []
    scan = os.scandir

    def scandir(folder: Any = ".") -> Any:
        listed.append(str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    with store.writer(KEY, {"session_changes": "sessions"}):
        assert listed == []
    store.sweep(["sessions"])
    assert str(tmp_path / "sessions/AAA") in listed, "which a run does once"
