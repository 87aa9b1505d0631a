"""What a single value may be: each function returns the value, or raises ValueError in words that follow a key.

A message repeats a name or a time zone and no other value, which may be a token. Durations and dates are written
`90s`, `15m`, `36h`, `14d` and `2027-06-30`.
"""

import contextlib
import re
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from planion_assets.config.constants import DEFAULT_FILE, FEED_URL
from planion_assets.config.zone_guess import likely_zone
from planion_assets.keys import name_problem, quoted
from planion_assets.loopback import is_loopback

_Entry = TypeVar("_Entry")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(\d{1,9})\s*([smhd])", re.ASCII)  # nine digits of days are as many as a timedelta holds
# How they are written, for the schema of the file.
DURATION_PATTERN = r"^\s*\d{1,9}\s*[smhd]\s*$"
DURATION_OR_NEVER_PATTERN = r"^\s*(never|\d{1,9}\s*[smhd])\s*$"
DATE_PATTERN = r"^\s*\d{4}-\d\d-\d\d\s*$"


def checked_name(name: str) -> str:
    """An account or conference whose name fits a path and a partition key."""
    if problem := name_problem(name):
        raise ValueError(problem)
    return name


def checked_variable_name(name: str) -> str:
    """The name of an environment variable, which a token put there by mistake seldom is."""
    if not _VARIABLE.fullmatch(name):
        raise ValueError(
            "is not the name of an environment variable (not shown, it may be a token); put the token into a "
            "variable and write the variable's name here, for example PLANION_TOKEN_AAA"
        )
    return name


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def checked_timezone(name: str) -> str:
    """The IANA name of a time zone."""
    known = _timezones()
    if name in known:
        return name
    if not known:
        raise ValueError("cannot be checked, this Python has no time zone data; pip install tzdata")
    likely = likely_zone(name, known)
    advice = f"did you mean {likely}?" if likely else "write one like America/Chicago, or leave the value out"
    raise ValueError(f"{quoted(name)} is not an IANA time zone; {advice}")


def checked_url(url: str, allow_http: bool, like: str = FEED_URL, *, sends: str = "tokens", below: str = "feed") -> str:
    """`url` without a slash at its end; messages show one `like` it should be, and say what is sent there."""
    if not url.isprintable() or re.search(r"[\s\\]", url):
        raise ValueError("holds white space, a backslash or an unprintable character; take it out")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"is not an address; write one like {like}") from None
    if parts.scheme not in ("https", "http"):
        raise ValueError(f"does not begin with https://; write the whole address, like {like}")
    if "@" in parts.netloc:
        raise ValueError("holds a user name or password (not shown); take it out, secrets are no part of an address")
    if not host:
        raise ValueError(f"names no host; write one like {like}")
    if "?" in url or "#" in url:
        raise ValueError("holds a query or fragment ('?' or '#'); end it before that, requests add their own")
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        raise ValueError(
            f"would send {sends} unencrypted (http to a host that is not this machine); write https://, "
            f"or set allow_http: true under {below} in {DEFAULT_FILE}"
        )
    return parts.geturl().rstrip("/")


# No token is sent to Dagster's UI, so http will do.
checked_dagster_url = partial(checked_url, allow_http=True, like="https://dagster.example.com")


def webhook_problem(address: str) -> str | None:
    """Why an address cannot be posted to, in words that follow a key; None when it can. A query is welcome."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not address.isprintable() or re.search(r"[\s\\]", address):
        return "does not hold an address (not shown, it may be a secret); write one that begins with https://"
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return "does not begin with https:// (not shown, it may be a secret); only this machine may be sent http"
    return None


def not_empty(entries: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
    """A list of at least one entry."""
    # Not min_length: pydantic leaves wrong entries out of the count, and would report one mistake as two.
    if not entries:
        raise ValueError("lists none; give at least one")
    return entries


def parse_duration(value: object) -> timedelta:
    """The duration that a text says. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError("is not a duration; write a whole number and its unit, for example 90s, 15m, 36h or 14d")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def parse_duration_or_never(value: object) -> timedelta | None:
    """The duration that a text says, None for the word `never`. Raises ValueError."""
    never = value is None or (isinstance(value, str) and value.strip() == "never")
    return None if never else parse_duration(value)


def parse_date(value: object) -> date:
    """The calendar date that a text says. Raises ValueError."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip(), re.ASCII):
        with contextlib.suppress(ValueError):  # the 30th of February
            return date.fromisoformat(value.strip())
    raise ValueError("is not a date; write year, month and day like 2027-06-30")


def duration_text(duration: timedelta) -> str:
    """A duration as planion.yaml writes it, in the largest unit that holds it exactly; fractions of a second go."""
    seconds = int(duration.total_seconds())
    unit = next(unit for unit, size in _UNITS.items() if seconds % size == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def value_text(value: Any) -> str:
    """A duration or a number as planion.yaml would write it."""
    return duration_text(value) if isinstance(value, timedelta) else f"{value:g}"
