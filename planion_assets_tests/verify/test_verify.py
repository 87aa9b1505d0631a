"""Damage of every kind is found, file by file, and mended; what is right is left alone, byte for byte."""

import io
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from planion_assets.feed.client import FeedClient
from planion_assets.keys import ConferenceKey
from planion_assets.refresh import change_log
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Changes, Failed, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.atomic_write import DAMAGED
from planion_assets.storage.store import UnreadableFileError
from planion_assets.tables import catalog
from planion_assets.verify.verification import verify
from planion_assets_tests.feed.server import KEY, ScriptedServer, client_of, item, items, page_of
from planion_assets_tests.runs import files
from planion_assets_tests.verify import damage
from planion_assets_tests.verify.stored import KEYS, Folder, contents, readable_by_glob

FIRST, MESS = KEYS
DERIVED: dict[str, tuple[damage.Damage, str]] = {
    "sessions": (damage.flip_in_values, ""),
    "session_speakers": (damage.other_values, "it has other values than the snapshot gives: "),
    "session_tracks": (damage.extra_row, "it has 36 rows in place of 35"),
    "session_credits": (damage.by_pandas, "it was written by another tool"),
    "session_custom_fields": (damage.missing_column, "it has other columns or types than"),
    "session_learning_objectives": (damage.folder_in_place, "it is a folder, and no file"),
    "speaker_resources": (damage.named_pipe, "it is a named pipe, and no file"),
    "rejected_items": (damage.link_loop, "it is a loop of links, and no file"),
    "speakers": (damage.missing, "it is not there, though the raw table is"),
    "published_sessions": (damage.reversed_rows, "it has other values than the snapshot gives: "),
    "published_session_speakers": (damage.empty, "it is not a readable Parquet file"),
}
"""A damage for each table that is made from another, and what is said of it."""


def _no_client(key: ConferenceKey) -> FeedClient:
    raise AssertionError(f"the feed is asked for {key}")


def _harm(folder: Folder, path: Path) -> damage.Harm:
    return damage.Harm(folder, damage.luck(1), path)


def _with_note(rows: pa.Table, name: bytes, text: bytes) -> pa.Table:
    """The rows with another text in their metadata, and without the digest of that."""
    notes = {**(rows.schema.metadata or {}), name: text}
    return rows.replace_schema_metadata({name: text for name, text in notes.items() if name != b"planion.notes"})


def _lines(folder: Folder, key: ConferenceKey, *, repair: bool = False) -> dict[str, str]:
    """The damages of one conference: a line by the path below the folder of the tables."""
    (found,) = verify(folder.settings, folder.store, [key], repair=repair)
    assert found.failure is None
    paths = [(str(finding.path.relative_to(folder.store.root)), finding) for finding in found.damages]
    return {path: finding.line(path) for path, finding in paths}


def test_what_is_right_is_found_right_and_left_alone(folder: Folder) -> None:
    before = files(folder.store.root)
    found = folder.verified(repair=True)
    assert [one.key for one in found] == [None, *KEYS]
    assert [finding for one in found for finding in one.findings] == []
    assert sum(one.files for one in found) == 2 * len(catalog.TABLES) + 3, "all tables and three changes"
    assert files(folder.store.root) == before


def test_a_damage_of_each_table_is_found_by_its_file_and_mended_from_the_raw_table(
    whole: Folder, folder: Folder
) -> None:
    for name, (act, _) in DERIVED.items():
        path = folder.store.path(catalog.location_of(name), MESS)
        act(_harm(folder, path))
    lines = _lines(folder, MESS)
    said = {folder.store.path(catalog.location_of(name), MESS): text for name, (_, text) in DERIVED.items()}
    assert sorted(lines) == sorted(str(path.relative_to(folder.store.root)) for path in said)
    for path, text in said.items():
        line = lines[str(path.relative_to(folder.store.root))]
        assert text in line
        assert line.endswith("; run `planion verify --repair`")
        assert "\n" not in line
    assert _lines(folder, MESS, repair=True) == {}
    assert contents(folder.store) == contents(whole.store)
    assert (folder.store.root / DAMAGED / "session_learning_objectives/AAA/MESS.parquet/inside.txt").is_file()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (damage.flip_in_values, "it is not a readable Parquet file"),
        (damage.former, "it holds a former snapshot, after which changes are recorded"),
    ],
)
def test_a_raw_table_that_is_lost_is_set_aside_and_read_again_though_the_feed_has_the_bytes_that_are_noted(
    whole: Folder, folder: Folder, act: damage.Damage, said: str
) -> None:
    path = folder.store.path("raw_sessions", FIRST)
    act(_harm(folder, path))
    broken = path.read_bytes()
    lines = _lines(folder, FIRST)
    assert list(lines) == ["raw_sessions/AAA/AM2036.parquet"]
    assert said in lines["raw_sessions/AAA/AM2036.parquet"]
    assert folder.mended(FIRST) == {FIRST}
    assert _lines(folder, FIRST) == {}
    mended, before = contents(folder.store, reread=True), contents(whole.store, reread=True)
    assert {name: seen for name, seen in mended.items() if "session_changes" not in name} == {
        name: seen for name, seen in before.items() if "session_changes" not in name
    }
    assert (folder.store.root / DAMAGED / path.relative_to(folder.store.root)).read_bytes() == broken
    assert [part.before for part in change_log.parts(folder.store, FIRST)][2:] == [change_log.NOTHING]


