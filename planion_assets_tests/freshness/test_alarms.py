"""Which changes of problems are reported, over simulated minutes and days, and what is remembered of them."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from planion_assets.freshness.alarms import (
    GROUPED_BEYOND,
    Change,
    Cursor,
    Problem,
    Reported,
    cause_of,
    changes,
    grouped,
)

pytestmark = pytest.mark.usefixtures("no_collection")

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
REFUSED = "page 1 of sessions answered 401; the feed refused the token"


def problem(of: str = "AAA|A", reason: str = REFUSED, kind: str = "refresh", **more: object) -> Problem:
    """A problem of a conference whose cause is that of its reason."""
    return Problem(kind, of, reason, cause_of(reason, of), **more)  # type: ignore[arg-type]


def simulated(looks: Iterable[Sequence[Problem]], every: timedelta = MINUTE) -> list[tuple[int, str, str]]:
    """The alarms of each evaluation: its number, the kind of change, the subject. The cursor is passed on as text."""
    text: str | None = None
    reported = []
    for number, problems in enumerate(looks):
        cursor = Cursor.parse(text)
        alarms, after = changes(cursor.reported, problems, NOW + number * every)
        reported += [(number, str(alarm.change), alarm.problem.of) for alarm in alarms]
        text = Cursor(after, NOW).dump()
    return reported


A, B = problem(), problem("AAA|B")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "none"),
        ("", "empty"),
        ("{", "cut"),
        ("[]", "a list"),
        ("null", "nothing"),
        ('{"version": 2}', "another version"),
        ('{"version": 1}', "without its members"),
        ('{"version":1,"looked":1,"mark":"","webhook":null,"told":{"refresh":{"AAA|A":["x"]}}}', "short"),
        ('{"version":1,"looked":1e99,"mark":"","webhook":null,"told":{}}', "no instant"),
        ('{"version":1,"looked":1,"mark":"","webhook":null,"told":{"refresh":[1]}}', "a list of told"),
        ("[" * 100_000, "deep"),
    ],
)
def test_a_damaged_cursor_is_as_if_nothing_had_been_told(text: str | None, what: str) -> None:
    assert Cursor.parse(text) == Cursor(), what


def test_a_cursor_is_read_as_it_was_written() -> None:
    reported = {("refresh", "AAA|A"): Reported("0a", NOW, NOW), ("check x", "AAA|A"): Reported("0b", NOW, None)}
    cursor = Cursor(reported, NOW, "1 2", "PLANION_FAILURE_WEBHOOK")
    assert Cursor.parse(cursor.dump()) == cursor
    assert json.loads(cursor.dump())["version"] == 1


@pytest.mark.parametrize(
    ("looks", "reported"),
    [
        ([[]] * 60, []),
        # One wrong token for 14 minutes of a schedule of one minute.
        ([[]] + [[A]] * 14 + [[]] * 5, [(1, "new", "AAA|A"), (15, "recovered", "AAA|A")]),
        ([[A]] * 7 + [[A, B]] * 7, [(0, "new", "AAA|A"), (7, "new", "AAA|B")]),
        ([[A]] * 5 + [[problem(reason="page 1 of sessions answered 500; later")]] * 9,
         [(0, "new", "AAA|A"), (5, "changed", "AAA|A")]),
        # Another page and other counts are no other reason.
        ([[problem(reason=f"page {page} of sessions answered 503")] for page in range(1, 9)], [(0, "new", "AAA|A")]),
        ([[A], [], [A]], [(0, "new", "AAA|A"), (1, "recovered", "AAA|A"), (2, "new", "AAA|A")]),
        # What is worse in the same way is no change.
        ([[problem(attempts=n)] for n in range(1, 9)], [(0, "new", "AAA|A")]),
        ([[problem(patience=5 * MINUTE)]] * 5, []),
        ([[problem(patience=5 * MINUTE)]] * 5 + [[]], []),
        ([[problem(patience=5 * MINUTE)]] * 9, [(5, "new", "AAA|A")]),
        ([[problem(patience=5 * MINUTE, since=NOW - DAY)]] * 4, []),
    ],
)  # fmt: skip
def test_each_change_is_reported_once(looks: list[list[Problem]], reported: list[tuple[int, str, str]]) -> None:
    assert simulated(looks) == reported


def test_what_lasts_is_reported_again_once_a_day_and_what_a_person_started_is_not() -> None:
    hours = [[A, problem("AAA|B", once=True)]] * 73
    reported = simulated(hours, timedelta(hours=1))
    assert [look for look, change, _ in reported if change == "still"] == [24, 48, 72]
    assert {of for _, change, of in reported if change == "still"} == {"AAA|A"}


def test_a_message_begins_with_what_is_new() -> None:
    reported = {
        problem(name).key: Reported(cause_of(REFUSED), NOW - 2 * DAY, NOW - 2 * DAY) for name in ("still", "well")
    }
    reported[problem("other").key] = Reported("before", NOW - DAY / 2, NOW - DAY / 2)
    alarms, _ = changes(reported, [problem("still"), problem("other"), problem("z new"), problem("a new")], NOW)
    assert [(str(alarm.change), alarm.problem.of) for alarm in alarms] == [
        ("new", "a new"),
        ("new", "z new"),
        ("changed", "other"),
        ("still", "still"),
        ("recovered", "well"),
    ]
    assert alarms[2].problem.since == NOW - DAY / 2


def test_since_is_when_it_began_or_was_first_seen() -> None:
    (known,), after = changes({}, [problem(since=NOW - DAY)], NOW)
    assert known.problem.since == NOW - DAY
    (over,), _ = changes(after, [], NOW + MINUTE)
    assert (over.change, over.problem.since) == (Change.RECOVERED, NOW - DAY)
    (seen,), _ = changes({}, [problem()], NOW)
    assert seen.problem.since == NOW


def test_of_what_nobody_can_say_nothing_is_reported_and_nothing_forgotten() -> None:
    _, reported = changes({}, [A, B], NOW)
    alarms, after = changes(reported, [], NOW + 2 * DAY, {A.key})
    assert [alarm.problem.of for alarm in alarms] == ["AAA|B"]
    assert after == {A.key: reported[A.key]}


def test_all_conferences_or_many_that_fail_for_one_reason_are_one_group() -> None:
    def groups(count: int, total: int) -> list[int]:
        some = [problem(f"AAA|C{n}", f"AAA|C{n}: page {n} answered 503") for n in range(count)]
        alarms, _ = changes({}, [*some, problem("other", "another reason")], NOW)
        return [len(group) for group in grouped(alarms, [f"AAA|C{n}" for n in range(total)])]

    assert groups(3, 4) == [1, 1, 1, 1]
    assert groups(3, 3) == [3, 1]
    assert groups(GROUPED_BEYOND, 1000) == [1] * (GROUPED_BEYOND + 1)
    assert groups(GROUPED_BEYOND + 1, 1000) == [GROUPED_BEYOND + 1, 1]
    assert groups(1, 1) == [1, 1]


def test_a_cause_is_another_with_another_status() -> None:
    causes = {cause_of(f"page 1 answered {status}; x") for status in (401, 403, 404, 500, 503)}
    assert len(causes) == 5
