"""Every state that a sandbox conference has had, and whether stored tables show one of them, none older than before."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from planion_assets.feed.item import Item, walk_digest
from planion_assets.keys import ConferenceKey
from planion_assets.storage.store import NotStoredError, Store
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Zones
from planion_assets_tests.feed.server import content_digest


class Feed(Protocol):
    """What a feed has, and how it moves on; the sandbox is one."""

    def items(self, account: str, conference: str) -> Sequence[dict[str, Any]]:
        """The sessions of a conference."""

    def speakers(self, account: str, conference: str) -> Sequence[dict[str, Any]]:
        """Its people."""

    def advance(self, now: datetime) -> object:
        """Change what there is."""


class Truth:
    """The states of one conference by endpoint: digest, in order, with the items."""

    def __init__(self, sandbox: Feed, key: ConferenceKey, zones: Zones) -> None:
        self._sandbox, self._key, self._zones = sandbox, key, zones
        self._lock = threading.Lock()
        self._states: dict[str, dict[str, tuple[int, list[Item]]]] = {"sessions": {}, "speakers": {}}
        self._seen: dict[str, tuple[int, str]] = {}
        self.compared = 0
        self._note()

    def advance(self) -> None:
        """Move the content on."""
        with self._lock:
            self._sandbox.advance(datetime.now(UTC))
            self._note()

    def check(self, store: Store) -> None:
        """Every stored table equals, row by row, a state that the feed had, none before the one seen there last."""
        for table in TABLES:
            try:
                provenance = store.footer(table.location, self._key).provenance
            except NotStoredError:
                assert table.name not in self._seen, f"{table.name} is gone"
                continue
            assert provenance is not None
            number, items = self._states[table.endpoint][provenance.snapshot]
            before, snapshot = self._seen.get(table.name, (0, ""))
            assert number >= before, f"{table.name} went back from state {before} to {number}"
            if snapshot != provenance.snapshot:
                stored = store.read(table.location, self._key)
                built = build_table(table, self._key, items, self._zones).data
                # The feed's own spelling of an item is compared by its digest.
                names = [name for name in built.column_names if name != "payload"]
                assert stored.select(names).equals(built.select(names)), f"{table.name} is not state {number}"
                self.compared += 1
            self._seen[table.name] = number, provenance.snapshot

    def check_log(self, store: Store, log: str, raw: str) -> int:
        """The change log is one chain that leads to the stored snapshot; how many changes it tells of."""
        parts = store.log_parts(log, self._key)
        assert [part.first for part in parts] == [0, *(part.sequence + 1 for part in parts[:-1])]
        assert [part.before for part in parts[1:]] == [part.after for part in parts[:-1]]
        provenance = store.footer(raw, self._key).provenance
        assert provenance is not None
        assert parts[-1].leads_to(provenance.snapshot)
        return parts[-1].sequence

    def is_latest(self) -> bool:
        """Whether every table that was seen shows the last state."""
        return all(
            number == max(known for known, _ in self._states[table.endpoint].values())
            for table in TABLES
            if self._states[table.endpoint]
            for number, _ in [self._seen[table.name]]
        )

    def _note(self) -> None:
        sandbox, key = self._sandbox, self._key
        for endpoint, read in (("sessions", sandbox.items), ("speakers", sandbox.speakers)):
            items = [Item("", content_digest(i), i) for i in read(key.account, key.conference)]
            states = self._states[endpoint]
            if items:
                states.setdefault(walk_digest(item.digest for item in items), (len(states), items))
