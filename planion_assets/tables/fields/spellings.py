"""The keys of a record in whatever letter case the feed writes them.

Belongs here: what a record with `schedId` in place of `schedid` is. One member alone is found by
`planion_assets.members`. Pure.
"""

from collections.abc import Iterable

from planion_assets.tables.model import JsonObject


class Spellings:
    """The keys that a kind of record is known to have, as the feed's contract writes them."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = frozenset(keys)
        self._by_lower = {key.lower(): key for key in sorted(self._keys)}

    def exact(self, record: JsonObject) -> JsonObject:
        """The record with each known key as the contract writes it; the record itself where that is so already.

        A key that is there in the contract's letter case stays the one that counts. Of several others the first by
        code points takes its place (`planion_assets.members.member`); the rest stay as they are, unknown.
        """
        if self._keys.issuperset(record):
            return record
        names: dict[str, str] = {}
        for key in sorted(record.keys() - self._keys):
            name = self._by_lower.get(key.lower())
            if name is not None and name not in record and name not in names.values():
                names[key] = name
        return {names.get(key, key): value for key, value in record.items()} if names else record