def test_a_raw_table_whose_payloads_are_proven_is_mended_without_the_feed(whole: Folder, folder: Folder) -> None:
    acts = {"raw_speakers": damage.other_type, "raw_sessions": damage.reversed_rows, "sessions": damage.stuffed}
    for name, act in (acts | {"speakers": damage.other_beginning}).items():
        act(_harm(folder, folder.store.path(name, MESS)))
    assert sorted(_lines(folder, MESS)) == sorted(f"{name}/AAA/MESS.parquet" for name in (*acts, "speakers"))
    assert _lines(folder, MESS, repair=True) == {}
    assert contents(folder.store) == contents(whole.store)


def test_a_table_under_the_name_of_another_is_damage_and_mended(whole: Folder, folder: Folder) -> None:
    said = {}
    for name, other in (("published_sessions", "sessions"), ("speaker_resources", "raw_sessions")):
        path = folder.store.path(catalog.location_of(name), MESS)
        shutil.copy(folder.store.path(other, MESS), path)
        said[path] = f"it is the table {other}"
    lines = _lines(folder, MESS)
    assert sorted(lines) == sorted(str(path.relative_to(folder.store.root)) for path in said)
    for path, text in said.items():
        assert text in lines[str(path.relative_to(folder.store.root))]
    assert _lines(folder, MESS, repair=True) == {}
    assert contents(folder.store) == contents(whole.store)


def test_sessions_are_not_taken_for_people_though_their_payloads_are_whole(whole: Folder, folder: Folder) -> None:
    shutil.copy(folder.store.path("raw_sessions", MESS), folder.store.path("raw_speakers", MESS))
    assert "it is the table raw_sessions; " in _lines(folder, MESS)["raw_speakers/AAA/MESS.parquet"]
    assert folder.mended(MESS) == {MESS}
    assert contents(folder.store, reread=True) == contents(whole.store, reread=True)


def test_columns_that_are_not_for_the_public_are_damage_in_a_public_table_of_other_code_too(
    whole: Folder, folder: Folder
) -> None:
    path = folder.store.path(catalog.location_of("published_sessions"), MESS)
    rows = pq.read_table(folder.store.path("sessions", MESS), partitioning=None)
    pq.write_table(_with_note(rows, b"planion.code_version", b"older"), path)
    (line,) = _lines(folder, MESS).values()
    assert "it has columns that this code gives nobody but you: " in line
    assert _lines(folder, MESS, repair=True) == {}
    assert contents(folder.store) == contents(whole.store)


def test_two_conferences_with_each_others_raw_table_are_both_read_again(whole: Folder, folder: Folder) -> None:
    first, second = (folder.store.path("raw_sessions", key) for key in KEYS)
    for one, other in ((first, second), (second, first)):
        shutil.copyfile(whole.store.root / other.relative_to(folder.store.root), one)
    assert ["it holds rows of another conference" in line for line in folder.damages()] == [True, True]
    assert folder.mended() == set(KEYS)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.conference)
def test_another_conferences_table_says_nothing_of_the_raw_one_and_holds_up_no_refresh(
    whole: Folder, folder: Folder, key: ConferenceKey
) -> None:
    (other,) = set(KEYS) - {key}
    shutil.copyfile(whole.store.path("speakers", other), folder.store.path("speakers", key))
    path = f"speakers/AAA/{key.conference}.parquet"
    assert list(_lines(folder, key)) == [path], "the raw table is right, whichever of the two was read later"
    assert _lines(folder, key, repair=True) == {}
    assert contents(folder.store) == contents(whole.store)
    # Where the raw table is lost too, its rows are none that the feed's could be fewer than.
    shutil.copyfile(whole.store.path("speakers", other), folder.store.path("speakers", key))
    damage.flip_in_values(_harm(folder, folder.store.path("raw_speakers", key)))
    assert "it holds rows of another conference; `planion verify" in _lines(folder, key)[path]
    assert folder.mended(key) == {key}
    assert contents(folder.store, reread=True) == contents(whole.store, reread=True)


