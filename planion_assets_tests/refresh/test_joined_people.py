"""The tables that show people: who is in them, and what they show where an endpoint fails or a file is lost."""

from pathlib import Path
from typing import Any

import pytest

from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.local_writer import LocalWriter
from planion_assets.storage.store import StagedFile
from planion_assets.tables.model import Publication
from planion_assets.verify.conference_files import inspect
from planion_assets_tests.feed.server import KEY, LocalFeed, Request, Response, client_of, item, page_of
from planion_assets_tests.refresh.hidden_people import TABLES_WANTED, WANTED

READS = RefreshOptions(endpoints=("sessions", "speakers"))
TABLE, LINKS = "published/published_speakers", "published/published_session_speakers"
BOTH = ["published_session_speakers", "published_speakers"]
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

    def edit(self, place: int, **fields: Any) -> None:
        """Change what the Speakers method says of a person."""
        assert isinstance(self.people, list)
        self.people[place] |= fields

    def refreshed(self, options: RefreshOptions = READS) -> tuple[list[str], tuple[str, ...]]:
        """The public tables that a refresh writes, and its problems."""
        with LocalFeed(self.answer) as server, client_of(server) as feed:
            (outcome,) = refresh([KEY], WANTED, self.store, lambda _: feed, lambda _: options)
        assert isinstance(outcome, Refreshed), outcome
        return [one.table.name for one in outcome.tables if one.written and one.table.public], outcome.problems

    def published(self) -> dict[str, bytes]:
        """What may be handed out, by file."""
        files = (path for path in (self.store.root / "published").rglob("*") if path.is_file())
        return {path.name: path.read_bytes() for path in files}

    def rows(self) -> list[tuple[Any, ...]]:
        """What is stored, of the columns that people look at."""
        return [tuple(row[name] for name in _COLUMNS) for row in self.store.read(TABLE, KEY).to_pylist()]

    def names(self) -> list[tuple[Any, ...]]:
        """Of each published engagement the person and the names that are printed, by person."""
        stored = self.store.read(LINKS, KEY).to_pylist()
        return sorted(((row["pid"], row["fname"], row["lname"]) for row in stored), key=str)


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
    assert feed.names() == [("1", "First1", "Last1"), ("3", None, "Own3"), ("4", "First4", "Last4")]
    assert feed.refreshed() == ([], ())
    assert feed.refreshed(RefreshOptions(endpoints=READS.endpoints, publication=Publication(declined=False)))
    content = b"".join(feed.published().values())
    for word in (b"Hidden2", b"Last2", b"Life2", b"Inc2", b"Secret3", b"Last4", b"Life4"):
        assert word not in content


def test_without_the_method_names_are_those_of_published_engagements(feed: Feed) -> None:
    feed.refreshed(RefreshOptions())
    assert feed.rows() == [
        ("1", None, None, None, None, None, None),
        ("3", None, "Own3", None, "College", None, None),
        ("4", None, None, None, None, None, None),
    ]
    assert feed.names() == [("1", None, None), ("3", None, "Own3"), ("4", None, None)]
    assert feed.refreshed() == (BOTH, ())
    assert feed.names()[0] == ("1", "First1", "Last1")
    # As an account that reads them no longer.
    assert feed.refreshed(RefreshOptions())[0] == BOTH
    assert feed.names()[0] == ("1", None, None)
    assert all(b"Life1" not in content and b"Last1" not in content for content in feed.published().values())


def test_people_that_change_are_followed_and_those_that_fail_leave_the_former_ones(feed: Feed) -> None:
    feed.refreshed()
    feed.edit(0, bio="Another life")
    assert feed.refreshed() == (BOTH, ())
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
        assert inspect(KEY, feed.store, configured, TABLES_WANTED).found.findings == []
    found = inspect(KEY, feed.store, RefreshOptions(), TABLES_WANTED).found.findings
    assert [(str(one.kind), one.problem) for one in found] == [
        ("outdated", "it shows other people than are stored")
    ] * 2
    path = feed.store.path("raw_speakers", KEY)
    path.write_bytes(b"PAR1 and then nothing")
    found = inspect(KEY, feed.store, READS, TABLES_WANTED).found.findings
    assert [(one.name, str(one.kind)) for one in found] == [("raw_speakers/AAA/AM2026.parquet", "damaged")]


@pytest.mark.parametrize("what", ["raw_speakers", "raw_speakers, whole footer", "raw_speakers, speakers"])
@pytest.mark.parametrize("people", [Response(b"", 503), Response(b"", 403)], ids=["unavailable", "not included"])
def test_files_of_people_that_are_lost_take_nothing_out_of_what_is_published(
    feed: Feed, what: str, people: Response
) -> None:
    """As with sessions, what is stored stays while the feed cannot be read. Whoever is unpublished since is removed."""
    feed.refreshed()
    before, feed.people = feed.rows(), people
    for name in what.removesuffix(", whole footer").split(", "):
        path = feed.store.path(name, KEY)
        if "footer" in what:
            path.write_bytes(path.read_bytes()[:4] + b"X" * 200 + path.read_bytes()[204:])
        else:
            path.unlink()
    feed.speakers.append({"pid": "3", "pslinkid": "7", "published": True, "role": "Host"})
    feed.speakers[0]["published"] = False
    written, problems = feed.refreshed()
    assert set(BOTH) <= set(written)
    assert any("raw_speakers of AAA|AM2026 is lost or damaged" in problem for problem in problems), problems
    assert feed.rows() == before[1:]
    assert feed.names() == [("3", "First3", "Last3"), ("3", None, "Own3"), ("4", "First4", "Last4")]
    written, problems = feed.refreshed()
    assert written == []
    assert "footer" in what or any("is lost" in problem for problem in problems)


def test_files_of_people_that_are_lost_come_back_from_the_feed_without_a_word(feed: Feed) -> None:
    feed.refreshed()
    whole = feed.rows(), feed.names(), feed.store.read("raw_speakers", KEY)
    for name in ("raw_speakers", "speakers"):
        feed.store.path(name, KEY).unlink()
    assert feed.refreshed() == (BOTH, ())
    assert (feed.rows(), feed.names(), feed.store.read("raw_speakers", KEY)) == whole
    assert inspect(KEY, feed.store, READS, TABLES_WANTED).found.findings == []


def test_a_first_refresh_writes_what_shows_people_once_after_they_were_read(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, commit = [], LocalWriter.commit

    def committed(writer: LocalWriter, staged: StagedFile) -> None:
        written.append(staged.table)
        commit(writer, staged)

    monkeypatch.setattr(LocalWriter, "commit", committed)
    feed.refreshed()
    assert written.index("raw_speakers") < written.index(LINKS)
    assert sorted(written) == sorted({one.location for one in TABLES_WANTED})
