"""Killed at any request, a refresh into a bucket is completed by the next one: no change is lost, none comes twice."""

import random
from collections.abc import Iterator

import pytest

from planion_assets_tests.faults.conference import Conference
from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.killed import check_all, refreshes_into
from planion_assets_tests.servers.object_proxy import ObjectProxy

pytestmark = pytest.mark.servers
KILLS = 200


@pytest.fixture
def conference() -> Iterator[Conference]:
    """A small conference, whose every row an edit changes."""
    with Conference() as conference:
        yield conference


@pytest.mark.long
def test_killed_before_and_after_each_request_nothing_is_lost_nor_repeated(
    bucket: Bucket, conference: Conference
) -> None:
    with ObjectProxy(str(bucket.storage["endpoint"])) as proxy, refreshes_into(bucket, proxy, conference) as refreshes:
        assert refreshes.run() == "0"
        conference.advance()
        before = len(proxy.requests)
        assert refreshes.run() == "0"
        count = len(proxy.requests) - before
        assert count > 10
        for number in range(count):
            for after in (False, True):
                conference.advance()
                assert refreshes.run(number, after=after) == "killed", (number, after)
                assert refreshes.run() == "0", (number, after)
                check_all(bucket, conference.number)
        # What the dead have staged is removed after an hour. No reader takes it for a table.
        hidden = [name for name in bucket.names() if name.startswith(".")]
        assert [name for name in hidden if name.endswith(".parquet")] == []
        assert all(name.endswith(".parquet") for name in set(bucket.names()) - set(hidden))


@pytest.mark.soak
def test_killed_again_and_again_at_random_requests_nothing_is_lost_nor_repeated(
    bucket: Bucket, conference: Conference
) -> None:
    chance = random.Random(KILLS)  # noqa: S311 - moments, not secrets
    with ObjectProxy(str(bucket.storage["endpoint"])) as proxy, refreshes_into(bucket, proxy, conference) as refreshes:
        assert refreshes.run() == "0"
        killed = 0
        while killed < KILLS:
            conference.advance()
            for _ in range(chance.randint(1, 3)):
                killed += refreshes.run(chance.randrange(30), after=chance.random() < 0.5) == "killed"
            assert refreshes.run() == "0"
            check_all(bucket, conference.number)
