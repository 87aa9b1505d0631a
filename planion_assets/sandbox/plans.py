"""The conferences of the sandbox: which exist, where and when they are held, and how their feeds differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from planion_assets.sandbox.wording import FIELDS, Field

TOKENS: Mapping[str, str] = {
    "myaccount": "sandbox-token-myaccount",
    "AAA": "sandbox-token-AAA",
    "TOS": "sandbox-token-TOS",
}
"""Account -> token. A token reads the conferences of its own account only."""

START_MINUTES = (8 * 60, 9 * 60 + 45, 11 * 60 + 30, 13 * 60, 14 * 60 + 45, 16 * 60 + 30, 18 * 60 + 30)
"""When a session may begin, in minutes after midnight at the venue."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a venue, with the `roomid` that the scheduling module gives it."""

    roomid: str
    name: str


@dataclass(frozen=True, slots=True)
class Custom:
    """One of the twenty custom fields: what the client calls it, and the values it takes."""

    label: str | None
    values: tuple[str | None, ...] = (None,)


@dataclass(frozen=True, slots=True)
class Conference:
    """One conference, which begins with so many `sessions`, last edited from `updated_from` to `updated_to`.

    One that is `over` is never changed. The items of a `mess` are those of `mess.py`; with `variants` some values are
    written in the ways of `variants.py`. `personal` speaker entries carry names and addresses. `sample_keys_only` says
    that items have the keys of the contract's sample and no others, `skipped` which keys they do not have. `zone` is
    the venue's IANA zone, where a reader is meant to know it.
    """

    account: str
    name: str
    sessions: int
    first_day: date
    days: int
    hotel: str
    room_count: int
    fields: tuple[Field, ...]
    updated_from: datetime
    updated_to: datetime
    first_schedid: int
    over: bool = False
    mess: bool = False
    variants: bool = True
    personal: bool = False
    sample_keys_only: bool = False
    skipped: frozenset[str] = frozenset()
    custom: Mapping[int, Custom] = field(default_factory=dict)
    zone: str | None = None

    @property
    def key(self) -> str:
        """How the conference is named in counts: `ACCOUNT|CONFERENCE`."""
        return f"{self.account}|{self.name}"

    @property
    def dates(self) -> tuple[date, ...]:
        """The days it is held, first to last."""
        return tuple(self.first_day + timedelta(days=offset) for offset in range(self.days))

    @property
    def rooms(self) -> tuple[Room, ...]:
        """Its rooms: a few large ones, then numbered meeting rooms on two floors."""
        large = [f"Grand Ballroom {letter}" for letter in "ABCD"] + ["Exhibit Hall 1", "Exhibit Hall 2"]
        small = [f"Room {floor}{number:02}" for floor in (2, 3) for number in range(1, 21)]
        names = (large + small)[: self.room_count]
        return tuple(Room(str(self.first_schedid + 9000 + place), name) for place, name in enumerate(names))


NEUROSCIENCE, GENOMICS, METABOLISM, CLIMATE, ECOLOGY, MATERIALS = FIELDS.values()

# Labels of the contract's sample session (sessions-feed.md).
SAMPLE_CUSTOM = {
    1: Custom("2-Part Session", ("Yes", None, None)),
    2: Custom("Track Sponsor", ("Harbor & Wells Biosciences", "", None)),
    3: Custom("Custom Eval question 1"),
    5: Custom("Custom Eval question 2"),
    6: Custom("Custom Eval comment 2"),
    7: Custom("Custom Eval question 3"),
    8: Custom("Custom Eval comment 3"),
    9: Custom("Credit Units", ("1.0", "1.5", None)),
}
AAA_CUSTOM = {
    1: Custom("Target Audience", ("Trainees", "Clinicians", "All attendees", "")),
    2: Custom("Level", ("Introductory", "Intermediate", "Advanced", " ")),
    3: Custom("Will be recorded", ("Yes", "No", None)),
    4: Custom("Theme Code", ("A.03", "B.11", "C.07.b", "F.02", "")),
    11: Custom("Sponsor", ("Harbor & Wells Biosciences", "", None)),
}
TOS_CUSTOM = {
    1: Custom("CE Eligible", ("Yes", "No", "")),
    2: Custom("Livestream", ("true", None)),
    6: Custom("Section", ("Bariatric Surgery", "Clinical Management", "Pediatric Obesity", "eHealth/mHealth", None)),
}

