"""How the accounts of the settings are divided among several runs. Knows no Dagster.

The account is the unit, since a token and its limit of requests belong to it (docs/decisions/account-per-run.md).
"""

import math
from collections.abc import Mapping
from datetime import datetime

from planion_assets.config import Config
from planion_assets.freshness.survey import is_over
from planion_assets.storage.store import Store, StoreError

PER_CONFERENCE = 100
"""What reading a conference costs beside its sessions, in sessions: its requests and its events."""
_STEPS_PER_DOUBLING = 2
_RAW = "raw_sessions"

Share = tuple[str, ...]


def shares(settings: Config, store: Store, now: datetime, at_most: int) -> list[Share]:
    """The accounts in up to `at_most` shares, each in the order of the file, balanced by their stored sessions."""
    weights = dict.fromkeys((account.account for account in settings.accounts), 0)
    for stored in store.stored(settings.keys()):
        if is_over(settings, stored, now):
            continue
        try:
            sessions = stored.footer(_RAW).rows
        except (StoreError, OSError):  # not stored yet, or it cannot be read, of which the run will tell
            sessions = 0
        weights[stored.key.account] += sessions + PER_CONFERENCE
    return divided(weights, at_most)


def divided(weights: Mapping[str, int], at_most: int) -> list[Share]:
    """The names in up to `at_most` shares of nearly equal weight, none of them empty.

    Weights are rounded, so that a few sessions more divide them as before: who is in which share changes seldom.
    """
    rounded = {name: _rounded(weight) for name, weight in weights.items()}
    totals = [0.0] * min(at_most, len(weights))
    groups: list[set[str]] = [set() for _ in totals]
    for name in sorted(rounded, key=lambda name: (-rounded[name], name)):
        least = totals.index(min(totals))
        totals[least] += rounded[name]
        groups[least].add(name)
    return [tuple(name for name in weights if name in some) for some in groups]


def _rounded(weight: int) -> float:
    steps = round(math.log2(max(weight, 1)) * _STEPS_PER_DOUBLING)
    return float(2 ** (steps / _STEPS_PER_DOUBLING))
