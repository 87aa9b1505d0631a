"""The table that is joined with people: who is in it, and what it shows where one of two endpoints fails."""

from pathlib import Path
from typing import Any

import pytest

from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Publication
from planion_assets.verify.conference_files import inspect
from planion_assets_tests.faults.conference import client
from planion_assets_tests.feed.server import KEY, Request, Response, ScriptedServer, item, page_of

READS = RefreshOptions(endpoints=("sessions", "speakers"))
TABLE = "published/published_speakers"
_COLUMNS = ("pid", "fname", "lname", "title", "affil", "bio_text", "piclink")


class Feed:
    """A feed of one session and four people, of whom the second is never published and the fourth declined."""

    def __init__(self, store: LocalStore) -> None:
        self.store = store
        self.people: list[dict[str, Any]] | Response = [
            {"pid": str(n), "fname": f"First{n}", "lname": f"Last{n}", "bio": f"<p>Life{n}</p>", "company": f"Inc{n}"}
            for n in range(1, 5)
        ]
        self.speakers: list[dict[str, Any]] = [
            {"pid": "1", "pslinkid": "1", "published": True, "role": "Presenter", "title": "A Talk"},
            {"pid": "2", "pslinkid": "2", "published": None, "role": "Eval Contact", "lname": "Hidden2"},
            {"pid": "3", "pslinkid": "3", "published": 1, "role": "Chair", "lname": "Own3", "affil": "College"},
            {"pid": "3", "pslinkid": "4", "published": False, "role": "Chair", "fname": "Secret3"},
            {"pid": "4", "pslinkid": "5", "published": True, "role": "Declined Chair"},
        ]

    def answer(self, request: Request) -> Response:
        """The answer to a request."""
        if request.path.endswith("/sessions"):
            return page_of([item("1", published=True, speakers=self.speakers)], request.page)
        return self.people if isinstance(self.people, Response) else page_of(self.people, request.page)

    def refreshed(self, options: RefreshOptions = READS) -> tuple[list[str], tuple[str, ...]]:
        """The public tables that a refresh writes, and its problems."""
        with ScriptedServer(self.answer) as server, client(server.url) as feed:
            (outcome,) = refresh([KEY], TABLES, self.store, lambda _: feed, lambda _: options)
        assert isinstance(outcome, Refreshed), outcome
        return [one.table.name for one in outcome.tables if one.written and one.table.public], outcome.problems

    def rows(self) -> list[tuple[Any, ...]]:
        """What is stored, of the columns that people look at."""
        return [tuple(row[name] for name in _COLUMNS) for row in self.store.read(TABLE, KEY).to_pylist()]


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    return Feed(LocalStore(tmp_path))


def test_people_come_with_names_and_biography_and_nobody_else_in_any_byte(feed: Feed) -> None:
    feed.refreshed()
    assert feed.rows() == [
        ("1", "First1", "Last1", None, "Inc1", "Life1", None),
        ("3", "First3", "Last3", None, "College", "Life3", None),
        ("4", "First4", "Last4", None, "Inc4", "Life4", None),
    ]
    assert feed.refreshed() == ([], ())
    assert feed.refreshed(RefreshOptions(endpoints=READS.endpoints, publication=Publication(declined=False)))
    content = b"".join(path.read_bytes() for path in (feed.store.root / "published").rglob("*") if path.is_file())
    for word in (b"Hidden2", b"Last2", b"Life2", b"Inc2", b"Secret3", b"Last4", b"Life4"):
        assert word not in content


def test_without_the_method_names_are_those_of_published_engagements(feed: Feed) -> None:
    feed.refreshed(RefreshOptions())
    assert feed.rows() == [
        ("1", None, None, None, None, None, None),
        ("3", None, "Own3", None, "College", None, None),
        ("4", None, None, None, None, None, None),
    ]
    assert "published_speakers" in feed.refreshed()[0]
    # As an account that reads them no longer.
    assert feed.refreshed(RefreshOptions())[0] == ["published_speakers"]
    assert b"Life1" not in feed.store.path(TABLE, KEY).read_bytes()


def test_people_that_change_are_followed_and_those_that_fail_leave_the_former_ones(feed: Feed) -> None:
    feed.refreshed()
    assert isinstance(feed.people, list)
    feed.people[0]["bio"] = "Another life"
    assert feed.refreshed() == (["published_speakers"], ())
    assert feed.rows()[0][5] == "Another life"
    feed.people = Response(b"", 503)
    feed.speakers[0]["published"] = False
    written, problems = feed.refreshed()
    assert "published_speakers" in written
    assert len(problems) == 1
    assert [row[0] for row in feed.rows()] == ["3", "4"]
    assert feed.rows()[0][5] == "Life3"
    assert b"life" not in feed.store.path(TABLE, KEY).read_bytes()


@pytest.mark.parametrize("people", [Response(b"", 403), Response(b"", 503), []])
def test_people_that_never_came_are_no_reason_to_publish_nobody(feed: Feed, people: Any) -> None:
    feed.people = people
    feed.refreshed()
    assert [row[0] for row in feed.rows()] == ["1", "3", "4"]


def test_what_is_verified_is_held_against_the_people_that_are_stored(feed: Feed) -> None:
    feed.refreshed()
    for configured in (READS, None):
        assert inspect(KEY, feed.store, configured).found.findings == []
    (finding,) = inspect(KEY, feed.store, RefreshOptions()).found.findings
    assert (str(finding.kind), finding.problem) == ("outdated", "it shows other people than are stored")
    path = feed.store.path("raw_speakers", KEY)
    path.write_bytes(b"PAR1 and then nothing")
    found = {(finding.name, str(finding.kind)) for finding in inspect(KEY, feed.store, READS).found.findings}
    assert (f"{TABLE}/AAA/AM2026.parquet", "outdated") in found
    assert ("raw_speakers/AAA/AM2026.parquet", "damaged") in found
