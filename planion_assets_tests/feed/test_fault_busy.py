"""429 and Retry-After: how long is waited, and when waiting is refused."""

from email.utils import formatdate

import pytest

from planion_assets.feed.answer import retry_after
from planion_assets.feed.errors import BusyError, FeedError, TransientFeedError
from planion_assets.feed.limits import Limits
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.faults import GOOD, nothing_leaks
from planion_assets_tests.feed.server import FAST, KEY, FakeTime, Request, Response, ScriptedServer, client_of

NOW = 1_000_000.0  # the clock of FakeTime; 1970-01-12 13:46:40 UTC
USELESS = {
    "0": "0",
    "in the past": formatdate(NOW - 3600, usegmt=True),
    "absent": None,
    "garbage": "soon",
    "negative": "-5",
    "a fraction": "1.5",
    "a date beyond the calendar": "Mon, 01 Jan 99999 00:00:00 GMT",
}


def _busy(value: str | None, status: int = 429) -> Response:
    return Response(b"", status, {} if value is None else {"Retry-After": value})


def _waits(value: str | None, *, times: int = 1, status: int = 429) -> list[float]:
    """The waits of a walk that is told so often to come back later."""
    time = FakeTime()

    def answer(request: Request) -> Response:
        return _busy(value, status) if request.number < times else GOOD

    with ScriptedServer(answer) as server, client_of(server, time=time) as client, nothing_leaks(client):
        walk(client, KEY)
        assert client.usage.retries == times
    return time.slept


def _refused(value: str, limits: Limits = FAST) -> FeedError:
    """The error of a walk that is told to come back later, after exactly one request and no wait."""
    time = FakeTime()
    with ScriptedServer(lambda _: _busy(value)) as server, client_of(server, time=time, limits=limits) as client:
        with nothing_leaks(client) as errors:
            with pytest.raises(TransientFeedError) as caught:
                walk(client, KEY)
            errors.append(caught.value)
        assert len(server.requests) == 1
    assert time.slept == []
    return caught.value


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("120", 120),
        (formatdate(NOW + 50, usegmt=True), 50),
        # The two dates of RFC 9110, 5.6.7 that are obsolete and must still be read; the second names no zone.
        ("Monday, 12-Jan-70 13:47:10 GMT", 30),
        ("Mon Jan 12 13:47:10 1970", 30),
    ],
)
def test_429_with_retry_after_in_seconds_or_as_a_date_waits_so_long(value: str, seconds: float, status: int) -> None:
    limits = Limits(walk_timeout=300)
    time = FakeTime()

    def answer(request: Request) -> Response:
        return _busy(value, status) if request.number == 0 else GOOD

    with ScriptedServer(answer) as server, client_of(server, time=time, limits=limits) as client:
        walk(client, KEY)
    assert time.slept == [pytest.approx(seconds)]


@pytest.mark.parametrize("value", USELESS.values(), ids=USELESS)
def test_429_with_retry_after_that_says_nothing_useful_backs_off_with_jitter(value: str | None) -> None:
    one, other = _waits(value, times=4), _waits(value, times=4)
    for waits in (one, other):
        assert all(0 <= wait <= 0.5 * 2**number for number, wait in enumerate(waits))
    assert one != other
    assert len({*one, *other}) > 4


def test_429_with_retry_after_of_86400_fails_at_once_and_says_when_to_come_back() -> None:
    error = _refused("86400")
    assert isinstance(error, BusyError)
    assert "page 1 (1 attempt): answered 429 and asks to wait until 1970-01-13 13:46:40 UTC (86400 s)" in str(error)
    assert "longer than `feed.max_retry_after` of 120 s" in str(error)


def test_429_over_a_lower_limit_fails_at_once_too() -> None:
    error = _refused("8", Limits(max_retry_after=7))
    assert "until 1970-01-12 13:46:48 UTC" in str(error)
    assert "`feed.max_retry_after` of 7 s" in str(error)


def test_429_within_the_limit_and_beyond_the_walks_time_fails_at_once_and_says_when_to_come_back() -> None:
    error = _refused("100", Limits(walk_timeout=60))
    assert "asks to wait until 1970-01-12 13:48:20 UTC (100 s)" in str(error)
    assert "no time for more within the walk's 60 s" in str(error)


@pytest.mark.parametrize("value", ["9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_429_for_all_time_fails_at_once(value: str) -> None:
    assert isinstance(_refused(value), BusyError)


def test_a_date_counts_from_the_wall_clock() -> None:
    assert retry_after(formatdate(NOW + 5, usegmt=True), NOW) == 5
    assert retry_after(" 5 ", NOW) == 5
    assert retry_after("\u0665", NOW) is None  # a digit, and none of HTTP's
