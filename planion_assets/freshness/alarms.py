"""What has changed about the problems since the last alarm on each: new, changed, still there, recovered. Pure.

What is a problem of a conference is in `conference_problems.py`; how an alarm is worded and sent is Dagster's side.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from planion_assets.freshness.verdicts import Level

STILL_AFTER = timedelta(days=1)
"""How long after its last alarm a problem that lasts is reported again."""
GROUPED_BEYOND = 20
"""More alarms than this of one change, kind and cause are sent as one."""
_VERSION = 1
_DIGITS = 8


class Change(StrEnum):
    """What has become of a problem, in the order in which a message has them."""

    NEW = "new"
    CHANGED = "changed"
    STILL = "still"
    RECOVERED = "recovered"


Key = tuple[str, str]
"""The kind of a problem (`refresh`), and of what it is: a conference, a job, or nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong now: its reason, and its `cause`, by which a change of reason is known.

    `since` (UTC) is None where it is unknown: the first look that saw the problem counts then. The problem is reported
    when it has lasted for `patience`, and again each day unless `once`. `attempts` is how often it happened, 0 where
    that says nothing. `run` is the ID of a run whose log says more.
    """

    kind: str
    of: str
    reason: str
    cause: str
    level: Level = Level.ERROR
    since: datetime | None = None
    attempts: int = 0
    patience: timedelta = timedelta()
    once: bool = False
    run: str | None = None

    @property
    def key(self) -> Key:
        """What identifies the problem from one look to the next."""
        return self.kind, self.of


@dataclass(frozen=True, slots=True)
class Reported:
    """What is remembered of a problem: its cause, since when it is, and when it was reported; None for not yet."""

    cause: str
    since: datetime
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A change of a problem, whose reason is empty where it has recovered."""

    change: Change
    problem: Problem


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a sensor remembers from one look to the next.

    `seen_at` is the instant (UTC) of the last look at everything, `mark` is compared to see whether anything happened
    since, `webhook` is the name of the environment variable with the webhook's address.
    """

    reported: Mapping[Key, Reported] = field(default_factory=dict)
    seen_at: datetime | None = None
    mark: str = ""
    webhook: str | None = None

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """What `dump` wrote. A damaged text, and one of another version, is as if nothing had been reported."""
        try:
            content = json.loads(text or "")
            if content["version"] != _VERSION:
                return cls()
            reported = {
                (kind, of): Reported(str(cause), _instant(since), _instant(at) if at else None)
                for kind, entries in content["told"].items()
                for of, (cause, since, at) in entries.items()
            }
            seen_at, webhook = content["looked"], content["webhook"]
            return cls(reported, _instant(seen_at) if seen_at else None, str(content["mark"]), webhook and str(webhook))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError, RecursionError):
            return cls()

    def dump(self) -> str:
        """The cursor as JSON: Dagster stores it with every tick, so instants are whole seconds."""
        reported: dict[str, dict[str, list[str | int]]] = {}
        for (kind, of), one in self.reported.items():
            reported.setdefault(kind, {})[of] = [one.cause, _seconds(one.since), _seconds(one.at)]
        content = {"version": _VERSION, "looked": _seconds(self.seen_at), "mark": self.mark, "webhook": self.webhook}
        return json.dumps({**content, "told": reported}, separators=(",", ":"))


def changes(
    reported: Mapping[Key, Reported], problems: Iterable[Problem], now: datetime, unknown: Collection[Key] = ()
) -> tuple[list[Alarm], dict[Key, Reported]]:
    """The alarms that are due, in the order of a message, and what is remembered once they are sent.

    Of the keys that are `unknown` nobody can say whether the problem lasts: what is remembered of them stays.
    """
    alarms: list[Alarm] = []
    after: dict[Key, Reported] = {}
    for problem in problems:
        # Until it is reported, `since` is when it was first seen: its patience counts from then on.
        before = reported.get(problem.key) or Reported(problem.cause, now, None)
        change, since = _change(problem, before, now), before.since
        if change is Change.NEW:
            since = problem.since or since
        if change:
            alarms.append(Alarm(change, replace(problem, since=since)))
        after[problem.key] = Reported(problem.cause, since, now if change else before.at)
    for key, before in reported.items():
        if key in after:
            continue
        if key in unknown:
            after[key] = before
        elif before.at:
            alarms.append(Alarm(Change.RECOVERED, Problem(*key, "", before.cause, Level.OK, before.since)))
    order = list(Change)
    return sorted(alarms, key=lambda alarm: (order.index(alarm.change), alarm.problem.key)), after


def _change(problem: Problem, before: Reported, now: datetime) -> Change | None:
    if before.at is None:
        return Change.NEW if now - before.since >= problem.patience else None
    if before.cause != problem.cause:
        return Change.CHANGED
    return Change.STILL if now - before.at >= STILL_AFTER and not problem.once else None


def grouped(alarms: Sequence[Alarm], conferences: Collection[str]) -> list[list[Alarm]]:
    """The alarms in the order given, those together that are about all conferences or over twenty, for one cause."""
    alike: dict[tuple[str, str, str], list[Alarm]] = {}
    for alarm in alarms:
        alike.setdefault((alarm.change, alarm.problem.kind, alarm.problem.cause), []).append(alarm)
    groups: list[list[Alarm]] = []
    for some in alike.values():
        everything = len(some) > 1 and {alarm.problem.of for alarm in some} >= set(conferences)
        groups += [some] if everything or len(some) > GROUPED_BEYOND else [[alarm] for alarm in some]
    return groups


def cause_of(reason: str, of: str = "") -> str:
    """Eight hex digits of a reason that are the same while only its numbers and the name it is about differ.

    Pages and counts differ from one attempt to the next; the status of an answer is what it is about.
    """
    first = reason.partition("\n")[0]
    plain = re.sub(r"(answered \d+)|\d+", lambda found: found[1] or "0", first.replace(of, "") if of else first)
    return sha256(plain.encode(errors="replace")).hexdigest()[:_DIGITS]


def _seconds(instant: datetime | None) -> int:
    return int(instant.timestamp()) if instant else 0


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