def test_a_change_that_is_lost_is_set_aside_and_told_as_a_gap_and_no_damage(folder: Folder) -> None:
    first, second = change_log.parts(folder.store, FIRST)
    where = change_log.folder(folder.store, FIRST)
    damage.other_values(_harm(folder, where / second.name))
    name = f"session_changes/AAA/AM2036/{second.name}"
    lines = _lines(folder, FIRST)
    assert list(lines) == [name]
    assert lines[name].endswith(
        "its rows or columns were changed; `planion verify --repair` sets it aside; what it held cannot be made again"
    )
    (where / first.name).unlink()
    assert _lines(folder, FIRST, repair=True) == {}
    (found,) = verify(folder.settings, folder.store, [FIRST])
    assert [(str(finding.kind), finding.problem) for finding in found.findings] == [
        ("noted", "changes 0 to 1 are lost")
    ]
    (part,) = change_log.parts(folder.store, FIRST)
    assert (part.sequence, part.before, part.after) == (2, change_log.NOTHING, second.after)


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
    lines = folder.damages()
    named = sorted(line.partition(": ")[0] for line in lines)
    assert named == [
        "conference_status.parquet",
        "published/list.csv",
        "raw_sessions/AAA/old.parquet",
        "session_changes/AAA/notes.txt",
        "sessions/AAA/MESS copy.parquet",
        "sessions/AAA/MESS-backup.parquet",
        "sessions/BBB",
    ]
    assert folder.mended() == set()
    assert readable_by_glob(folder.store) == globs
    assert sorted(path.name for path in (root / "published").iterdir()) == [
        "published_session_speakers",
        "published_sessions",
    ]


def test_what_other_code_or_other_zones_made_is_no_damage(folder: Folder) -> None:
    raw, sessions = (folder.store.path(name, MESS) for name in ("raw_sessions", "sessions"))
    for path, note, text in (
        (raw, b"planion.code_version", b"older"),
        (sessions, b"planion.zones", b"UTC Europe/Berlin"),
    ):
        pq.write_table(_with_note(pq.read_table(path, partitioning=None), note, text), path)
    (found,) = verify(folder.settings, folder.store, [MESS])
    assert [str(finding.kind) for finding in found.findings if finding.path == raw] == ["outdated"]
    assert [str(finding.kind) for finding in found.findings if finding.path == sessions] == ["damaged"], "its times"


def test_damaged_pages_are_a_line_that_names_the_remedy_wherever_tables_are_read(folder: Folder) -> None:
    for name in ("sessions", "raw_sessions"):
        path = folder.store.path(name, MESS)
        damage.flip_in_values(_harm(folder, path))
        with pytest.raises(UnreadableFileError, match=r"run `planion verify --repair`, or move it away") as raised:
            folder.store.read(name, MESS)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("act", [damage.link_loop, damage.named_pipe, damage.folder_in_place])
def test_a_refresh_mends_what_is_no_file_in_the_place_of_a_table_or_says_what_is_in_the_way(
    whole: Folder, folder: Folder, act: damage.Damage
) -> None:
    places = [folder.store.path(name, MESS) for name in ("sessions", "published/published_sessions")]
    for path in places:
        act(_harm(folder, path))
    (outcome,) = folder.refreshed(MESS)
    if act is damage.folder_in_place:
        assert isinstance(outcome, Failed)
        assert outcome.reason == (
            f"the disk refused {places[1]}: Is a directory; move away what is in the place of a folder or file, then "
            "refresh again"
        )
    else:
        assert isinstance(outcome, Refreshed)
        assert [stored.footer.path for stored in outcome.tables if stored.written] == places
        assert contents(folder.store) == contents(whole.store)


def test_a_refresh_reads_the_feed_where_pages_of_the_raw_table_are_damaged_and_it_has_changed(folder: Folder) -> None:
    path = folder.store.path("raw_sessions", FIRST)
    damage.former(_harm(folder, path))
    damage.flip_in_values(_harm(folder, path))
    (outcome,) = folder.refreshed(FIRST)
    assert isinstance(outcome, Refreshed)
    assert (outcome.state, outcome.problems) == ("changed", ())
    assert outcome.changes == Changes(None, None), "there was nothing to compare with"
    assert _lines(folder, FIRST) == {}


def test_tables_are_not_derived_from_damaged_pages(folder: Folder) -> None:
    damage.flip_in_values(_harm(folder, folder.store.path("raw_sessions", MESS)))
    (outcome,) = refresh([MESS], [catalog.table("sessions")], folder.store, _no_client, lambda _: RefreshOptions())
    assert isinstance(outcome, Failed)
    assert "run `planion verify --repair`" in outcome.reason
    assert "\n" not in outcome.reason


def test_a_conference_without_settings_keeps_a_raw_table_that_no_feed_can_replace(folder: Folder) -> None:
    config = folder.path / "planion.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text("".join(line for line in text.splitlines(True) if "MESS" not in line), encoding="utf-8")
    path = folder.store.path("raw_sessions", MESS)
    damage.truncate(_harm(folder, path))
    before = path.read_bytes()
    lines = _lines(folder, MESS, repair=True)
    assert "name the conference in planion.yaml" in lines["raw_sessions/AAA/MESS.parquet"]
    assert path.read_bytes() == before


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
