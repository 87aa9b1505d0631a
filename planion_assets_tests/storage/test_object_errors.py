"""What an object store refuses: each reason in one line with its remedy, as obstore itself reports the answers."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from obstore.store import S3Store

from planion_assets.guide import without_see
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.errors import ObjectStoreError
from planion_assets.storage.object_errors import ConditionFailedError
from planion_assets.storage.object_files import ObjectFiles, Tag

URL = "s3://bucket/tables"


class _Server(ThreadingHTTPServer):
    """Gives every request the same answer."""

    status, body = 200, b""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(self.server.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.server.body)

    do_PUT = do_POST = do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[_Server]:
    """An object store that has an answer of its own."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _files(port: int) -> ObjectFiles:
    store = S3Store(
        "bucket",
        prefix="tables",
        endpoint=f"http://127.0.0.1:{port}",
        region="us-east-1",
        access_key_id="key",
        secret_access_key="secret",
        client_options={"allow_http": True, "timeout": timedelta(seconds=2)},
        retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=2)},
    )
    return ObjectFiles(store, URL)


def _answer(server: _Server, status: int, code: str = "") -> ObjectFiles:
    server.status = status
    server.body = f"<Error><Code>{code}</Code><Message>secret words</Message></Error>".encode() if code else b""
    return _files(server.server_port)


Work = Callable[[ObjectFiles], object]
WORKS: dict[str, Work] = {
    "read": lambda files: files.read("a/b"),
    "write": lambda files: files.create("a/b", b"1"),
    "delete": lambda files: files.delete("a/b"),
    "list": lambda files: list(files.list("a")),
}


@pytest.mark.parametrize("verb", WORKS)
@pytest.mark.parametrize(
    ("answer", "says", "remedy"),
    [
        ((503, "SlowDown"), "asks for fewer requests", "let other programs"),
        ((503, ""), "asks for fewer requests", "let other programs"),
        ((429, "TooManyRequests"), "asks for fewer requests", "let other programs"),
        ((400, "ExpiredToken"), "credentials have expired", "renew them"),
        ((401, ""), "does not accept the credentials", "correct the credentials"),
        ((403, "InvalidAccessKeyId"), "does not accept the credentials", "correct the credentials"),
        ((403, "SignatureDoesNotMatch"), "does not accept the credentials", "correct the credentials"),
        ((403, "RequestTimeTooSkewed"), "clock differs", "set the clock"),
        ((403, "AccessDenied"), "no right to {verb}", "give them the right"),
        ((403, ""), "no right to {verb}", "give them the right"),
        ((404, "NoSuchBucket"), "no such bucket", "make it, or correct `data`"),
        ((404, "ContainerNotFound"), "no such bucket", "make it, or correct `data`"),
        ((507, ""), "no room", "make room"),
        ((301, "PermanentRedirect"), "another region", "correct its region"),
        ((500, "InternalError"), "error of its own", "look at its state"),
        ((418, "Teapot"), "418 Teapot", "look at its state"),
    ],
)
def test_what_is_refused_is_one_line_with_its_remedy(
    server: _Server, answer: tuple[int, str], says: str, remedy: str, verb: str
) -> None:
    files = _answer(server, *answer)
    with pytest.raises(ObjectStoreError) as caught:
        WORKS[verb](files)
    line = refusal(caught.value)
    assert line.startswith(f"the object store refused to {verb} {URL}/a")
    assert says.format(verb=verb) in line
    assert remedy in line
    assert without_see(line).endswith(", then refresh again")
    assert line != without_see(line)
    assert "\n" not in line
    assert "<" not in line


@pytest.mark.parametrize("verb", ["read", "write", "delete", "list"])
def test_a_store_that_cannot_be_reached_is_told_as_such(verb: str) -> None:
    with _Server(("127.0.0.1", 0), _Handler) as closed:
        port = closed.server_port
    with pytest.raises(ObjectStoreError, match="cannot be reached"):
        WORKS[verb](_files(port))


def test_an_object_that_is_not_there_is_no_refusal(server: _Server) -> None:
    files = _answer(server, 404, "NoSuchKey")
    with pytest.raises(FileNotFoundError):
        files.read("a/b")
    assert not files.exists("a/b")
    files.delete("a/b")


@pytest.mark.parametrize(("status", "code"), [(412, "PreconditionFailed"), (409, "ConditionalRequestConflict")])
def test_a_condition_that_does_not_hold_is_an_answer_and_no_refusal(server: _Server, status: int, code: str) -> None:
    files = _answer(server, status, code)
    for expected in (None, Tag('"1"')):
        with pytest.raises(ConditionFailedError):
            files.put("a/b", b"1", expected)
    assert not files.create("a/b", b"1")


def test_a_bucket_that_is_not_there_is_no_condition_that_does_not_hold(server: _Server) -> None:
    with pytest.raises(ObjectStoreError, match="no such bucket"):
        _answer(server, 404, "NoSuchBucket").put("a/b", b"1", Tag('"1"'))


def test_no_right_to_delete_one_object_of_several_is_told(server: _Server) -> None:
    """S3 answers with 200 and lists what it has refused."""
    server.status = 200
    server.body = (
        b'<?xml version="1.0"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Error>'
        b"<Key>tables/a/b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"
    )
    with pytest.raises(ObjectStoreError, match="no right to delete"):
        _files(server.server_port).delete_all(["a/b", "a/c"])