# The newer feeds of the contract's table do without what only its sample shows.
SAMPLE_EXTRAS = frozenset({"location", "mobileActionURL", "adanotes", "ticketed"})


def instant(year: int, month: int, day: int) -> datetime:
    """The first instant of a day in UTC."""
    return datetime(year, month, day, tzinfo=UTC)


PLANS: tuple[Conference, ...] = (
    Conference(
        "myaccount", "2018", 300, date(2018, 10, 14), 4, "Harbor Point Convention Center", 12, (CLIMATE, ECOLOGY),
        instant(2018, 2, 1), instant(2018, 10, 12), 22001, over=True, sample_keys_only=True, custom=SAMPLE_CUSTOM,
    ),
    Conference(
        "AAA", "AM2026", 1200, date(2026, 11, 21), 5, "Meridian Hall Conference Center", 36,
        (NEUROSCIENCE, GENOMICS, ECOLOGY),
        instant(2026, 3, 2), instant(2026, 11, 19), 810001, personal=True, custom=AAA_CUSTOM, zone="America/Chicago",
    ),
    Conference(
        "AAA", "AM2036", 87, date(2036, 11, 15), 3, "Lakefront Congress Center", 20, (NEUROSCIENCE, MATERIALS),
        instant(2026, 9, 1), instant(2026, 11, 20), 860001, personal=True, custom=AAA_CUSTOM, zone="America/New_York",
    ),
    Conference(
        "AAA", "AM2037", 0, date(2037, 11, 14), 3, "Lakefront Congress Center", 20, (NEUROSCIENCE, MATERIALS),
        instant(2026, 9, 1), instant(2026, 11, 20), 870001, personal=True, custom=AAA_CUSTOM,
    ),
    Conference(
        "TOS", "OW2026", 823, date(2026, 11, 25), 4, "Rio Vista Convention Center", 32, (METABOLISM, GENOMICS),
        instant(2026, 4, 6), instant(2026, 11, 20), 910001, skipped=SAMPLE_EXTRAS, custom=TOS_CUSTOM,
        zone="Europe/Berlin",
    ),
    Conference(
        "TOS", "WS2027", 1, date(2027, 2, 18), 1, "Rio Vista Convention Center", 4, (METABOLISM,),
        instant(2026, 10, 5), instant(2026, 11, 20), 930001, skipped=SAMPLE_EXTRAS, custom=TOS_CUSTOM,
    ),
    Conference(
        "AAA", "MESS", 40, date(2024, 11, 3), 2, "Lakefront Congress Center", 6, (MATERIALS,),
        instant(2026, 10, 5), instant(2026, 11, 20), 990001, mess=True, personal=True, custom=AAA_CUSTOM,
        zone="America/Chicago",
    ),
)  # fmt: skip
"""Every conference, in the order of `CONFERENCES`."""

CONFERENCES: tuple[tuple[str, str], ...] = tuple((plan.account, plan.name) for plan in PLANS)
"""Every (account, conference) of the sandbox, those without sessions too."""

SPEAKERS_OF = frozenset({"AAA"})
"""The accounts whose contract includes the Speakers method; the others' tokens are answered 403."""

METHODS_OF: Mapping[str, frozenset[str]] = {
    "sessions": frozenset(TOKENS),
    "speakers": SPEAKERS_OF,
    "abstracts": frozenset({"AAA", "TOS"}),
    "eposters": frozenset({"AAA"}),
    "disclosures": frozenset({"AAA"}),
}
"""The accounts whose contract includes each method of the feed; the others' tokens are answered 403."""

TIMEZONES: Mapping[tuple[str, str], str] = {(plan.account, plan.name): plan.zone for plan in PLANS if plan.zone}
"""IANA zones of the venues, where a reader of the sandbox is meant to know them; the feed itself names none."""
