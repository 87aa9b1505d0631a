"""Damage of every kind is found, file by file, and mended; what is right is left alone, byte for byte."""

import io
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from planion_assets.guide import without_see
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.file_names import DAMAGED
from planion_assets.storage.log_parts import NOTHING
from planion_assets.tables import catalog
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.verify.verification import verify
from planion_assets_tests.feed.server import KEY, ScriptedServer, client_of, item, items, page_of
from planion_assets_tests.runs import files
from planion_assets_tests.verify import damage
from planion_assets_tests.verify.harmed import harm, mended_lines
from planion_assets_tests.verify.stored import FIRST, KEYS, MESS, Folder, contents, readable_by_glob

DERIVED: dict[str, tuple[damage.Damage, str]] = {
    "sessions": (damage.flip_in_values, ""),
    "session_speakers": (damage.other_values, "it has other values than the snapshot gives: "),
    "session_tracks": (damage.extra_row, "it has 35 rows in place of 34"),
    "session_credits": (damage.by_pandas, "it was written by another tool"),
    "session_custom_fields": (damage.missing_column, "it has other columns or types than"),
    "session_learning_objectives": (damage.folder_in_place, "it is a folder, and no file"),
    "speaker_resources": (damage.named_pipe, "it is a named pipe, and no file"),
    "rejected_items": (damage.link_loop, "it is a loop of links, and no file"),
    "speakers": (damage.missing, "it is not there, though the raw table is"),
    "published_sessions": (damage.reversed_rows, "it has other values than the snapshot gives: "),
    "published_session_speakers": (damage.empty, "it is not a readable Parquet file"),
}
"""A damage for each derived table, and the problem that is reported."""


def _with_note(rows: pa.Table, name: bytes, text: bytes) -> pa.Table:
    """The rows with another text in their metadata, and without the digest of that."""
    notes = {**(rows.schema.metadata or {}), name: text}
    return rows.replace_schema_metadata({name: text for name, text in notes.items() if name != b"planion.notes"})


def test_what_is_right_is_found_right_and_left_alone(folder: Folder) -> None:
    before = files(folder.store.root)
    found = folder.verified(repair=True)
    assert [one.key for one in found] == [None, *KEYS]
    assert [finding for one in found for finding in one.findings] == []
    logs = [folder.store.log_parts(history.location, key) for history in catalog.HISTORIES for key in KEYS]
    assert sum(map(len, logs)) == 10
    assert sum(one.files for one in found) == 2 * len(catalog.TABLES) + 10, "all tables and all changes"
    assert files(folder.store.root) == before


def test_a_damage_of_each_table_is_found_by_its_file_and_mended_from_the_raw_table(
    whole: Folder, folder: Folder
) -> None:
    for name, (act, _) in DERIVED.items():
        path = folder.store.path(catalog.location_of(name), MESS)
        act(harm(folder, path))
    lines = mended_lines(folder, MESS)
    said = {folder.store.path(catalog.location_of(name), MESS): text for name, (_, text) in DERIVED.items()}
    assert sorted(lines) == sorted(str(path.relative_to(folder.store.root)) for path in said)
    for path, text in said.items():
        line = lines[str(path.relative_to(folder.store.root))]
        assert text in line
        assert without_see(line).endswith("; run `planion verify --repair`")
        assert "\n" not in line
    assert contents(folder.store) == contents(whole.store)
    assert (folder.store.root / DAMAGED / "session_learning_objectives/AAA/MESS.parquet/inside.txt").is_file()


def test_a_table_under_the_name_of_another_is_damage_and_mended(whole: Folder, folder: Folder) -> None:
    said = {}
    for name, other in (("published_sessions", "sessions"), ("speaker_resources", "raw_sessions")):
        path = folder.store.path(catalog.location_of(name), MESS)
        shutil.copy(folder.store.path(other, MESS), path)
        said[path] = f"it is the table {other}"
    lines = mended_lines(folder, MESS)
    assert sorted(lines) == sorted(str(path.relative_to(folder.store.root)) for path in said)
    for path, text in said.items():
        assert text in lines[str(path.relative_to(folder.store.root))]
    assert contents(folder.store) == contents(whole.store)


def test_columns_that_are_not_for_the_public_are_damage_in_a_public_table_of_other_code_too(
    whole: Folder, folder: Folder
) -> None:
    path = folder.store.path(catalog.location_of("published_sessions"), MESS)
    rows = pq.read_table(folder.store.path("sessions", MESS), partitioning=None)
    pq.write_table(_with_note(rows, b"planion.code_version", b"older"), path)
    (line,) = mended_lines(folder, MESS).values()
    assert "it has columns that this code gives nobody but you: " in line
    assert contents(folder.store) == contents(whole.store)


def test_a_change_that_is_lost_is_set_aside_and_told_as_a_gap_and_no_damage(folder: Folder) -> None:
    first, second = folder.store.log_parts(SESSION_CHANGES.location, FIRST)
    where = folder.store.folder(SESSION_CHANGES.location, FIRST)
    damage.other_values(harm(folder, where / second.name))
    (where / first.name).unlink()
    name = f"session_changes/AAA/AM2036/{second.name}"
    lines = mended_lines(folder, FIRST)
    assert list(lines) == [name]
    assert without_see(lines[name]).endswith(
        "its rows or columns were changed; `planion verify --repair` sets it aside; what it held cannot be made again"
    )
    (found,) = verify(folder.settings, folder.store, [FIRST])
    assert [(str(finding.kind), finding.problem) for finding in found.findings] == [
        ("noted", "changes 0 to 1 are lost")
    ]
    (part,) = folder.store.log_parts(SESSION_CHANGES.location, FIRST)
    assert (part.sequence, part.before, part.after) == (2, NOTHING, second.after)


