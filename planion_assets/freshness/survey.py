"""What is known of every conference: from the settings, the footers of the stored files and the notes of reads.

No row of any file is read. Knows neither Dagster nor HTTP.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from planion_assets.config import Config, NotConfiguredError
from planion_assets.freshness.over import end_of
from planion_assets.freshness.verdicts import Facts, Limits, Verdict, freshness, reading
from planion_assets.keys import ConferenceKey
from planion_assets.reads import last_read
from planion_assets.store import NotStoredError, Store, StoreError

_TIMES = ("starts_at_local", "ends_at_local")


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One conference: what is known of it, and the two verdicts on that."""

    facts: Facts
    freshness: Verdict
    reading: Verdict


def survey(settings: Config, store: Store, now: datetime) -> list[Surveyed]:
    """Every configured conference in the order of the file, then those that are only stored, sorted."""
    keys = dict.fromkeys((*settings.keys(), *store.keys("sessions")))
    return [_surveyed(facts_of(settings, store, key), now) for key in keys]


def is_over(settings: Config, store: Store, key: ConferenceKey, now: datetime) -> bool:
    """Whether a configured conference is over: after its last stored session, or after its `active_until`."""
    return facts_of(settings, store, key).is_over(now)


def facts_of(settings: Config, store: Store, key: ConferenceKey) -> Facts:
    """What is known of one conference."""
    facts = Facts(key, _limits(settings, key), last_read=last_read(store.root, key), feed_zone=settings.feed.timezone)
    zone, active_until = None, None
    if facts.limits is not None:
        conference = settings.conference(key)
        zone, active_until = conference.timezone, conference.active_until
    try:
        footer, found = store.extremes("sessions", key, ("session_updated_at", *_TIMES))
    except NotStoredError:
        return replace(facts, ends=end_of(None, active_until, zone))
    except StoreError as error:
        return replace(facts, ends=end_of(None, active_until, zone), problem=str(error))
    newest = {name: extremes[1] for name, extremes in found.items() if extremes}
    times = [newest[name] for name in _TIMES if name in newest]
    made = footer.provenance
    # Reading a table that is there takes a read, also where its note is lost or older than notes are.
    reads = [at for at in (facts.last_read, made.fetched_at if made else None) if at is not None]
    updated = newest.get("session_updated_at")
    return replace(
        facts,
        sessions=footer.rows,
        links=_rows(store, "session_speakers", key),
        newest=updated.astimezone(UTC) if updated else None,
        # The zone that the file was read with, until the next refresh reads it with the one that is configured.
        feed_zone=made.zones.split()[0] if made and made.zones else facts.feed_zone,
        ends=end_of(max(times, default=None), active_until, zone),
        last_read=max(reads, default=None),
        last_change=made.fetched_at if made else None,
    )


def _limits(settings: Config, key: ConferenceKey) -> Limits | None:
    try:
        return Limits(*settings.max_update_age(key), settings.refresh_interval)
    except NotConfiguredError:
        return None


def _rows(store: Store, table: str, key: ConferenceKey) -> int | None:
    try:
        return store.footer(table, key).rows
    except StoreError:
        return None


def _surveyed(facts: Facts, now: datetime) -> Surveyed:
    return Surveyed(facts, freshness(facts, now), reading(facts, now))
