"""Every conference of the sandbox is stored with as many rows as its feed has sessions and speakers."""

from pathlib import Path

import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import CONFERENCES
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.readers.stored import SESSIONS
from planion_assets_tests.small_sandbox import small_sandbox


@pytest.mark.usefixtures("stored")
def test_every_conference_is_stored_with_the_counts_of_the_feed(stored_in: Path) -> None:
    store, sandbox = LocalStore(stored_in / "data"), small_sandbox(SESSIONS)
    for account, conference in set(CONFERENCES) - {("AAA", "MESS")}:
        key, items = ConferenceKey(account, conference), sandbox.items(account, conference)
        sessions = len({item["schedid"] for item in items})
        links = sum(len(item["speakers"] or []) for item in items)
        for table, rows in (("raw_sessions", sessions), ("sessions", sessions), ("session_speakers", links)):
            assert store.footer(table, key).rows == rows, f"{table} of {key}"
