"""What is known of every conference from the settings, the footers of the stored files and the notes of reads.

No row of any file is read. Knows neither Dagster nor HTTP.
"""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from planion_assets.config import Config, NotConfiguredError
from planion_assets.freshness.quality import quality
from planion_assets.freshness.verdicts import Facts, FreshnessLimits, Verdict, freshness, reading
from planion_assets.keys import ConferenceKey
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.store import Footer, NotStoredError, Store, StoredConference, StoreError

_TIMES = ("starts_at_local", "ends_at_local")
# The last place on earth where a day ends: without a zone, a venue could be there.
_WESTERNMOST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One conference: what is known of it, and the three verdicts on that."""

    facts: Facts
    freshness: Verdict
    reading: Verdict
    quality: Verdict


def survey(settings: Config, store: Store, now: datetime) -> list[Surveyed]:
    """Every configured conference in the order of the file, then those that are only stored, sorted."""
    return [surveyed(settings, stored, now) for stored in store.stored(known_keys(settings, store))]


def known_keys(settings: Config, store: Store) -> list[ConferenceKey]:
    """The conferences of which the settings or the stored sessions know, in the order of a survey."""
    return list(dict.fromkeys((*settings.keys(), *store.keys("sessions"))))


def surveyed(settings: Config, stored: StoredConference, now: datetime) -> Surveyed:
    """What is known of one conference at that instant."""
    return judged(_with_quality(facts_of(settings, stored), stored), now)


def judged(facts: Facts, now: datetime) -> Surveyed:
    """A conference of which this is known, with the verdicts on that."""
    return Surveyed(facts, freshness(facts, now), reading(facts, now), quality(facts, now))


def is_over(settings: Config, stored: StoredConference, now: datetime) -> bool:
    """Whether a configured conference is over: after its last stored session, or after its `active_until`."""
    return facts_of(settings, stored).is_over(now)


def active(settings: Config, store: Store, keys: Sequence[ConferenceKey], now: datetime) -> list[ConferenceKey]:
    """The configured conferences of these that are not over."""
    return [stored.key for stored in store.stored(keys) if not is_over(settings, stored, now)]


def facts_of(settings: Config, stored: StoredConference) -> Facts:
    """What is known of one conference from the settings, the note of its last read and the footer of `sessions`."""
    key = stored.key
    limits, zone, active_until = None, None, None
    with contextlib.suppress(NotConfiguredError):
        conference = settings.conference(key)
        zone, active_until = conference.timezone, conference.active_until
        limits = FreshnessLimits(*settings.update_age_limits(key), settings.refresh_interval)
    facts = Facts(key, limits, feed_zone=settings.feed.timezone, ends=end_of(None, active_until, zone))
    try:
        noted = stored.last_read()
        facts = replace(facts, last_read=noted.read_at, failure=noted.failure)
        statistics = stored.statistics("sessions")
        footer, found = statistics.footer, statistics.min_max(("session_updated_at", *_TIMES))
    except NotStoredError:
        return facts
    except (StoreError, OSError) as error:
        return replace(facts, problem=refusal(error))
    newest = {name: min_max[1] for name, min_max in found.items() if min_max}
    times = [newest[name] for name in _TIMES if name in newest]
    provenance = footer.provenance
    # A stored table was read, also where the note of that is lost or older code wrote none.
    reads = [at for at in (facts.last_read, provenance.fetched_at if provenance else None) if at is not None]
    updated = newest.get("session_updated_at")
    return replace(
        facts,
        sessions=footer.rows,
        newest=updated.astimezone(UTC) if updated else None,
        # The zone that the stored timestamps were read in, which may be another than is configured.
        feed_zone=provenance.zones.split()[0] if provenance and provenance.zones else facts.feed_zone,
        ends=end_of(max(times, default=None), active_until, zone),
        last_read=max(reads, default=None),
        last_change=provenance.fetched_at if provenance else None,
        unreadable=_unreadable("sessions", footer),
    )


def end_of(last_time: datetime | None, active_until: date | None, zone: str | None) -> datetime | None:
    """The instant (UTC) at which a conference is over: after its last session, or after `active_until` if earlier.

    `last_time` is the latest time of any of its sessions, local to the venue and zoneless; `zone` is the venue's IANA
    zone. Without a zone it is over when it is over everywhere on earth. None where neither time is known.
    """
    ends = [] if last_time is None else [_instant(last_time, zone)]
    if active_until is not None:
        ends.append(_instant(datetime.combine(active_until, time.max), zone))
    return min(ends, default=None)


def _with_quality(facts: Facts, stored: StoredConference) -> Facts:
    """The facts with what the footers of the other tables say of unreadable values and rejected items, where stored."""

    def with_links(facts: Facts) -> Facts:
        links = stored.footer("session_speakers")
        unreadable = {**facts.unreadable, **_unreadable("session_speakers", links)}
        return replace(facts, links=links.rows, unreadable=unreadable)

    def with_rejected(facts: Facts) -> Facts:
        rejected = stored.statistics("rejected_items")
        nameless = rejected.nulls("schedid")
        return replace(facts, nameless=nameless, contested=rejected.footer.rows - nameless)

    for look in (with_links, with_rejected):
        try:
            facts = look(facts)
        except NotStoredError:
            pass
        except (StoreError, OSError) as error:
            facts = replace(facts, problems=(*facts.problems, refusal(error)))
    return facts


def _unreadable(table: str, footer: Footer) -> dict[str, int]:
    """How many values of each column of a table could not be read, as its footer says (`planion.unreadable`)."""
    return {f"{table}.{column}": noted["count"] for column, noted in json.loads(footer.unreadable).items()}


def _instant(local: datetime, zone: str | None) -> datetime:
    try:
        if zone is None:
            return local.replace(tzinfo=UTC) + _WESTERNMOST
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:  # the last day of the calendar
        return local.replace(tzinfo=UTC)
