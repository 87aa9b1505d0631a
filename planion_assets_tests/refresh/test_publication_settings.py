"""A setting that decides what is handed out is followed by stored files without a change of the feed."""

from pathlib import Path

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
