"""Conferences as a refresh would store them, and a file of settings that names them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planion_assets.keys import ConferenceKey
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import Pieces, Provenance
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Zones
from planion_assets_tests.tables.items import Item

FETCHED = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def text(instant: datetime) -> str:
    """An instant as the feed writes it."""
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def store_conference(
    store: LocalStore,
    name: str,
    sessions: Sequence[dict[str, Any]],
    *,
    fetched_at: datetime = FETCHED,
    zones: Zones | None = None,
) -> ConferenceKey:
    """Store `sessions` and `session_speakers` of `AAA|name`, made of items with these fields."""
    key = ConferenceKey("AAA", name)
    zones = zones or Zones()
    items = [Item({"schedid": str(number), **fields}) for number, fields in enumerate(sessions)]
    for table in TABLES:
        if table.name in ("sessions", "session_speakers"):
            provenance = Provenance("digest", fetched_at, table.fingerprint, str(zones) if table.zoned else "")
            rows = Pieces.of(build_table(table, key, items, zones).data)
            store.write(table.location, key, rows.with_notes(provenance, "{}", ""))
    return key


def configure(folder: Path, *conferences: str, more: str = "") -> None:
    """Write a planion.yaml with these conferences of account AAA; each is a name or `name: x, timezone: y`."""
    entries = "".join(f"      - {{conference: {conference}}}\n" for conference in conferences)
    text = f"accounts:\n  - account: AAA\n    token_env: PLANION_TOKEN_AAA\n    conferences:\n{entries}{more}\n"
    (folder / "planion.yaml").write_text(text, encoding="utf-8")