def test_what_is_none_of_our_files_is_named_and_set_aside(folder: Folder) -> None:
    root = folder.store.root
    globs = readable_by_glob(folder.store)
    for name in ("sessions/AAA/MESS copy.parquet", "sessions/AAA/MESS-backup.parquet", "published/list.csv"):
        shutil.copyfile(root / "sessions/AAA/MESS.parquet", root / name)
    shutil.copyfile(root / "raw_sessions/AAA/MESS.parquet", root / "raw_sessions/AAA/old.parquet")
    (root / "session_changes/AAA/notes.txt").write_text("x")
    (root / "sessions/BBB").symlink_to("BBB")
    (root / "conference_status.parquet").mkdir()
    (root / "raw_sessions/AAA/.MESS.parquet.0123456789ab.tmp").write_text("half")
    (root / "raw_sessions/.DS_Store").write_text("harmless")
    found = folder.verified(repair=True)
    assert [one for one in found if not one.is_right] == []
    assert sorted(finding.name for one in found for finding in one.mended) == [
        "conference_status.parquet",
        "published/list.csv",
        "raw_sessions/AAA/old.parquet",
        "session_changes/AAA/notes.txt",
        "sessions/AAA/MESS copy.parquet",
        "sessions/AAA/MESS-backup.parquet",
        "sessions/BBB",
    ]
    assert not list(root.glob("raw_sessions/AAA/.*.tmp")), "which nobody has a use for"
    assert readable_by_glob(folder.store) == globs
    published = {f"published/{path.name}" for path in (root / "published").iterdir()}
    assert published == {declared.location for declared in catalog.ASSETS if declared.public}


def test_what_other_code_or_other_zones_made_is_no_damage(folder: Folder) -> None:
    raw, sessions = (folder.store.path(name, MESS) for name in ("raw_sessions", "sessions"))
    for path, note, text in (
        (raw, b"planion.code_version", b"older"),
        (sessions, b"planion.zones", b"UTC Europe/Berlin"),
    ):
        pq.write_table(_with_note(pq.read_table(path, partitioning=None), note, text), path)
    (found,) = verify(folder.settings, folder.store, [MESS])
    kinds = {finding.name: str(finding.kind) for finding in found.findings}
    assert kinds["raw_sessions/AAA/MESS.parquet"] == "outdated"
    assert kinds["sessions/AAA/MESS.parquet"] == "damaged", "its times"


def test_files_are_written_with_checksums_of_their_pages(whole: Folder) -> None:
    path = whole.store.path("session_tracks", MESS)
    data = bytearray(path.read_bytes())
    with pq.ParquetFile(path) as file:
        place = file.metadata.row_group(0).column(0).data_page_offset
        size = file.metadata.row_group(0).column(0).total_compressed_size
    data[place + size - 1] ^= 1
    with pytest.raises(OSError, match="CRC checksum verification failed"):
        pq.ParquetFile(io.BytesIO(data), page_checksum_verification=True).read()


def test_what_a_dirty_feed_has_left_is_no_damage(workplace: Path) -> None:
    """Items without an owner, with keys and identifiers in other spellings, twice, or that are no objects."""
    rows = [
        *items(3),
        {name: value for name, value in item("unowned").items() if name != "account"},
        {**item("blank"), "conference": " "},
        {**{name: value for name, value in item("x").items() if name != "schedid"}, "schedId": 7.0},
        {**item("x"), "schedid": {"$numberLong": "21899"}},
        {**item("x"), "schedid": "\ud800"},
        {**item("x"), "schedid": "\ufffd"},
        {"Account": KEY.account, "CONFERENCE": KEY.conference, "schedid": "8"},
        item("1", sessionName="another"),
        item(None),
        item(["no", "identifier"]),
        None,
        "text",
    ]
    folder = Folder(workplace, workplace / "former", "http://127.0.0.1:9/feed/v1")
    with ScriptedServer(lambda request: page_of(rows, request.page)) as server, client_of(server) as client:
        options = RefreshOptions()
        (outcome,) = refresh([KEY], catalog.ASSETS, folder.store, lambda _: client, lambda _: options)
    assert isinstance(outcome, Refreshed), outcome
    rejected = folder.store.read("rejected_items", KEY)
    assert sorted(filter(None, rejected["schedid"].to_pylist())) == ["1", "blank", "unowned"]
    account = {"account": KEY.account, "token_env": "PLANION_TOKEN_AAA"}
    # JSON is YAML.
    settings = {"accounts": [{**account, "conferences": [{"conference": KEY.conference}]}]}
    (workplace / "planion.yaml").write_text(json.dumps(settings))
    (found,) = verify(folder.settings, folder.store, [KEY])
    assert [finding.line("") for finding in found.findings] == []
