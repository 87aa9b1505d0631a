"""The catalog of checks: specs, evaluations and the table of docs/reference/checks.md follow from `CHECKS`."""

from planion_assets.tables.quality import clashes, feed, links, session_checks
from planion_assets.tables.quality.model import Check

CHECKS: tuple[Check, ...] = (
    feed.schedid_is_present,
    feed.schedid_is_unique,
    feed.nothing_is_rejected,
    feed.values_are_readable,
    feed.fields_are_known,
    session_checks.dates_are_plausible,
    session_checks.session_ends_after_start,
    session_checks.session_has_length,
    session_checks.session_lasts_a_day_at_most,
    session_checks.published_session_is_placed,
    clashes.room_is_not_double_booked,
    clashes.person_is_in_one_session_at_a_time,
    links.links_have_session,
    links.links_have_person,
    links.roles_have_person,
    links.sessions_have_speakers,
    feed.no_person_is_rejected,
    links.people_are_named,
    links.declined_is_not_published,
)
