"""The servers honour conditional writes atomically, on which it rests that two refreshes at once never mix."""

import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import obstore
import pytest
from obstore.exceptions import AlreadyExistsError, PreconditionError

from planion_assets_tests.faults.conference import Conference
from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.killed import check_all, refreshes_into
from planion_assets_tests.servers.object_proxy import ObjectProxy

pytestmark = pytest.mark.servers
_WRITERS, _INCREMENTS, _STATES = 2, 60, 12


def _count_up(bucket: Bucket, times: int) -> None:
    """Raise the number in an object that many times, each exactly once, whoever else does so."""
    store = bucket.open()
    for _ in range(times):
        while True:
            found = obstore.get(store, "counter")
            number = json.loads(bytes(found.bytes()))
            expected: Any = {"e_tag": found.meta["e_tag"]}
            try:
                obstore.put(store, "counter", json.dumps(number + 1).encode(), mode=expected)
                break
            except (PreconditionError, AlreadyExistsError):
                continue


def test_of_two_processes_that_count_up_one_object_no_increment_is_lost(bucket: Bucket) -> None:
    store = bucket.open()
    obstore.put(store, "counter", b"0", mode="create")
    with pytest.raises(AlreadyExistsError):
        obstore.put(store, "counter", b"0", mode="create")
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_count_up, args=(bucket, _INCREMENTS)) for _ in range(_WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * _WRITERS
    assert json.loads(bytes(obstore.get(store, "counter").bytes())) == _WRITERS * _INCREMENTS


def test_two_refreshes_at_once_record_each_change_once(bucket: Bucket) -> None:
    with (
        Conference() as conference,
        ObjectProxy(str(bucket.storage["endpoint"])) as proxy,
        refreshes_into(bucket, proxy, conference) as one,
        refreshes_into(bucket, proxy, conference) as other,
        ThreadPoolExecutor(2) as threads,
    ):
        assert one.run() == "0"
        for _ in range(_STATES):
            conference.advance()
            ended = [threads.submit(refreshes.run) for refreshes in (one, other)]
            assert [future.result() for future in ended] == ["0", "0"]
            check_all(bucket, conference.number)
