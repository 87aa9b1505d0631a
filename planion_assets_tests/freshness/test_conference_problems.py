"""Which verdicts on a conference are a problem, and how long each is waited for."""

from datetime import timedelta
from typing import Any

import pytest

from planion_assets.freshness.alarms import cause_of
from planion_assets.freshness.conference_problems import CONTENT, FILES, REFRESH, problems
from planion_assets.freshness.survey import judged
from planion_assets.freshness.verdicts import Level
from planion_assets.storage.last_read import Failure
from planion_assets_tests.freshness.test_verdicts import LIMITS, NOW, facts

FAILURE = Failure("page 2 of AAA|AM2026 answered 500", NOW - timedelta(hours=9), NOW, 19)
LATE = NOW - LIMITS.read - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ({}, []),
        ({"failure": FAILURE}, [REFRESH]),
        ({"failure": FAILURE, "last_read": LATE}, [REFRESH]),
        ({"failure": FAILURE, "ends": NOW - timedelta(days=1)}, []),
        ({"failure": FAILURE, "limits": None}, []),
        ({"last_read": LATE}, [REFRESH]),
        ({"newest": NOW - LIMITS.warn}, []),
        ({"newest": NOW - LIMITS.error}, [CONTENT]),
        ({"newest": None, "problem": "x is no Parquet"}, [CONTENT]),
        ({"problems": ("x is no Parquet",)}, [FILES]),
        ({"nameless": 2}, []),  # a check's matter
        ({"newest": NOW - LIMITS.error, "problems": ("x",), "last_read": LATE}, [REFRESH, CONTENT, FILES]),
    ],
)
def test_what_is_a_problem(more: dict[str, Any], kinds: list[str]) -> None:
    assert [problem.kind for problem in problems([judged(facts(**more), NOW)])] == kinds


def test_a_conference_that_fails_is_one_problem_before_and_after_it_is_late() -> None:
    early, late = problems([judged(facts(failure=FAILURE, last_read=at), NOW) for at in (NOW, LATE)])
    assert (early.cause, early.since, early.attempts) == (late.cause, FAILURE.since, 19)
    assert (early.level, late.level) == (Level.WARN, Level.ERROR)
    assert early.cause == cause_of("page 3 of TOS|X answered 500", "TOS|X")


@pytest.mark.parametrize(
    ("more", "patience"),
    [({"last_read": None}, LIMITS.read), ({"last_read": None, "failure": FAILURE}, None), ({"last_read": LATE}, None)],
)
def test_only_one_that_was_never_tried_is_waited_for(more: dict[str, Any], patience: timedelta | None) -> None:
    (problem,) = problems([judged(facts(**more), NOW)])
    assert problem.patience == (patience or timedelta())
