"""The sandbox over real HTTP: refusals first, then pages, links, changes and connections."""

import gzip
import http.client
import json
import threading
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import pytest

from planion_assets.sandbox import CONFERENCES, TOKENS, Sandbox, SandboxServer
from planion_assets.sandbox.items import TIMESTAMP
from planion_assets.sandbox.pages import MAX_RESULTS
from planion_assets_tests.recording_server import RecordingServer
from planion_assets_tests.sandbox.feed_client import Answer, basic, fetch, page, sessions_url, walk

COUNTS = {
    ("myaccount", "2018"): 300,
    ("AAA", "AM2026"): 1200,
    ("AAA", "AM2036"): 87,
    ("AAA", "AM2037"): 0,
    ("TOS", "OW2026"): 823,
    ("TOS", "WS2027"): 1,
    ("AAA", "MESS"): 41,
}
WHERE = quote('{"account":"AAA","conference":"AM2026"}')
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def assert_error(answer: Answer, code: int) -> None:
    assert answer.status == code
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json["_status"] == "ERR"
    assert answer.json["_error"]["code"] == code
    assert answer.json["_error"]["message"]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic gICA",
        "Bearer " + TOKENS["AAA"],
        "sandbox-token-nobody",
        basic("sandbox-token-nobody"),
        basic(TOKENS["AAA"], "secret"),
        basic(TOKENS["TOS"]),
        TOKENS["TOS"],
    ],
)
def test_without_the_accounts_token_it_is_401_and_nothing_is_echoed(
    server: SandboxServer, authorization: str | None
) -> None:
    answer = fetch(sessions_url(server.url, "AAA", "AM2026"), authorization=authorization)
    assert_error(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert b"sandbox-token" not in answer.body
    assert "AAA" not in answer.body.decode()


def test_an_account_that_does_not_exist_is_401(server: SandboxServer) -> None:
    answer = fetch(sessions_url(server.url, "ZZZ", "AM2026"), authorization=TOKENS["AAA"])
    assert_error(answer, 401)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "page=1",
        "where=",
        "where={",
        "where=%5B%5D",
        "where=null",
        "where=" + quote('{"account":"AAA"}'),
        "where=" + quote('{"conference":"AM2026"}'),
        "where=" + quote('{"account":"AAA","conference":2026}'),
        "where=" + quote('{"account":"AAA","conference":"AM2026","published":true}'),
        "where=" + quote("[" * 20_000),
        "where=%ff",
        f"where={WHERE}&where={WHERE}",
        'where={"account":"AAA","conference":"A&B+C"}',
        *(f"where={WHERE}&page={page}" for page in ("0", "-1", "1.5", "two", "", "%D9%A1", "9" * 5000, "1&page=2")),
    ],
)
def test_a_query_that_is_not_understood_is_400(server: SandboxServer, query: str) -> None:
    assert_error(raw_get(server, f"/feed/v1/sessions?{query}"), 400)


@pytest.mark.parametrize("path", ["/", "/feed/v1", "/feed/v1/people", "/feed/v1/sessions/", "/sandbox/advance"])
def test_an_unknown_path_is_404(server: SandboxServer, path: str) -> None:
    assert_error(fetch(server.origin + path, authorization=TOKENS["AAA"]), 404)


def test_speakers_are_403_where_the_contract_does_not_include_them(server: SandboxServer) -> None:
    url = sessions_url(server.url, "TOS", "OW2026").replace("/sessions?", "/speakers?")
    assert_error(fetch(url, authorization=TOKENS["TOS"]), 403)
    assert_error(fetch(url, authorization=TOKENS["AAA"]), 401)


