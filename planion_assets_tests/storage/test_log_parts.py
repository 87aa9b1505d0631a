"""Names of the files of a change log, of one change and of many, and which of them readers pass over."""

from pathlib import Path

import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.storage.file_names import lost_folder
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.log_parts import LogPart, compacted, part_of, without_covered

KEY = ConferenceKey("AAA", "2024")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("00000000-nothing-ab.parquet", LogPart(0, "nothing", "ab")),
        ("00000007-123456789012-345678901234.parquet", LogPart(7, "123456789012", "345678901234")),
        ("00000000-00000041-nothing-ab.parquet", LogPart(41, "nothing", "ab", 42)),
        ("00000003-00000004-123456789012-345678901234.parquet", LogPart(4, "123456789012", "345678901234", 2)),
        ("100000000-100000001-ab-cd.parquet", LogPart(100000001, "ab", "cd", 2)),
    ],
)
def test_a_name_says_which_changes_a_file_holds_and_is_made_again_from_them(name: str, part: LogPart) -> None:
    assert part_of(name) == part
    assert part.name == name


@pytest.mark.parametrize(
    "name",
    [
        "00000004-00000003-ab-cd.parquet",
        "00000004-00000004-ab-cd.parquet",
        "00000004-5-ab-cd.parquet",
        "00000004-00000009-ab-cd-ef.parquet",
        "00000004-00000009-cd.parquet.2",
        ".00000004-00000009-ab-cd.parquet",
        "00000004-00000009-AB-cd.parquet",
    ],
)
def test_any_other_name_is_none(name: str) -> None:
    assert part_of(name) is None


def test_what_another_file_covers_is_passed_over_and_what_only_overlaps_is_not() -> None:
    plain = [LogPart(number, f"{number}", f"{number + 1}") for number in range(6)]
    one, wider = compacted(plain[:3]), compacted(plain[:4])
    assert (one.first, one.sequence, one.before, one.after, one.changes) == (0, 2, "0", "3", 3)
    assert without_covered([*plain, one]) == [one, *plain[3:]]
    assert without_covered([*plain[:2], one, wider, *plain[4:]]) == [wider, *plain[4:]]
    assert compacted([wider, plain[4]]) == compacted(plain[:5])
    apart = compacted(plain[3:6])
    assert without_covered([wider, apart]) == [wider, apart]
    twice = LogPart(2, "a", "b")
    assert without_covered([plain[2], twice]) == [plain[2], twice]
    assert without_covered([]) == []


def test_all_numbers_of_a_compacted_file_that_was_set_aside_are_lost(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    folder = tmp_path / lost_folder("log", KEY)
    folder.mkdir(parents=True)
    names = ("00000000-00000041-nothing-ab.parquet", "00000043-ab-cd.parquet.2", "50-52-missing", "00000060-of others")
    for name in (*names, "notes.txt"):
        (folder / name).touch()
    assert store.lost("log", KEY) == [(0, 41), (43, 43), (50, 52), (60, 60)]
    store.mark_lost("log", KEY, 70, 71)
    assert store.lost("log", KEY)[-1] == (70, 71)
