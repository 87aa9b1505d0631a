"""A damaged raw table is mended from its payloads, or set aside and read again from the feed."""

import shutil

import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.storage.file_names import DAMAGED
from planion_assets.storage.log_parts import NOTHING
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.verify import damage
from planion_assets_tests.verify.harmed import damage_lines, harm
from planion_assets_tests.verify.stored import FIRST, KEYS, MESS, Folder, contents


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
    act(harm(folder, path))
    broken = path.read_bytes()
    lines = damage_lines(folder, FIRST)
    assert list(lines) == ["raw_sessions/AAA/AM2036.parquet"]
    assert said in lines["raw_sessions/AAA/AM2036.parquet"]
    assert folder.mended(FIRST) == {FIRST}
    assert damage_lines(folder, FIRST) == {}
    mended, before = contents(folder.store, reread=True), contents(whole.store, reread=True)
    assert {name: seen for name, seen in mended.items() if "session_changes" not in name} == {
        name: seen for name, seen in before.items() if "session_changes" not in name
    }
    assert (folder.store.root / DAMAGED / path.relative_to(folder.store.root)).read_bytes() == broken
    assert [part.before for part in folder.store.log_parts(SESSION_CHANGES.location, FIRST)][2:] == [NOTHING]


def test_a_raw_table_whose_payloads_are_proven_is_mended_without_the_feed(whole: Folder, folder: Folder) -> None:
    acts = {"raw_speakers": damage.other_type, "raw_sessions": damage.reversed_rows, "sessions": damage.stuffed}
    for name, act in (acts | {"speakers": damage.other_beginning}).items():
        act(harm(folder, folder.store.path(name, MESS)))
    assert sorted(damage_lines(folder, MESS)) == sorted(f"{name}/AAA/MESS.parquet" for name in (*acts, "speakers"))
    assert damage_lines(folder, MESS, repair=True) == {}
    assert contents(folder.store) == contents(whole.store)


def test_sessions_are_not_taken_for_people_though_their_payloads_are_whole(whole: Folder, folder: Folder) -> None:
    shutil.copy(folder.store.path("raw_sessions", MESS), folder.store.path("raw_speakers", MESS))
    assert "it is the table raw_sessions; " in damage_lines(folder, MESS)["raw_speakers/AAA/MESS.parquet"]
    assert folder.mended(MESS) == {MESS}
    assert contents(folder.store, reread=True) == contents(whole.store, reread=True)


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
    assert list(damage_lines(folder, key)) == [path], "the raw table is right, whichever of the two was read later"
    assert damage_lines(folder, key, repair=True) == {}
    assert contents(folder.store) == contents(whole.store)
    # Where the raw table is lost too, its rows are none that the feed's could be fewer than.
    shutil.copyfile(whole.store.path("speakers", other), folder.store.path("speakers", key))
    damage.flip_in_values(harm(folder, folder.store.path("raw_speakers", key)))
    assert "it holds rows of another conference; `planion verify" in damage_lines(folder, key)[path]
    assert folder.mended(key) == {key}
    assert contents(folder.store, reread=True) == contents(whole.store, reread=True)


def test_a_conference_without_settings_keeps_a_raw_table_that_no_feed_can_replace(folder: Folder) -> None:
    config = folder.path / "planion.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text("".join(line for line in text.splitlines(True) if "MESS" not in line), encoding="utf-8")
    path = folder.store.path("raw_sessions", MESS)
    damage.truncate(harm(folder, path))
    before = path.read_bytes()
    lines = damage_lines(folder, MESS, repair=True)
    assert "name the conference in planion.yaml" in lines["raw_sessions/AAA/MESS.parquet"]
    assert path.read_bytes() == before
