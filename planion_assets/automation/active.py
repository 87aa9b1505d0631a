"""Which conferences are looked after: those of the settings that are not over. Knows no Dagster.

Belongs here: the choice, and how it is told. When a conference is over is in `planion_assets.freshness`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from planion_assets.config import Config
from planion_assets.freshness.over import end_of
from planion_assets.keys import ConferenceKey
from planion_assets.store import Store, StoreError


@dataclass(frozen=True, slots=True)
class Choice:
    """The configured conferences, in the order of the file: those that are active, and those that are over."""

    active: tuple[ConferenceKey, ...]
    over: tuple[ConferenceKey, ...]


def choose(settings: Config, store: Store, now: datetime) -> Choice:
    """Sort the configured conferences by whether they are over at an instant."""
    over = tuple(key for key in settings.keys() if is_over(settings, store, key, now))
    return Choice(tuple(key for key in settings.keys() if key not in over), over)


def is_over(settings: Config, store: Store, key: ConferenceKey, now: datetime) -> bool:
    """Whether a configured conference is over: after its last stored session, or after its `active_until`."""
    conference = settings.conference(key)
    end = end_of(max(_times(store, key), default=None), conference.active_until, conference.timezone)
    return end is not None and end < now


def _times(store: Store, key: ConferenceKey) -> Iterator[datetime]:
    """Every start and end of the stored sessions; none where no table can be read: it is then to be refreshed."""
    try:
        sessions = store.read("sessions", key)
    except StoreError:
        return
    for name in ("starts_at_local", "ends_at_local"):
        if name in sessions.column_names:
            yield from (time for time in sessions[name].to_pylist() if time is not None)