@pytest.mark.parametrize(
    ("method", "account", "status"),
    [
        *((method, "AAA", 200) for method in ("abstracts", "eposters", "disclosures")),
        ("abstracts", "TOS", 200),
        ("eposters", "TOS", 403),
        ("disclosures", "TOS", 403),
        ("abstracts", "myaccount", 403),
        ("posters", "AAA", 404),
    ],
)
def test_other_methods_are_there_where_the_contract_includes_them(
    server: SandboxServer, sandbox: Sandbox, method: str, account: str, status: int
) -> None:
    conference = {"AAA": "AM2036", "TOS": "OW2026", "myaccount": "2018"}[account]
    url = sessions_url(server.url, account, conference).replace("/sessions?", f"/{method}?")
    answer = fetch(url, authorization=TOKENS[account])
    assert answer.status == status
    if status == 200:
        whole = sandbox.collection(method, account, conference)
        assert answer.json["_items"] == whole[:100]
        assert answer.json["_meta"]["total"] == len(whole) > 10
        assert {(one["account"], one["conference"]) for one in whole} == {(account, conference)}
        assert len({one["_id"] for one in whole}) == len(whole)


def test_speakers_are_the_people_engaged_each_once(server: SandboxServer, sandbox: Sandbox) -> None:
    url = sessions_url(server.url, "AAA", "AM2036", page=2).replace("/sessions?", "/speakers?")
    answer = fetch(url, authorization=TOKENS["AAA"]).json
    people = sandbox.speakers("AAA", "AM2036")
    assert answer["_items"] == people[100:200]
    assert answer["_links"]["next"]["href"].startswith("speakers?where=")
    engaged = {speaker["pid"] for item in sandbox.items("AAA", "AM2036") for speaker in item["speakers"]}
    assert {person["pid"] for person in people} == engaged
    assert len(people) == len(engaged) > 200


def test_posting_to_the_feed_is_404_and_another_method_is_501(server: SandboxServer) -> None:
    url = sessions_url(server.url, "AAA", "AM2026")
    assert_error(fetch(url, method="POST"), 404)
    assert_error(fetch(url, method="DELETE"), 501)


