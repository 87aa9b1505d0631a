"""Reading a value of the feed as a day or a timestamp.

Belongs here: what a text says that is written in one of the spellings of `time_spellings.py`. In which zone a moment is
that names none is for the caller to say. Like the functions of `values.py` these return None for no value and raise
`Unreadable`. Pure.
"""

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from planion_assets.extended_json import value_of
from planion_assets.members import is_blank
from planion_assets.tables.fields.time_spellings import DATES
from planion_assets.tables.fields.values import Unreadable

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)
_MIDNIGHT = time()
_LONGEST = 100  # characters; JavaScript writes the zone's name in words behind the rest
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = {name[:length]: number for number, name in enumerate(_MONTHS, start=1) for length in (3, len(name))}
_MONTH["sept"] = _MONTH["september"]
# RFC 822, section 5: all that a date may name by letters beside the military ones, which nobody used alike.
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "ut": 0} | {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6}
_ZONES |= {"pst": -8, "pdt": -7}

# Marks of the direction of writing, which some systems put into dates, and joiners: they are seen by nobody.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LOOKALIKES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2212": "-", "\uff1a": ":"})


@dataclass(frozen=True, slots=True)
class Moment:
    """What a text says: a day, the time of that day and the zone where it names them."""

    day: date
    clock: time | None
    zone: timezone | None


def day(value: Any, zone: str | None = None) -> date | None:
    """A calendar date written as 2024-11-03, or the day of a timestamp.

    Of one that names a zone it is the day whose midnight it is there, else the day that it is in `zone`: without that
    it cannot be told.
    """
    value = value_of(value)
    if is_blank(value):
        return None
    said = _said(value)
    if said is None:
        raise Unreadable("no date like 2024-11-03")
    if said.zone is None or said.clock is None or said.clock == _MIDNIGHT:
        return said.day
    if zone is None:
        raise Unreadable("no date like 2024-11-03, but an instant")
    return in_zone(datetime.combine(said.day, said.clock, said.zone), ZoneInfo(zone)).date()


def timestamp(value: Any) -> datetime | None:
    """A timestamp: an instant in UTC where it names its zone, else without one, as 2024-01-31 15:30:43."""
    value = value_of(value)
    if is_blank(value):
        return None
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        with contextlib.suppress(ValueError):  # 24:00:00 ends a day
            return datetime.fromisoformat(value)  # as most are: 1 % of a first refresh
    said = _said(value)
    if said is None or said.clock is None:
        raise Unreadable("no timestamp like 2024-01-31 15:30:43")
    when = datetime.combine(said.day, said.clock, said.zone)
    return in_zone(when, UTC) if said.zone else when


def instant(value: Any) -> datetime | None:
    """A timestamp as an instant; one that names no zone (feed-facts.md, Items) is read as UTC."""
    when = timestamp(value)
    return when.replace(tzinfo=UTC) if when and when.tzinfo is None else when


def with_usual_spaces(text: str) -> str:
    """The text without marks that are not seen, each run of any kind of space (U+202F, U+00A0) as one space.

    Dashes and colons that word processors and keyboards put in their place are those of ASCII.
    """
    return " ".join((text if text.isascii() else _UNSEEN.sub("", text).translate(_LOOKALIKES)).split())


def moment_of(text: str) -> Moment | None:
    """What a text says, None for one that names no moment or leaves a doubt.

    Of fractions of a second microseconds are kept.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    text = with_usual_spaces(text)
    for spelling in DATES:
        if match := spelling.match(text):
            try:
                return _moment(match.groupdict())
            except (KeyError, ValueError, OverflowError):
                return None
    return None


def _moment(said: dict[str, str | None]) -> Moment | None:
    year = said["year"] or said.get("last")
    if year is None or (said["year"] and said.get("last")):
        return None
    day = _date_of(_full_year(year), said)
    if not said["hour"]:
        return Moment(day, None, None)
    if said["hour"] == "24" and not any(int(said.get(part) or 0) for part in ("minute", "second", "fraction", "half")):
        day, said = day + timedelta(days=1), {**said, "hour": "0"}
    return Moment(day, _clock(said), _zone(said["zone"], said["offset"]))


def _date_of(year: int, said: dict[str, str | None]) -> date:
    """The day. Raises KeyError or ValueError for none, and for one of two."""
    if word := said.get("word"):
        return date(year, _MONTH[word.lower()], int(said["day"] or 0))
    if "one" not in said:
        return date(year, int(said["month"] or 0), int(said["day"] or 0))
    one, other = (int(said[name] or 0) for name in ("one", "other"))
    month, day = min(one, other), max(one, other)
    if day <= 12 and day != month:
        raise ValueError(f"a day of month {one} or {other}")
    return date(year, month, day)


def _full_year(digits: str) -> int:
    """The year; one of two digits as POSIX reads it: 69 to 99 are of the twentieth century."""
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= 69 else 2000)


def _clock(said: dict[str, str | None]) -> time:
    hour, minute, second = (int(said[name] or 0) for name in ("hour", "minute", "second"))
    fraction = int((said.get("fraction") or "0")[:6].ljust(6, "0"))
    return time(hour_of_day(hour, said.get("half")), minute, second, fraction)


def hour_of_day(hour: int, half: str | None) -> int:
    """The hour from 0 to 23 of an hour in a `half` of the day: a or p, None for a clock of 24 hours. Raises ValueError.

    One beyond twelve, or none, can name its half too: 19:30 pm and 00:30 am say the same twice.
    """
    if not half:
        return hour
    afternoon = half in "pP"
    if not (1 <= hour <= 23 if afternoon else 0 <= hour <= 12):
        raise ValueError(f"no hour of that half of the day: {hour}")
    return hour if hour > 12 else hour % 12 + (12 if afternoon else 0)


def _zone(name: str | None, offset: str | None) -> timezone | None:
    """The zone of a name or an offset, or of the two together (GMT-0500). Raises KeyError or ValueError."""
    if name is None and offset is None:
        return None
    hours = _ZONES[name.lower()] if name else 0
    if offset is None:
        return timezone(timedelta(hours=hours))
    if hours:
        raise ValueError(f"{name}{offset} names two zones")
    digits = offset[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59:
        raise ValueError(f"no offset: {offset}")
    length = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-length if offset[0] == "-" else length)


def in_zone(when: datetime, zone: tzinfo) -> datetime:
    """The same instant in another zone; raises `Unreadable` beyond the calendar."""
    try:
        return when.astimezone(zone)
    except OverflowError as error:
        raise Unreadable("beyond the calendar") from error


def _said(value: Any) -> Moment | None:
    if isinstance(value, datetime):
        return Moment(value.date(), value.time(), UTC)
    return moment_of(value) if isinstance(value, str) else None
