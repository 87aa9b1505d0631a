"""A damaged raw table is mended from its payloads, or set aside and read again from the feed."""

import shutil

from planion_assets.storage.file_names import DAMAGED
from planion_assets.storage.log_parts import NOTHING
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.verify import damage
from planion_assets_tests.verify.harmed import harm, mended_lines
from planion_assets_tests.verify.stored import FIRST, KEYS, MESS, Folder, contents


def test_a_raw_table_that_is_lost_is_set_aside_and_read_again_though_the_feed_has_the_bytes_that_are_noted(
    whole: Folder, folder: Folder
) -> None:
    """One of each conference: a former snapshot, which the change log has left behind, and one that cannot be read."""
    former, flipped = (folder.store.path("raw_sessions", key) for key in KEYS)
    damage.former(harm(folder, former))
    damage.flip_in_values(harm(folder, flipped))
    broken = {path: path.read_bytes() for path in (former, flipped)}
    found = folder.mended()
    assert [list(lines) for lines in found.values()] == [[f"raw_sessions/AAA/{key.conference}.parquet"] for key in KEYS]
    said = [line for lines in found.values() for line in lines.values()]
    assert "it holds a former snapshot, after which changes are recorded" in said[0]
    assert "it is not a readable Parquet file" in said[1]
    mended, before = contents(folder.store, reread=True), contents(whole.store, reread=True)
    assert {name: seen for name, seen in mended.items() if "session_changes" not in name} == {
        name: seen for name, seen in before.items() if "session_changes" not in name
    }
    for path, content in broken.items():
        assert (folder.store.root / DAMAGED / path.relative_to(folder.store.root)).read_bytes() == content
    assert [part.before for part in folder.store.log_parts(SESSION_CHANGES.location, FIRST)][2:] == [NOTHING]


def test_a_raw_table_whose_payloads_are_proven_is_mended_without_the_feed(whole: Folder, folder: Folder) -> None:
    acts = {"raw_speakers": damage.other_type, "raw_sessions": damage.reversed_rows, "sessions": damage.stuffed}
    for name, act in (acts | {"speakers": damage.other_beginning}).items():
        act(harm(folder, folder.store.path(name, MESS)))
    assert sorted(mended_lines(folder, MESS)) == sorted(f"{name}/AAA/MESS.parquet" for name in (*acts, "speakers"))
    assert contents(folder.store) == contents(whole.store)


def test_sessions_are_not_taken_for_people_though_their_payloads_are_whole(whole: Folder, folder: Folder) -> None:
    shutil.copy(folder.store.path("raw_sessions", MESS), folder.store.path("raw_speakers", MESS))
    found = folder.mended(MESS)
    assert "it is the table raw_sessions; " in found[MESS]["raw_speakers/AAA/MESS.parquet"]
    assert contents(folder.store, reread=True) == contents(whole.store, reread=True)


def test_two_conferences_with_each_others_raw_table_are_both_read_again(whole: Folder, folder: Folder) -> None:
    first, second = (folder.store.path("raw_sessions", key) for key in KEYS)
    for one, other in ((first, second), (second, first)):
        shutil.copyfile(whole.store.root / other.relative_to(folder.store.root), one)
    found = folder.mended()
    assert {
        key: ["it holds rows of another conference" in line for line in lines.values()] for key, lines in found.items()
    } == {FIRST: [True], MESS: [True]}


def test_another_conferences_table_says_nothing_of_the_raw_one(whole: Folder, folder: Folder) -> None:
    """Whichever of the two was read later."""
    for key, other in (KEYS, KEYS[::-1]):
        shutil.copyfile(whole.store.path("speakers", other), folder.store.path("speakers", key))
        assert list(mended_lines(folder, key)) == [f"speakers/AAA/{key.conference}.parquet"]
    assert contents(folder.store) == contents(whole.store)


def test_another_conferences_table_holds_up_no_refresh(whole: Folder, folder: Folder) -> None:
    """Where the raw table is lost too, its rows are none that the feed's could be fewer than."""
    shutil.copyfile(whole.store.path("speakers", MESS), folder.store.path("speakers", FIRST))
    damage.flip_in_values(harm(folder, folder.store.path("raw_speakers", FIRST)))
    found = folder.mended(FIRST)
    assert "it holds rows of another conference; `planion verify" in found[FIRST]["speakers/AAA/AM2036.parquet"]
    assert contents(folder.store, reread=True) == contents(whole.store, reread=True)


def test_a_conference_without_settings_keeps_a_raw_table_that_no_feed_can_replace(folder: Folder) -> None:
    config = folder.path / "planion.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text("".join(line for line in text.splitlines(True) if "MESS" not in line), encoding="utf-8")
    path = folder.store.path("raw_sessions", MESS)
    damage.truncate(harm(folder, path))
    before = path.read_bytes()
    (found,) = folder.verified(MESS, repair=True)
    (line,) = [one.line(one.name) for one in found.damages if one.name == "raw_sessions/AAA/MESS.parquet"]
    assert "name the conference in planion.yaml" in line
    assert path.read_bytes() == before
