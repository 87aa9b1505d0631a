"""What `planion check` finds, as values: of an account, of a conference, of a collection.

Does not belong here: how it is found (check_feed.py), how it is printed (check_report.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from planion_assets.freshness.verdicts import Level
from planion_assets.keys import ConferenceKey


@dataclass(frozen=True, slots=True)
class RowCount:
    """The rows of a collection: how many the feed counts, or at least has, and the time zone that they point to."""

    count: int
    is_whole: bool
    zone: str | None = None


class Token(StrEnum):
    """What the feed says to a token."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    MISSING = "missing"
    UNKNOWN = "not known"


class Access(StrEnum):
    """Whether a token may read a collection."""

    INCLUDED = "included"
    NOT_INCLUDED = "not included"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class FeedFinding:
    """What a person should know: an error, a warning, or (with the level OK) a hint."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class ConferenceChecked:
    """A conference: rows by collection, None where they are not known; the zone that its rows point to."""

    key: ConferenceKey
    rows: Mapping[str, RowCount | None]
    timezone: str | None
    guess: str | None = None
    findings: Sequence[FeedFinding] = ()


@dataclass(frozen=True, slots=True)
class AccountChecked:
    """An account: its token, what the contract includes by collection, its conferences."""

    account: str
    token: Token
    access: Mapping[str, Access] = field(default_factory=dict)
    findings: Sequence[FeedFinding] = ()
    conferences: Sequence[ConferenceChecked] = ()
