"""Answers of an enormous size: refused by the limit, with little taken from the network and memory bounded."""

import gzip
import json
import subprocess
import sys

import pytest

from planion_assets.feed.errors import ContractError, FeedError
from planion_assets.feed.limits import Limits
from planion_assets.feed.walk import walk
from planion_assets_tests.cost import at_most
from planion_assets_tests.feed.faults import JSON_HEAD, MIB, Flood, gzip_bomb, nothing_leaks, raw
from planion_assets_tests.feed.server import KEY, Request, Response, ScriptedServer, Wire, client_of

pytestmark = pytest.mark.usefixtures("no_collection")

GIB = 1 << 30
LIMIT = 2 * MIB
# What the network's buffers on both sides may hold although nobody reads it.
BUFFERED = 16 * MIB
DEEP = b'{"_items": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}"
DEEP_META = b'{"_items": [], "_meta": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001
BLOCK = b" " * MIB


def _floods() -> dict[str, Flood]:
    declared = JSON_HEAD + b"Content-Length: %d\r\n\r\n" % (2 * GIB)
    chunked = JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    redirect = b"HTTP/1.1 302 Found\r\nLocation: /\r\n"
    refused = b"HTTP/1.1 500 Internal Server Error\r\n"
    return {
        "2 GB as declared": Flood(declared, b"", BLOCK, times=2048),
        "2 GB without a length": Flood(JSON_HEAD + b"\r\n", b"", BLOCK, times=2048),
        "2 GB in chunks": Flood(chunked, b"", b"100000\r\n" + BLOCK + b"\r\n", times=2048),
        "2 GB of a redirect": Flood(redirect + b"\r\n", b"", BLOCK, times=2048),
        "2 GB of an error": Flood(refused + b"\r\n", b"", BLOCK, times=2048),
        "2 GB of headers": Flood(JSON_HEAD, b"", b"X: " + BLOCK[:60000].replace(b" ", b"x") + b"\r\n", times=36000),
        "2 GB of one header": Flood(JSON_HEAD + b"X: ", b"", BLOCK.replace(b" ", b"x"), times=2048),
        "a 10 GB gzip bomb": gzip_bomb(10 * 1024),
    }


def _refused(answer: Response | Wire, limit: int = LIMIT) -> FeedError:
    limits = Limits(max_page_bytes=limit, max_attempts=1)
    with ScriptedServer(lambda _: answer) as server, client_of(server, limits=limits) as client:
        with nothing_leaks(client) as errors:
            with pytest.raises(FeedError) as caught:
                walk(client, KEY)
            errors.append(caught.value)
        assert len(server.requests) == 1
    return caught.value


@pytest.mark.parametrize("name", [name for name in _floods() if name.startswith("2 GB")])
def test_a_2_gb_response_is_refused_with_little_of_it_taken(name: str) -> None:
    flood = _floods()[name]
    error = _refused(flood)
    assert flood.sent < LIMIT + BUFFERED
    if name in ("2 GB as declared", "2 GB without a length", "2 GB in chunks"):
        assert isinstance(error, ContractError)
        assert "larger than 2 MiB" in str(error)
        assert "raise `feed.max_page_mib` if that can be right" in str(error)
        assert ("2147483648 bytes are declared" in str(error)) == (name == "2 GB as declared")


def test_a_10_gb_gzip_bomb_is_refused_with_little_of_it_taken() -> None:
    bomb = gzip_bomb(10 * 1024)
    error = _refused(bomb)
    assert isinstance(error, ContractError)
    assert "larger than 2 MiB" in str(error)
    assert bomb.sent < 8 * MIB  # the whole of it is some 10 MiB, and buffers hold much of that


def test_a_body_of_exactly_the_limit_is_read() -> None:
    page = b'{"_items": []}'
    with ScriptedServer(lambda _: Response(page.ljust(MIB))) as server:
        with client_of(server, limits=Limits(max_page_bytes=MIB)) as client:
            assert walk(client, KEY).items == ()
    assert "larger than 1 MiB" in str(_refused(Response(page.ljust(MIB + 1)), MIB))
    packed = gzip.compress(page.ljust(MIB + 1))
    assert "larger than 1 MiB" in str(_refused(Response(packed, headers={"Content-Encoding": "gzip"}), MIB))


def test_a_length_beside_chunks_counts_nothing() -> None:
    page = b'{"_items": []}'.ljust(MIB)
    head = JSON_HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"
    answer = raw(head + b"%x\r\n" % len(page) + page + b"\r\n0\r\n\r\n")
    with ScriptedServer(lambda _: answer) as server, client_of(server) as client:
        with at_most(15):  # and not as many reads as there are bytes
            assert walk(client, KEY).items == ()


@pytest.mark.parametrize("deep", [DEEP, DEEP_META], ids=["in an item", "beside the items"])
def test_json_nested_100000_deep_is_refused(deep: bytes) -> None:
    error = _refused(Response(deep))
    assert isinstance(error, ContractError)
    assert "nested too deep" in str(error)


READER = """
import json, sys, tracemalloc
from planion_assets.feed.client import FeedClient, Limits
from planion_assets.feed.errors import FeedError
from planion_assets.keys import ConferenceKey

def read(number):
    try:
        key = ConferenceKey("AAA", "AM2026")
        client.get(key, number, lambda body: client.parse(body, number), deadline=float("inf"))
    except FeedError as error:
        return str(error)

client = FeedClient(sys.argv[1], "token", limits=Limits(max_page_bytes=2 << 20, max_attempts=1))
read(1)
tracemalloc.start()
found = {}
for number, name in enumerate(json.loads(sys.argv[2]), start=2):
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    reason = read(number)
    found[name] = (reason, (tracemalloc.get_traced_memory()[1] - before) >> 20)
print(json.dumps(found))
"""


def test_enormous_answers_are_refused_with_bounded_memory() -> None:
    inner = gzip.compress(gzip.compress(b" " * (64 * MIB), 1))
    twice = Response(inner, headers={"Content-Encoding": "gzip, gzip"})
    answers: dict[str, Response | Wire] = {**_floods(), "a bomb in a bomb": twice, "deep": Response(DEEP)}

    def answer(request: Request) -> Response | Wire:
        return Response(b'{"_items": []}') if request.page == 1 else list(answers.values())[request.page - 2]

    with ScriptedServer(answer) as server:
        # In a process of its own, whose memory holds nothing of the server's.
        command = [sys.executable, "-c", READER, server.url, json.dumps(list(answers))]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found = json.loads(done.stdout)
    assert [name for name, (reason, _) in found.items() if not reason] == []
    peaks = {name: mib for name, (_, mib) in found.items()}
    # Of the limit of 2 MiB there may be a few copies: what came, what was decoded, its text.
    assert max(peaks.values()) <= 8, peaks
