"""The published tables: who and what is in them, and above all who is not."""

from typing import Any

import pytest

from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import PUBLISHED
from planion_assets.tables.published_session_speakers import PROGRAMME, PUBLISHED_SESSION_SPEAKERS
from planion_assets.tables.published_sessions import PUBLISHED_SESSIONS
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import ELSEWHERE, SESSIONS
from planion_assets_tests.tables.items import build

NOT_YES: list[Any] = [None, False, 0, "0", "false", "", " ", "maybe", "yes", 2, [], {}, [True], {"value": True}]
YES: list[Any] = [True, 1, "1", "true", " TRUE "]


def _speaker(pid: str, **more: Any) -> dict[str, Any]:
    return {"pid": pid, "pslinkid": f"9{pid}", "published": True, "fname": "Ada", "email": "ada@example.org", **more}


@pytest.mark.parametrize("value", NOT_YES, ids=repr)
def test_what_is_not_true_is_not_published(value: Any) -> None:
    session = {"schedid": "1", "published": value, "speakers": [_speaker("1")]}
    assert build(PUBLISHED_SESSIONS, session).num_rows == 0
    assert build(PUBLISHED_SESSION_SPEAKERS, session).num_rows == 0, "nobody of an unpublished session is shown"
    session = {"schedid": "1", "published": True, "speakers": [_speaker("1", published=value), _speaker("2")]}
    assert build(PUBLISHED_SESSIONS, session).num_rows == 1
    assert build(PUBLISHED_SESSION_SPEAKERS, session)["pid"].to_pylist() == ["2"]


def test_without_the_field_nothing_is_published() -> None:
    speaker = _speaker("1")
    del speaker["published"]
    assert build(PUBLISHED_SESSIONS, {"schedid": "1"}).num_rows == 0
    session = {"schedid": "1", "published": True, "speakers": [speaker, "x", None]}
    assert build(PUBLISHED_SESSION_SPEAKERS, session).num_rows == 0


@pytest.mark.parametrize("value", YES, ids=repr)
def test_true_in_any_spelling_is_published(value: Any) -> None:
    session = {"schedid": "1", "published": value, "speakers": [_speaker("1", published=value)]}
    assert build(PUBLISHED_SESSIONS, session)["published"].to_pylist() == [True]
    assert build(PUBLISHED_SESSION_SPEAKERS, session)["published"].to_pylist() == [True]


def test_of_two_items_with_one_schedid_the_newer_decides() -> None:
    shown = {
        "schedid": "1",
        "published": True,
        "session_updated_at": "2026-01-01 00:00:00",
        "speakers": [_speaker("1")],
    }
    hidden = {**shown, "published": False, "session_updated_at": "2026-01-02 00:00:00"}
    for contents in ([shown, hidden], [hidden, shown]):
        assert build(PUBLISHED_SESSIONS, *contents).num_rows == 0
        assert build(PUBLISHED_SESSION_SPEAKERS, *contents).num_rows == 0


def test_rows_are_those_of_the_whole_tables() -> None:
    session = {"schedid": "1", "published": 1, "sessionName": "T", "speakers": ["x", _speaker("1"), _speaker("2")]}
    for public, whole in ((PUBLISHED_SESSIONS, SESSIONS), (PUBLISHED_SESSION_SPEAKERS, SESSION_SPEAKERS)):
        names = [column.name for column in public.columns]
        rows = build(whole, session).select(names).to_pylist()
        assert build(public, session).to_pylist() == [row for row in rows if row["published"]]


def test_a_public_table_has_no_column_that_may_not_be_shown() -> None:
    public = [table for table in TABLES if table.public]
    assert public == [PUBLISHED_SESSIONS, PUBLISHED_SESSION_SPEAKERS]
    personal = {column.name for table in public for column in table.columns if column.personal}
    assert personal == PROGRAMME == {"fname", "lname", "honorific", "suffix", "title", "affil"}
    assert not any(column.personal for column in PUBLISHED_SESSIONS.columns)
    for table in public:
        names = {column.name for column in table.columns}
        sources = {source for column in table.columns for source in column.source}
        assert "extra" not in names
        assert not names & {"email", "company", "city", "state", "country", "cargo", "adanotes", "resources"}
        assert not sources & ELSEWHERE


def test_public_tables_and_no_others_live_in_the_published_folder() -> None:
    for table in TABLES:
        assert table.location == (f"{PUBLISHED}/{table.name}" if table.public else table.name)
        assert table.public == table.name.startswith("published_")
