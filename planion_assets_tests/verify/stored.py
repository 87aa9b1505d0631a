"""Two conferences of the sandbox as they are stored, in their present and a former state, and how these compare."""

import functools
import io
import os
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.config import Config, load
from planion_assets.feed.client import FeedClient
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox import TOKENS, SandboxServer
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import HISTORIES, TABLES
from planion_assets.tables.model import Zones
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.verify.findings import Verified
from planion_assets.verify.verification import verify

KEYS = (ConferenceKey("AAA", "AM2036"), ConferenceKey("AAA", "MESS"))
FIRST, MESS = KEYS
ZONES = Zones(venue="America/New_York")
CONFIG = """
feed: {url: "URL"}
data: data
accounts:
  - account: AAA
    token_env: PLANION_TOKEN_AAA
    endpoints: [sessions, speakers]
    conferences:
      - {conference: AM2036, timezone: America/New_York}
      - {conference: MESS, timezone: America/New_York}
"""
_LAST_CHANGE = 10  # times that the sandbox's content is moved on, at most


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with planion.yaml and tables, of which `former` holds an earlier state, and the feed they are of."""

    path: Path
    former: Path
    url: str

    @property
    def store(self) -> LocalStore:
        """The tables."""
        return LocalStore(self.path / "data", lock_wait=1)

    @property
    def settings(self) -> Config:
        """The settings of planion.yaml."""
        return load({"PLANION_TOKEN_AAA": TOKENS["AAA"]}, self.path)

    def copy(self, path: Path) -> "Folder":
        """The same in another folder."""
        shutil.copytree(self.path, path, symlinks=True)
        return replace(self, path=path)

    def refreshed(self, *keys: ConferenceKey) -> list[Refreshed | Failed]:
        """One refresh of all tables of these conferences."""
        options = RefreshOptions(ZONES, ("sessions", "speakers"))
        with FeedClient(self.url, TOKENS["AAA"]) as feed:
            return list(refresh(keys or KEYS, TABLES, self.store, lambda _: feed, lambda _: options))

    def verified(self, *keys: ConferenceKey, repair: bool = False) -> list[Verified]:
        """One verification of these conferences, or of everything."""
        return list(verify(self.settings, self.store, keys or None, repair=repair))

    def mended(self, *keys: ConferenceKey) -> dict[ConferenceKey, dict[str, str]]:
        """Verify and repair as the command does, the feed being there.

        The conferences that were read from it, each with a line by the path of what was damaged.
        """
        found = {one.key: one.damages for one in self.verified(*keys, repair=True) if one.reread and one.key}
        reread = {key: {one.name: one.line(one.name) for one in damages} for key, damages in found.items()}
        if reread:
            failed = [outcome for outcome in self.refreshed(*reread) if isinstance(outcome, Failed) or outcome.problems]
            assert failed == [], f"the refresh has not mended: {failed}"
            again = self.verified(*reread, repair=True)
            assert [one.damages for one in again if not one.is_right] == []
        return reread


def stored_folder(path: Path, server: SandboxServer) -> Folder:
    """Refresh, move the content on until the sessions and people of the first conference have changed, and refresh."""
    path.mkdir()
    (path / "planion.yaml").write_text(CONFIG.replace("URL", server.url), encoding="utf-8")
    folder = Folder(path, path.with_name(f"{path.name} former"), server.url)
    folder.refreshed()
    shutil.copytree(folder.store.root, folder.former)
    at = datetime.now(UTC)
    for number in range(_LAST_CHANGE):
        server.sandbox.advance(at + timedelta(minutes=15 * (number + 1)))
    changed = folder.refreshed()
    assert {str(outcome.key): getattr(outcome, "state", outcome) for outcome in changed} == {
        "AAA|AM2036": "changed",
        "AAA|MESS": "unchanged",
    }
    return folder


def contents(store: LocalStore, *, reread: bool = False) -> dict[str, Any]:
    """By path what every reader of a stored table sees: schema, rows, what its metadata says; and every change.

    With `reread` without what a snapshot that was read at another time says otherwise.
    """
    found: dict[str, Any] = {}
    for table in TABLES:
        for key in KEYS:
            path = store.path(table.location, key)
            found[str(path.relative_to(store.root))] = _seen(path, fetched_at=not reread)
    for key in KEYS:
        folder = store.folder(SESSION_CHANGES.location, key)
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            found[str(path.relative_to(store.root))] = _seen(path, fetched_at=True)
    return found


def readable_by_glob(store: LocalStore) -> set[str]:
    """The files that a reader's glob over a table's folder finds."""
    return {
        str(path.relative_to(store.root))
        for table in (*TABLES, *HISTORIES)
        for path in (store.root / table.location).rglob("*.parquet")
        if not path.name.startswith(".")
    }


def _seen(path: Path, *, fetched_at: bool) -> Any:
    if not path.is_file():
        return "no file" if os.path.lexists(path) else None
    return _seen_in(path.read_bytes(), fetched_at=fetched_at)


@functools.lru_cache(maxsize=1000)
def _seen_in(data: bytes, *, fetched_at: bool) -> Any:
    try:
        with pq.ParquetFile(io.BytesIO(data), page_checksum_verification=True) as file:
            rows: pa.Table = file.read()
            metadata = dict(file.schema_arrow.metadata or {})
            groups = [file.metadata.row_group(group) for group in range(file.metadata.num_row_groups)]
            columns = [group.column(column) for group in groups for column in range(file.metadata.num_columns)]
            statistics = [str(column.statistics.to_dict()) for column in columns if column.statistics]
            parquet = [str(file.schema.column(column)).partition("\n")[2] for column in range(len(file.schema))]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        return type(error).__name__
    if not fetched_at:
        metadata.pop(b"planion.fetched_at", None)
        metadata.pop(b"planion.notes", None)
    fields = [(field.name, str(field.type), field.metadata) for field in rows.schema]
    return rows.to_pydict(), fields, metadata, statistics, parquet
