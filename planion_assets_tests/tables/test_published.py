"""The published tables: who and what is in them, and above all who is not."""

from typing import Any

import pytest

from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import PUBLISHED
from planion_assets.tables.published_session_credits import PUBLISHED_SESSION_CREDITS
from planion_assets.tables.published_session_custom_fields import PUBLISHED_SESSION_CUSTOM_FIELDS
from planion_assets.tables.published_session_learning_objectives import PUBLISHED_SESSION_LEARNING_OBJECTIVES
from planion_assets.tables.published_session_speakers import PUBLISHED_SESSION_SPEAKERS
from planion_assets.tables.published_session_tracks import PUBLISHED_SESSION_TRACKS
from planion_assets.tables.published_sessions import PUBLISHED_SESSIONS
from planion_assets.tables.published_speaker_resources import PUBLISHED_SPEAKER_RESOURCES
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import ELSEWHERE, SESSIONS
from planion_assets_tests.tables.items import build, rows

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
    visible = {
        "schedid": "1",
        "published": True,
        "session_updated_at": "2026-01-01 00:00:00",
        "speakers": [_speaker("1")],
    }
    hidden = {**visible, "published": False, "session_updated_at": "2026-01-02 00:00:00"}
    for contents in ([visible, hidden], [hidden, visible]):
        assert build(PUBLISHED_SESSIONS, *contents).num_rows == 0
        assert build(PUBLISHED_SESSION_SPEAKERS, *contents).num_rows == 0


def test_rows_are_those_of_the_whole_tables() -> None:
    session = {"schedid": "1", "published": 1, "sessionName": "T", "speakers": ["x", _speaker("1"), _speaker("2")]}
    for public, whole in ((PUBLISHED_SESSIONS, SESSIONS), (PUBLISHED_SESSION_SPEAKERS, SESSION_SPEAKERS)):
        names = [column.name for column in public.columns]
        rows = build(whole, session).select(names).to_pylist()
        expected = [row for row in rows if row["published"]]
        if public == PUBLISHED_SESSION_SPEAKERS:  # the first of the list is not there, and leaves no gap
            assert [row["position"] for row in expected] == [1, 2]
            expected = [row | {"position": n, "display_position": n + 1} for n, row in enumerate(expected)]
        assert build(public, session).to_pylist() == expected


def test_a_public_table_has_no_column_that_may_not_be_shown() -> None:
    public = [table for table in TABLES if table.public]
    personal = {table: {column.name for column in table.columns if column.personal} for table in public}
    assert {table.name: columns for table, columns in personal.items() if columns} == {
        "published_session_speakers": {"fname", "lname", "honorific", "suffix", "title", "affil"},
        "published_speakers": {"fname", "lname", "honorific", "suffix", "title", "affil", "bio", "bio_text", "piclink"},
        "published_speaker_resources": {"name", "url"},
    }
    for table in public:
        names = {column.name for column in table.columns}
        sources = {source for column in table.columns for source in column.source}
        assert "extra" not in names
        assert not names & {
            "email",
            "company",
            "city",
            "state",
            "country",
            "cargo",
            "adanotes",
            "resources",
            "resource",
        }
        assert not sources & ELSEWHERE


def test_public_tables_and_no_others_live_in_the_published_folder() -> None:
    for table in TABLES:
        assert table.location == (f"{PUBLISHED}/{table.name}" if table.public else table.name)
        assert table.public == table.name.startswith("published_")


PROGRAMME_OF: dict[str, Any] = {
    "tracks": [{"track": "Field", "desc": "Botany"}, "Posters"],
    "credits1": "1.5",
    "credits1_label": "CME",
    "credits2": "0.0",
    "credits14": "2",
    "custom3": "Acme",
    "custom3name": "Sponsor",
    "custom23": "Hall",
    "learning_objective1": "One",
    "learning_objective12": "Twelve",
}
"""What a programme prints of a session, in buckets beyond the contract's ten and twenty too."""


@pytest.mark.parametrize("published", [*NOT_YES, *YES], ids=repr)
def test_what_a_programme_prints_is_that_of_published_sessions(published: Any) -> None:
    sessions = [{"schedid": "7", "published": published, **PROGRAMME_OF}, {"schedid": "8", "custom1": "Secret"}]
    is_published = any(published is yes for yes in YES)
    assert rows(PUBLISHED_SESSION_TRACKS, *sessions) == is_published * [
        ("7", 0, "Field", "Botany"),
        ("7", 1, "Posters", None),
    ]
    assert rows(PUBLISHED_SESSION_CREDITS, *sessions) == is_published * [
        ("7", 1, "CME", 1.5, None),
        ("7", 14, None, 2.0, None),
    ]
    assert rows(PUBLISHED_SESSION_CUSTOM_FIELDS, *sessions) == is_published * [
        ("7", 3, "Sponsor", "Acme"),
        ("7", 23, None, "Hall"),
    ]
    assert rows(PUBLISHED_SESSION_LEARNING_OBJECTIVES, *sessions) == is_published * [
        ("7", 1, "One"),
        ("7", 12, "Twelve"),
    ]


def test_resources_are_those_of_published_engagements_without_what_nobody_knows_of_them() -> None:
    def engaged(pslinkid: str | None, published: Any, *names: str) -> dict[str, Any]:
        resources = [{"type": "pdf", "name": name, "url": f"https://a.test/{name}", "by": "E. Ditor"} for name in names]
        return {"pslinkid": pslinkid, "published": published, "resources": resources}

    speakers = [engaged("1", True, "a", "b"), engaged("2", None, "c"), engaged(None, 1, "d"), engaged(None, 0, "e")]
    session = {"schedid": "7", "published": True, "speakers": speakers}
    hidden = {"schedid": "8", "published": False, "speakers": [engaged("1", True, "f")]}
    resources = [(row[0], row[1], row[3], *row[4:]) for row in rows(PUBLISHED_SPEAKER_RESOURCES, session, hidden)]
    assert resources == [
        ("7", "1", 0, "pdf", "a", "https://a.test/a"),
        ("7", "1", 1, "pdf", "b", "https://a.test/b"),
        ("7", None, 0, "pdf", "d", "https://a.test/d"),
    ]
