"""Which conferences are active: the configured ones that are not over. Knows no Dagster.

Belongs here: the choice, and its words for a person. When a conference is over is in `planion_assets.freshness`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from planion_assets.config import Config
from planion_assets.freshness.survey import is_over
from planion_assets.keys import ConferenceKey
from planion_assets.storage.store import Store


@dataclass(frozen=True, slots=True)
class Choice:
    """The configured conferences, in the order of the file: those that are active, and those that are over."""

    active: tuple[ConferenceKey, ...]
    over: tuple[ConferenceKey, ...]


def choose(settings: Config, store: Store, now: datetime, keys: Sequence[ConferenceKey] | None = None) -> Choice:
    """Sort configured conferences, all unless `keys` are given, by whether they are over at an instant."""
    keys = settings.keys() if keys is None else keys
    over = {stored.key for stored in store.stored(keys) if is_over(settings, stored, now)}
    return Choice(tuple(key for key in keys if key not in over), tuple(key for key in keys if key in over))
