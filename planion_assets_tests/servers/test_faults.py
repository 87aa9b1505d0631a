"""What a store refuses is one line with a remedy, nothing that was stored is lost, and the next refresh mends all."""

from collections.abc import Iterator
from typing import Any

import pytest

from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.storage.open_store import open_store
from planion_assets.storage.store import Store
from planion_assets_tests.faults.conference import Conference, refreshed
from planion_assets_tests.servers.azurite import Azurite
from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.killed import check_all
from planion_assets_tests.servers.object_proxy import (
    DENIED,
    DROPPED_BEFORE,
    EXPIRED,
    SLOW_DOWN,
    WITHOUT_CONDITIONS,
    Fault,
    ObjectProxy,
    StoreRequest,
    never,
)
from planion_assets_tests.servers.seaweed import READ_ONLY, Seaweed

pytestmark = pytest.mark.servers


@pytest.fixture
def conference() -> Iterator[Conference]:
    """A small conference, whose every row an edit changes."""
    with Conference() as conference:
        yield conference


@pytest.fixture
def proxy(bucket: Bucket) -> Iterator[ObjectProxy]:
    """A proxy before each server."""
    with ObjectProxy(str(bucket.storage["endpoint"])) as proxy:
        yield proxy


def _store(bucket: Bucket, **storage: Any) -> Store:
    options = {**bucket.options, **storage}
    return open_store(bucket.address, options)


def _refused(store: Store, conference: Conference) -> str:
    """Why a refresh failed, which is one line."""
    outcome = refreshed(store, conference.server.url)
    assert isinstance(outcome, Failed)
    assert "\n" not in outcome.reason
    return outcome.reason


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (SLOW_DOWN, "it asks for fewer requests"),
        (EXPIRED, "the credentials have expired"),
        (DENIED, "the credentials give no right to"),
        (DROPPED_BEFORE, "it cannot be reached"),
    ],
    ids=["throttled", "expired", "denied", "dropped"],
)
def test_a_store_that_refuses_is_one_line_and_what_was_stored_stays(
    bucket: Bucket, proxy: ObjectProxy, conference: Conference, fault: Fault, reason: str
) -> None:
    store = _store(bucket, endpoint=proxy.endpoint, retry_timeout=0.5)
    assert isinstance(refreshed(store, conference.server.url), Refreshed)
    check_all(bucket, 0)
    before = bucket.content()
    conference.advance()
    for only in ("PUT", "GET", "every"):

        def refuse(request: StoreRequest, only: str = only) -> Fault:
            return fault if only in (request.method, "every") else None

        proxy.fault = refuse
        assert reason in _refused(store, conference)
        visible = {name: content for name, content in before.items() if not name.startswith(".")}
        assert {name: content for name, content in bucket.content().items() if not name.startswith(".")} == visible
    proxy.fault = never
    assert isinstance(refreshed(store, conference.server.url), Refreshed)
    check_all(bucket, 1)


def test_a_store_that_is_busy_for_some_requests_is_asked_again(
    bucket: Bucket, proxy: ObjectProxy, conference: Conference
) -> None:
    store = _store(bucket, endpoint=proxy.endpoint)
    proxy.fault = lambda request: SLOW_DOWN if request.number % 3 == 0 else None
    for _ in range(2):
        assert isinstance(refreshed(store, conference.server.url), Refreshed)
        conference.advance()
    check_all(bucket, 1)


def test_without_the_right_to_delete_a_refresh_goes_on(
    bucket: Bucket, proxy: ObjectProxy, conference: Conference
) -> None:
    proxy.fault = lambda request: DENIED if request.is_delete else None
    store = _store(bucket, endpoint=proxy.endpoint)
    for _ in range(2):
        assert isinstance(refreshed(store, conference.server.url), Refreshed)
        conference.advance()
    check_all(bucket, 1)
    assert [name for name in bucket.names() if name.startswith(".staged/")]


@pytest.mark.parametrize("server", ["s3", "azure"])
def test_a_bucket_that_is_not_there_is_one_line(
    request: pytest.FixtureRequest, server: str, conference: Conference
) -> None:
    found: Seaweed | Azurite = request.getfixturevalue(server)
    reason = _refused(_store(found.bucket("nowhere", make=False)), conference)
    assert "there is no such bucket or container" in reason
    assert "make it, or correct `data`" in reason


def test_keys_that_the_store_does_not_know_and_that_may_only_read_are_one_line(
    s3_bucket: Bucket, conference: Conference
) -> None:
    for keys, reason in (
        ({"access_key_id": "nobody", "secret_access_key": "s3cr3t"}, "it does not accept the credentials"),
        ({"access_key_id": "planion", "secret_access_key": "s3cr3t"}, "it does not accept the credentials"),
        (
            {"access_key_id": READ_ONLY["TEST_S3_KEY_ID"], "secret_access_key": READ_ONLY["TEST_S3_SECRET"]},
            "the credentials give no right to write",
        ),
    ):
        said = _refused(_store(s3_bucket, **keys), conference)
        assert reason in said
        assert "s3cr3t" not in said
    assert s3_bucket.names() == []


def test_a_store_that_ignores_conditions_is_refused_before_a_table_is_written(
    s3_bucket: Bucket, conference: Conference
) -> None:
    with ObjectProxy(str(s3_bucket.storage["endpoint"]), fault=lambda _: WITHOUT_CONDITIONS) as proxy:
        reason = _refused(_store(s3_bucket, endpoint=proxy.endpoint), conference)
    assert "does not honour conditional writes" in reason
    assert [name for name in s3_bucket.names() if not name.startswith(".")] == []


def test_an_unchanged_conference_costs_two_requests(bucket: Bucket, proxy: ObjectProxy, conference: Conference) -> None:
    store = _store(bucket, endpoint=proxy.endpoint)
    for _ in range(2):
        proxy.requests.clear()
        assert isinstance(refreshed(store, conference.server.url), Refreshed)
    assert [request.method for request in proxy.requests] == ["GET", "PUT"], list(map(str, proxy.requests))
