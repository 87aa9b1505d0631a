"""The replay server of the bench: what it serves is a feed, and what it counts is true.

The figures of docs/reference/performance.md rest on it, and so does whoever counts requests with it.
"""

import json
import socket
from urllib.parse import quote, urlsplit

import requests

from benchmarks.cases import CASES, Case
from benchmarks.server import Server, asked_seconds, serving
from planion_assets.feed.client import FeedClient, Limits
from planion_assets.feed.walk import walk
from planion_assets.keys import ConferenceKey
from planion_assets.tables import catalog
from planion_assets.tables.arrow.builder import build_table

# Long enough for every request to arrive before the first is answered, on a busy machine too.
WAITING = 0.5


def test_it_serves_whole_conferences_and_counts_what_was_asked() -> None:
    case = Case("test", "", conferences=2, sessions=250, accounts=2)
    with serving(case) as server:
        for account, conference in case.keys:
            key = ConferenceKey(account, conference)
            with FeedClient(server.url, "any", limits=Limits(max_attempts=1)) as client:
                read = walk(client, key)
            assert (len(read.items), read.pages) == (250, 3)
            for name, rows in (("sessions", 250), ("rejected_items", 0)):
                built = build_table(catalog.table(name), key, read.items)
                assert (built.data.num_rows, built.unreadable) == (rows, ())
            payload = sum(len(item.payload) for item in read.items) / len(read.items)
            assert 4_500 < payload < 6_000
        counts = server.counts()
        assert (counts["requests"], counts["under_way"], counts["most_at_once"]) == (6, 0, 1)
        assert {account: tally["requests"] for account, tally in counts["accounts"].items()} == {"B00": 3, "B01": 3}
        server.reset()
        assert (server.counts()["requests"], server.counts()["accounts"]) == (0, {})


def test_it_counts_what_is_under_way_at_once_by_account() -> None:
    case = Case("test", "", conferences=2, sessions=1, latency=WAITING, accounts=2)
    with serving(case) as server:
        asking = [_ask(server, "B00", "C0000") for _ in range(3)] + [_ask(server, "B01", "C0001") for _ in range(2)]
        for connection in asking:
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
            connection.close()
        counts = server.counts()
    assert (counts["requests"], counts["most_at_once"], counts["under_way"]) == (5, 5, 0)
    assert {account: tally["most_at_once"] for account, tally in counts["accounts"].items()} == {"B00": 3, "B01": 2}
    assert asked_seconds(counts) >= WAITING
    assert asked_seconds(counts, counts["busy"][0][0]) == 0


def test_what_is_not_prepared_is_answered_404_and_not_counted() -> None:
    with serving(Case("test", "", conferences=1, sessions=1)) as server:
        for asked in ("sessions", 'sessions?where={"account":"B00","conference":"X"}', "speakers", "x?page=a"):
            assert requests.get(f"{server.url}/{asked}", timeout=60).status_code == 404, asked
        assert server.counts()["requests"] == 0


def test_alike_answers_any_conference_with_the_pages_of_the_only_one_and_counts_its_account() -> None:
    def page(name: str, number: int) -> bytes:
        where = quote(json.dumps({"account": name, "conference": f"of {name}"}))
        return requests.get(f"{server.url}/sessions?where={where}&page={number}", timeout=60).content

    with serving(Case("test", "", conferences=1, sessions=101), alike=True) as server:
        assert [page("B07", number) for number in (1, 2)] == [page("B08", number) for number in (1, 2)]
        assert server.counts()["accounts"].keys() == {"B07", "B08"}


def test_every_case_has_its_conferences_spread_over_its_accounts() -> None:
    for case in CASES.values():
        accounts = [account for account, _ in case.keys]
        assert len(set(case.keys)) == case.conferences
        assert {accounts.count(account) for account in accounts} == {case.conferences // case.accounts}


def _ask(server: Server, account: str, conference: str) -> socket.socket:
    """A connection over which the first page of a conference has been asked for."""
    split = urlsplit(server.url)
    connection = socket.create_connection((split.hostname or "", split.port or 0), timeout=60)
    where = quote(json.dumps({"account": account, "conference": conference}))
    connection.sendall(f"GET {split.path}/sessions?where={where} HTTP/1.1\r\nHost: replay\r\n\r\n".encode())
    return connection
