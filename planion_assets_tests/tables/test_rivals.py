"""Several items of one schedid: which is the session, which are rejected, which are counted."""

import itertools
from typing import Any

import pytest

from planion_assets.tables.rejected_items import OUTDATED, REJECTED_ITEMS, TIED
from planion_assets.tables.rejected_people import NO_PID, REJECTED_PEOPLE
from planion_assets.tables.rejections import NO_OBJECT, tied
from planion_assets.tables.selection import duplicates
from planion_assets.tables.speakers import SPEAKERS
from planion_assets_tests.tables.items import Item, build, rows, sessions_of

OLD, NEW = "2024-01-31 15:30:43", "2024-02-01 00:00:00"


def _item(updated: str | None, name: str = "x", schedid: Any = "1", **more: Any) -> dict[str, Any]:
    return {"schedid": schedid, "session_updated_at": updated, "sessionName": name, **more}


def test_equal_content_is_one_row_and_counted_and_nothing_is_rejected() -> None:
    contents = [_item(NEW), _item(NEW, _etag="another"), _item(NEW), _item(NEW, schedid="2"), None, None, {}]
    assert len(sessions_of([Item(content) for content in contents])) == 2
    assert duplicates([Item(content) for content in contents], "schedid") == 2
    assert rows(REJECTED_ITEMS, *contents[:4]) == []


@pytest.mark.parametrize(
    ("loser", "reason"),
    [
        (_item(OLD), OUTDATED),
        (_item(None), OUTDATED),
        (_item("never"), OUTDATED),
        (_item(OLD, schedid=" 1"), OUTDATED),
        (_item(OLD, schedid=1), OUTDATED),
        (_item(NEW, "another"), TIED),
    ],
)
def test_of_different_content_the_newest_wins_and_the_other_is_rejected_with_the_reason(
    loser: dict[str, Any], reason: str
) -> None:
    winner = _item(NEW)
    if reason == TIED:  # then the greater digest decides
        winner, loser = sorted((winner, loser), key=lambda content: Item(content).digest, reverse=True)
    for contents in itertools.permutations([winner, loser, _item(OLD, schedid="2")]):
        assert winner in sessions_of([Item(content) for content in contents])
        assert rows(REJECTED_ITEMS, *contents) == [(reason, "1", Item(loser).digest, Item(loser).payload)]
    assert duplicates([Item(winner), Item(loser)], "schedid") == 0


def test_every_item_is_a_session_rejected_or_a_duplicate_in_any_order() -> None:
    contents: list[Any] = [
        _item(NEW), _item(NEW), _item(OLD), _item(OLD), _item(None), _item(NEW, schedid="2"), None, {}, "text"
    ]  # fmt: skip
    expected = None
    for order in itertools.islice(itertools.permutations(contents), 0, None, 5003):
        items = [Item(content) for content in order]
        rejected = build(REJECTED_ITEMS, *order)
        assert len(sessions_of(items)) + rejected.num_rows + duplicates(items, "schedid") == len(contents)
        assert expected is None or rejected.equals(expected)
        expected = rejected


def test_of_equal_content_the_same_item_is_kept_in_any_order() -> None:
    one, other = _item(NEW, _etag="a"), _item(NEW, _etag="b")
    assert sessions_of([Item(one), Item(other)]) == sessions_of([Item(other), Item(one)]) == [other]


def test_people_without_a_number_and_those_who_share_one_are_rejected_with_the_reason() -> None:
    shared: list[Any] = sorted(
        ({"pid": "7", "fname": "Ada"}, {"pid": 7, "fname": "Ida"}, {"PID": " 7", "fname": "Eda"}),
        key=lambda content: Item(content).digest,
    )
    twin = {"pid": "8", "fname": "Bo"}
    contents: list[Any] = [*shared, twin, twin, {"fname": "Nobody"}, {"pid": {}}, {"pid": " "}, "text", None]
    for order in (contents, contents[::-1]):
        people = dict(zip(*(build(SPEAKERS, *order)[name].to_pylist() for name in ("pid", "fname")), strict=True))
        assert people == {"7": shared[-1]["fname"], "8": "Bo"}
        rejected = [(reason, pid, payload) for reason, pid, _, payload in rows(REJECTED_PEOPLE, *order)]
        expected: list[tuple[Any, ...]] = [(NO_PID, None, content) for content in contents[5:8]]
        expected += [(tied("pid"), "7", content) for content in shared[:-1]]
        expected += [(NO_OBJECT, None, content) for content in contents[8:]]
        assert sorted(map(repr, rejected)) == sorted(repr((*row[:2], Item(row[2]).payload)) for row in expected)
