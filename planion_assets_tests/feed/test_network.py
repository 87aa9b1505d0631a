"""What lies between the reader and the feed: interim answers, certificates of a company's own, proxies."""

import logging
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from planion_assets.feed.client import FeedClient, Limits
from planion_assets.feed.errors import FeedError, PermanentFeedError, TransientFeedError
from planion_assets.feed.snapshot import read_snapshot
from planion_assets_tests.feed.faults import GOOD, JSON_HEAD, raw
from planion_assets_tests.feed.server import (
    FAST,
    KEY,
    FakeTime,
    Request,
    Response,
    ScriptedServer,
    client_of,
    items,
    page_of,
)

BODY = page_of(items(3), 1).body
FINAL = JSON_HEAD + f"Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n"


@pytest.mark.parametrize(
    "interim",
    [
        HINTS,
        HINTS * 3,
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + HINTS,
        HINTS + b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 199 Something\r\nConnection: close\r\nContent-Length: 5\r\n\r\n",
    ],
    ids=["hints", "three hints", "hints without any", "processing", "continue, hints", "hints, continue", "unknown"],
)
def test_what_a_server_sends_before_its_answer_is_passed_over(interim: bytes) -> None:
    with ScriptedServer(lambda _: raw(interim + FINAL)) as server, client_of(server) as client:
        assert len(read_snapshot(client, KEY).items) == 3
        assert len(server.requests) == 2


def test_interim_answers_without_end_end_with_the_walks_time() -> None:
    def endless(connection: socket.socket, stopped: threading.Event) -> None:
        try:
            while not stopped.wait(0.001):
                connection.sendall(HINTS)
        except OSError:
            pass

    limits = Limits(walk_timeout=0.3, max_attempts=1)
    with ScriptedServer(lambda _: endless) as server:
        with (
            FeedClient(server.url, "token", limits=limits) as client,
            pytest.raises(TransientFeedError, match="ran out"),
        ):
            read_snapshot(client, KEY)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that no public authority has signed, with its key in the same file."""
    path = tmp_path_factory.mktemp("authority") / "own.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    arguments = [
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        str(path),
        "-out",
        f"{path}.crt",
    ]
    subprocess.run(command + arguments, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def encrypted(authority: Path) -> Iterator[str]:
    """The address of a feed over TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    with ScriptedServer(lambda request: page_of(items(3), request.page)) as server:
        server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
        yield server.url.replace("http://", "https://")


def _reading(url: str) -> int | FeedError:
    """How many items came, or why none did."""
    with FeedClient(url, "token", limits=FAST) as client:
        try:
            return len(read_snapshot(client, KEY).items)
        except FeedError as error:
            return error


def test_a_certificate_of_an_authority_of_ones_own_is_refused_naming_the_variable(
    encrypted: str, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    error = _reading(encrypted)
    assert isinstance(error, PermanentFeedError), "another try would find the same certificate"
    assert "(1 attempt): the connection is not trusted (" in str(error)
    assert error.message.endswith("name its file in REQUESTS_CA_BUNDLE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{authority}.crt")
    assert _reading(encrypted) == 3
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{authority}.gone")
    gone = _reading(encrypted)
    assert isinstance(gone, PermanentFeedError)
    assert f"{authority}.gone" in str(gone)
    assert gone.message.endswith("name its file in REQUESTS_CA_BUNDLE")


def test_a_proxy_that_refuses_is_named_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(lambda request: Response(b"", 407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        monkeypatch.setenv("NO_PROXY", "")
        with FeedClient(
            "https://feed.invalid/feed/v1", "token", limits=Limits(max_attempts=2), clock=FakeTime().clock()
        ) as client:
            with pytest.raises(TransientFeedError, match=r"the proxy refused \(.*407.*check HTTPS_PROXY and NO_PROXY"):
                read_snapshot(client, KEY)


def test_a_line_about_another_try_names_the_conference(caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: Request) -> Response:
        return Response(b"", 503) if request.number == 0 else GOOD

    caplog.set_level(logging.WARNING)
    with ScriptedServer(answer) as server, client_of(server) as client:
        read_snapshot(client, KEY)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "planion_assets.feed.client"]
    assert re.fullmatch(r"AAA\|AM2026: page 1 of sessions answered 503 \(attempt 1 of 5\), again in \d+\.\d s", line), (
        line
    )
