"""A setting that decides what is handed out is followed by stored files without a change of the feed."""

from pathlib import Path

import pytest

from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Publication
from planion_assets.tables.published_session_speakers import PUBLISHED_SESSION_SPEAKERS
from planion_assets.verify.conference_files import inspect
from planion_assets_tests.faults.conference import client
from planion_assets_tests.feed.server import KEY, ScriptedServer, item, page_of

ROLES = ("Presenter", "Declined Session Presenter", "Withdrawn Chair", "Eval Contact", "declined")
SPEAKERS = [
    {"pid": str(pid), "pslinkid": str(pid), "published": True, "role": role, "lname": f"Name{pid}"}
    for pid, role in enumerate(ROLES)
]
FIELDS = {"custom1name": "Level ", "custom1": "Introductory", "custom2name": "Budget", "custom2": "Secret 2"}
FIELDS |= {
    "custom3": "Secret 3",
    "custom21name": "Notes",
    "custom21": "Secret 21",
    "custom22name": "level",
    "custom22": "B",
}
WITHOUT = RefreshOptions(publication=Publication(declined=False))


def test_stored_files_follow_the_setting_that_leaves_out_who_declined(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    location = PUBLISHED_SESSION_SPEAKERS.location
    rows = [item("1", published=True, speakers=SPEAKERS)]

    def refreshed(options: RefreshOptions) -> set[str]:
        """The names of the tables that a refresh writes."""
        (outcome,) = refresh([KEY], TABLES, store, lambda _: feed, lambda _: options)
        assert isinstance(outcome, Refreshed), outcome
        return {one.table.name for one in outcome.tables if one.written}

    def roles() -> list[str]:
        return [str(role) for role in store.read(location, KEY)["role"].to_pylist()]

    public = {table.name for table in TABLES if table.public and table.endpoint == "sessions"}
    with ScriptedServer(lambda request: page_of(rows, request.page)) as server, client(server.url) as feed:
        assert public <= refreshed(RefreshOptions())
        assert roles() == list(ROLES)
        whole = inspect(KEY, store, WITHOUT).found.findings
        assert {(str(finding.kind), finding.problem) for finding in whole} == {
            ("outdated", "it hands out by other settings than are configured")
        }
        # Four of five rows go, which no feed may take away at once: a person has.
        assert refreshed(WITHOUT) == public
        assert roles() == ["Presenter"]
        assert b"Name1" not in (tmp_path / location / "AAA" / "AM2026.parquet").read_bytes()
        # What is verified without settings is held against those that the files name.
        assert [inspect(KEY, store, configured).found.findings for configured in (WITHOUT, None)] == [[], []]
        assert refreshed(WITHOUT) == set()
        assert refreshed(RefreshOptions()) == public
        assert roles() == list(ROLES)


@pytest.mark.parametrize(
    ("named", "fields"), [(("LEVEL",), [(1, "Introductory"), (22, "B")]), ((), []), (("no such",), [])]
)
def test_fields_of_the_organiser_are_handed_out_by_name_and_no_byte_tells_of_the_others(
    tmp_path: Path, named: tuple[str, ...], fields: list[tuple[int, str]]
) -> None:
    store, rows = LocalStore(tmp_path), [item("1", published=True, **FIELDS)]
    options = RefreshOptions(publication=Publication(custom_fields=named))
    with ScriptedServer(lambda request: page_of(rows, request.page)) as server, client(server.url) as feed:

        def refreshed(options: RefreshOptions) -> list[str]:
            (outcome,) = refresh([KEY], TABLES, store, lambda _: feed, lambda _: options)
            assert isinstance(outcome, Refreshed), outcome
            return [one.table.name for one in outcome.tables if one.written]

        refreshed(options)
        found = store.read("published/published_session_custom_fields", KEY)
        assert list(zip(found["number"].to_pylist(), found["value"].to_pylist(), strict=True)) == fields
        (session,) = store.read("published/published_sessions", KEY).to_pylist()
        published = {name: session[name] for name in session if name.startswith("custom") and session[name] is not None}
        assert published == ({"custom1": "Introductory", "custom1_name": "Level"} if fields else {})
        files = [path.read_bytes() for path in (tmp_path / "published").rglob("*.parquet")]
        assert files
        assert not any(word in content for content in files for word in (b"Secret", b"Budget", b"Notes"))
        assert refreshed(options) == []
        # All again, as an account without the setting hands them out.
        refreshed(RefreshOptions())
        assert store.read("published/published_session_custom_fields", KEY).num_rows == 5
