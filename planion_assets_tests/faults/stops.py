"""Refreshes of many conferences that are told to stop: their configuration, and what their tables may hold then."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.model import Table
from planion_assets_tests.faults.conference import leftovers
from planion_assets_tests.feed.server import TOKEN
from planion_assets_tests.many import KEYS, TABLES_OF_SESSIONS, Many, refreshed

STATES = 4
"""States that the feed of `Many` has in turn: so an older one than before is told from the one that follows."""
PATIENT: dict[str, Any] = {"read_timeout": 3600, "connect_timeout": 300, "walk_timeout": 3600}
"""Settings with which a refresh waits for its feed longer than any test."""


def configure(
    folder: Path, url: str, monkeypatch: pytest.MonkeyPatch, keys: Sequence[ConferenceKey] = KEYS, **feed: Any
) -> None:
    """A configuration of conferences of `Many`, for commands that are started in that folder."""
    entry = {
        "account": keys[0].account,
        "token_env": "PLANION_TOKEN_AAA",
        "conferences": [{"conference": key.conference} for key in keys],
    }
    # JSON is YAML.
    (folder / "planion.yaml").write_text(json.dumps({"feed": {"url": url, **feed}, "accounts": [entry]}))
    monkeypatch.setenv("PLANION_TOKEN_AAA", TOKEN)


class Known:
    """The tables of each state, by the digest of its snapshot."""

    def __init__(
        self,
        folder: Path,
        feed: Many,
        keys: Sequence[ConferenceKey] = KEYS,
        tables: Sequence[Table] = TABLES_OF_SESSIONS,
    ) -> None:
        self._keys = keys
        self._tables = tables
        self._states: dict[tuple[ConferenceKey, str], int] = {}
        self._rows: dict[tuple[ConferenceKey, int, str], pa.Table] = {}
        for number in range(STATES):
            feed.number = number
            store = LocalStore(folder / str(number))
            refreshed(store, feed.url, keys, tables)
            for key in keys:
                footer = store.footer("raw_sessions", key)
                assert footer.provenance
                self._states[key, footer.provenance.snapshot] = number
                for table in tables:
                    self._rows[key, number, table.name] = store.read(table.location, key)

    def check(self, store: LocalStore, allowed: set[int]) -> dict[ConferenceKey, int]:
        """Every stored table is whole and of an allowed state; gives each conference's state where all tables have one.

        The history ends with what `raw_sessions` holds, or a hidden file leads there.
        """
        found: dict[ConferenceKey, int] = {}
        for key in self._keys:
            states = set()
            for table in self._tables:
                if not store.path(table.location, key).exists():
                    states.add(-1)
                    continue
                rows = store.read(table.location, key)
                provenance = store.footer(table.location, key).provenance
                assert provenance
                state = self._states[key, provenance.snapshot]
                assert state in allowed, f"{table.name} of {key} shows state {state}, not one of {allowed}"
                assert rows.equals(self._rows[key, state, table.name]), f"{table.name} of {key} is not state {state}"
                states.add(state)
            if len(states) == 1:
                found[key] = states.pop()
        return found

    def check_latest(self, store: LocalStore, state: int) -> None:
        """Every table of every conference shows that state, and nothing is left over."""
        assert self.check(store, {state}) == dict.fromkeys(self._keys, state)
        assert leftovers(store.root) == []
        for key in self._keys:
            assert store.log_parts("session_changes", key)[-1].after == self.digest(key, state)[:12]
            assert not list(store.folder("session_changes", key).glob(".*"))

    def are_at(self, store: LocalStore, keys: Sequence[ConferenceKey], state: int) -> bool:
        """Whether the raw tables of those conferences show that state."""
        footers = [store.footer("raw_sessions", key) for key in keys]
        return all(
            footer.provenance and self._states[key, footer.provenance.snapshot] == state
            for key, footer in zip(keys, footers, strict=True)
        )

    def digest(self, key: ConferenceKey, state: int) -> str:
        """The digest of the conference's snapshot in that state."""
        return next(digest for (owner, digest), number in self._states.items() if (owner, number) == (key, state))
