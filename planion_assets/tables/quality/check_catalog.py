"""The catalog of checks: specs, evaluations and the table of docs/reference/checks.md follow from `CHECKS`."""

from planion_assets.tables.quality.clashes import PERSON_IS_FREE, ROOM_IS_FREE
from planion_assets.tables.quality.dates import DATES_ARE_PLAUSIBLE
from planion_assets.tables.quality.feed import (
    FIELDS_ARE_KNOWN,
    NOTHING_IS_REJECTED,
    SCHEDID_IS_PRESENT,
    SCHEDID_IS_UNIQUE,
    VALUES_ARE_READABLE,
)
from planion_assets.tables.quality.links import (
    DECLINED_IS_UNPUBLISHED,
    LINKS_HAVE_PERSON,
    LINKS_HAVE_SESSION,
    ROLES_HAVE_PERSON,
    SESSIONS_HAVE_SPEAKERS,
)
from planion_assets.tables.quality.model import Check
from planion_assets.tables.quality.person_checks import NO_PERSON_IS_REJECTED, PEOPLE_ARE_NAMED
from planion_assets.tables.quality.session_checks import (
    ENDS_AFTER_START,
    HAS_LENGTH,
    LASTS_A_DAY_AT_MOST,
    PUBLISHED_IS_PLACED,
)

CHECKS: tuple[Check, ...] = (
    SCHEDID_IS_PRESENT,
    SCHEDID_IS_UNIQUE,
    NOTHING_IS_REJECTED,
    VALUES_ARE_READABLE,
    FIELDS_ARE_KNOWN,
    DATES_ARE_PLAUSIBLE,
    ENDS_AFTER_START,
    HAS_LENGTH,
    LASTS_A_DAY_AT_MOST,
    PUBLISHED_IS_PLACED,
    ROOM_IS_FREE,
    PERSON_IS_FREE,
    LINKS_HAVE_SESSION,
    LINKS_HAVE_PERSON,
    ROLES_HAVE_PERSON,
    SESSIONS_HAVE_SPEAKERS,
    NO_PERSON_IS_REJECTED,
    PEOPLE_ARE_NAMED,
    DECLINED_IS_UNPUBLISHED,
)
