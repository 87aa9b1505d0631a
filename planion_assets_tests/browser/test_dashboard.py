"""The dashboard of examples/, opened as a reader opens it: what is published is on it, of no other host."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from planion_assets.freshness.overview import overview, write
from planion_assets.sandbox import SandboxServer
from planion_assets_tests.browser.dashboard import open_page, served
from planion_assets_tests.browser.pages import Browser, browser, chromium, until
from planion_assets_tests.verify.stored import FIRST, stored_folder

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium() and not os.environ.get("CI"), reason="no chromium; on Debian: apt-get install"),
]
PICTURE = "<b>https://example.org/in-a-title.png"


@pytest.fixture
def published(tmp_path: Path, sandbox: SandboxServer) -> Path:
    """A folder of published tables: two conferences, of which one has changed, and one has a lot that is odd."""
    folder = stored_folder(tmp_path / "stored", sandbox)
    write(folder.store, overview(folder.settings, folder.store, datetime.now(UTC)))
    published = folder.store.root / "published"
    path = published / "published_sessions" / FIRST.account / f"{FIRST.conference}.parquet"
    sessions = pq.ParquetFile(path).read()
    named = pa.array([f"{title} {PICTURE}" for title in sessions["session_name"].to_pylist()])
    pq.write_table(sessions.set_column(sessions.column_names.index("session_name"), "session_name", named), path)
    return published


def _shows(window: Browser, text: str) -> bool:
    return bool(window.page.get_by_text(text, exact=True).count())


def test_the_programme_the_changes_and_the_speakers_are_on_one_page(published: Path) -> None:
    def column(table: str, name: str) -> list[Any]:
        path = published / table / FIRST.account / f"{FIRST.conference}.parquet"
        return [value for value in pq.ParquetFile(path).read([name])[name].to_pylist() if value is not None]

    first, *_, last = sorted({start.date() for start in column("published_sessions", "starts_at_local")})
    asked: list[str] = []
    with served(published) as origin, browser(origin) as window:
        window.page.on("request", lambda request: asked.append(request.url))
        open_page(window)
        for heading in ("Programme", "What changed lately", "Speakers"):
            window.page.get_by_role("heading", name=heading).wait_for()
        rooms = set(column("published_sessions", "roomname"))
        assert until(lambda: [] if any(_shows(window, room) for room in rooms) else [window.text()]) == []
        names = column("published_speakers", "lname")
        assert until(lambda: [] if any(window.page.get_by_text(name).count() for name in names) else names) == []
        assert until(lambda: [] if _shows(window, "added") or _shows(window, "changed") else [window.text()]) == []

        day = window.page.get_by_label("Day")
        assert f"{first:%a %d %b %Y}" in day.inner_text()
        day.select_option(label=next(one for one in day.inner_text().splitlines() if f"{last:%a %d %b %Y}" in one))
        rows = pq.ParquetFile(published / "published_sessions" / FIRST.account / f"{FIRST.conference}.parquet").read()
        titles = [
            row["session_name"].replace("://", ":\u2060//")
            for row in rows.to_pylist()
            if str(row["starts_at_local"])[:10] == str(last)
        ]
        assert until(lambda: [] if any(_shows(window, title) for title in titles) else titles) == []
        assert window.page.get_by_text("Traceback").count() == 0
    assert [url for url in asked if not url.startswith((origin, "data:", "blob:"))] == []