def test_it_is_served_to_this_machine_only(server: SandboxServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.url == f"http://127.0.0.1:{server.server_port}/feed/v1"


def test_a_wrong_conference_has_no_items(server: SandboxServer) -> None:
    answer = page(server.url, "AAA", "OW2026")
    assert answer.status == 200
    assert answer.json["_items"] == []
    assert answer.json["_meta"] == {"page": 1, "max_results": MAX_RESULTS, "total": 0}
    assert answer.json["_links"].keys() == {"parent", "self"}


def test_past_the_end_there_is_prev_and_no_next(server: SandboxServer) -> None:
    answer = page(server.url, "TOS", "OW2026", 10)
    assert answer.status == 200
    assert answer.json["_items"] == []
    assert answer.json["_meta"]["total"] == COUNTS["TOS", "OW2026"]
    assert answer.json["_links"].keys() == {"parent", "self", "prev"}


def test_the_conferences_are_these() -> None:
    assert list(CONFERENCES) == list(COUNTS)


@pytest.mark.parametrize(("account", "conference"), CONFERENCES)
def test_a_walk_over_all_pages_finds_every_session_once(
    server: SandboxServer, sandbox: Sandbox, account: str, conference: str
) -> None:
    items = walk(server.url, account, conference)
    assert len(items) == COUNTS[account, conference]
    sessions = [item for item in items if isinstance(item, dict)]
    assert {(item["account"], item["conference"]) for item in sessions} <= {(account, conference)}
    if conference != "MESS":
        assert len({item["schedid"] for item in items}) == len(items)
        assert items == sandbox.items(account, conference)


def test_links_are_relative_with_where_unencoded(server: SandboxServer) -> None:
    where = '{"account": "TOS", "conference": "OW2026"}'
    base = f"sessions?where={where}"
    links = {number: page(server.url, "TOS", "OW2026", number).json["_links"] for number in (1, 2, 9)}
    assert links[1] == {
        "parent": {"title": "home", "href": "/"},
        "self": {"title": "sessions", "href": base},
        "next": {"title": "next page", "href": f"{base}&page=2"},
        "last": {"title": "last page", "href": f"{base}&page=9"},
    }
    assert links[2]["prev"] == {"title": "previous page", "href": base}
    assert links[2]["next"]["href"] == f"{base}&page=3"
    assert links[9].keys() == {"parent", "self", "prev"}


@pytest.mark.parametrize("conference", ["A&B+C#%25 é", 'quote " \\ slash/?', "日本 2026", " "])
def test_an_unusual_conference_name_arrives_as_it_was_sent(server: RecordingServer, conference: str) -> None:
    answer = page(server.url, "AAA", conference)
    assert answer.status == 200
    request = server.requests[-1]
    assert request.where == {"account": "AAA", "conference": conference}
    assert (request.method, request.path, request.page, request.status) == ("GET", "/feed/v1/sessions", 1, 200)


def test_where_may_come_unencoded_as_in_the_contract(server: RecordingServer) -> None:
    answer = raw_get(server, '/feed/v1/sessions?where={"account":"AAA","conference":"AM2036#é"}')
    assert answer.status == 200
    assert server.requests[-1].where == {"account": "AAA", "conference": "AM2036#é"}


@pytest.mark.parametrize(
    "authorization", [TOKENS["TOS"], basic(TOKENS["TOS"]), basic(TOKENS["TOS"]).replace("B", "b", 1)]
)
def test_the_token_may_come_alone_or_as_basic(server: SandboxServer, authorization: str) -> None:
    assert fetch(sessions_url(server.url, "TOS", "WS2027"), authorization=authorization).status == 200


def test_gzip_is_used_only_for_a_client_that_accepts_it(server: SandboxServer) -> None:
    url, token = sessions_url(server.url, "AAA", "AM2036"), TOKENS["AAA"]
    plain = fetch(url, authorization=token, Accept_Encoding="gzip;q=0")
    packed = fetch(url, authorization=token, Accept_Encoding="deflate, gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_two_requests_and_an_error_between_travel_on_one_connection(server: SandboxServer) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    ports = []
    asks = [("GET", "/sandbox/health", None), ("POST", "/nowhere", b"a body"), ("GET", "/sandbox/health", None)]
    for method, path, body in asks:
        connection.request(method, path, body)
        response = connection.getresponse()
        assert len(response.read()) == int(response.headers["Content-Length"])
        ports.append(connection.sock.getsockname()[1])
    connection.close()
    assert len(set(ports)) == 1


def test_a_closed_server_answers_no_more_on_a_kept_connection() -> None:
    with SandboxServer(Sandbox()) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
        connection.request("GET", "/sandbox/health")
        connection.getresponse().read()
    connection.auto_open = 0
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask_again(connection)
    connection.close()


def test_served_in_the_foreground_it_is_closed_from_another_thread() -> None:
    server = SandboxServer(Sandbox())
    foreground = threading.Thread(target=server.serve_forever)
    foreground.start()
    assert fetch(f"{server.origin}/sandbox/health").json == {"sandbox": "planion", "version": 0}
    server.close()
    foreground.join(timeout=60)
    assert not foreground.is_alive()


def test_advance_changes_over_http_what_it_says() -> None:
    key = ("AAA", "AM2036")
    with SandboxServer(Sandbox(), clock=lambda: NOON) as server:
        before = {item["schedid"]: item for item in walk(server.url, *key)}
        counts = fetch(f"{server.origin}/sandbox/advance", method="POST").json["|".join(key)]
        after = {item["schedid"]: item for item in walk(server.url, *key)}
        assert fetch(f"{server.origin}/sandbox/health").json == {"sandbox": "planion", "version": 1}
    edited = [after[schedid] for schedid in before.keys() & after.keys() if before[schedid] != after[schedid]]
    added = [after[schedid] for schedid in after.keys() - before.keys()]
    assert counts == {"edited": len(edited), "added": len(added), "removed": len(before.keys() - after.keys())}
    assert all(counts.values())
    assert {item["session_updated_at"] for item in edited + added} == {NOON.strftime(TIMESTAMP)}
    assert all(item["_etag"] != before[item["schedid"]]["_etag"] for item in edited)


def ask_again(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/sandbox/health")
    connection.getresponse()


def raw_get(server: SandboxServer, target: str) -> Answer:
    """A GET whose target is sent as it is: http.client and urllib refuse or encode some of what a shell would send."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    connection.connect()
    connection.sock.sendall(
        f"GET {target} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: {TOKENS['AAA']}\r\n\r\n".encode()
    )
    response = http.client.HTTPResponse(connection.sock, method="GET")
    response.begin()
    answer = Answer(response.status, dict(response.headers), response.read())
    connection.close()
    json.loads(answer.body)
    return answer
