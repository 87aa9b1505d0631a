"""The token and its base64 appear nowhere: runs that fail in every way that echoes it, and all they leave behind."""

import base64
import json
import logging
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from planion_assets.cli.main import main
from planion_assets.refresh.feed_note import NOTE
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import Response, ScriptedServer, body, item, page_of
from planion_assets_tests.forks import run
from planion_assets_tests.instances import copy_instance

TOKEN = "unmistakable-Token-31415926535"
ENCODED = base64.b64encode(f"{TOKEN}:".encode()).decode()
# A token's base64 without what hangs on its last characters, so that any padding and any suffix is found.
SECRETS = (TOKEN, ENCODED, base64.b64encode(TOKEN.encode()).decode().rstrip("=")[:-1], "31415926535")
ECHO = f"Authorization: Basic {ENCODED}, {TOKEN}"
HTML = f"<html><title>{TOKEN}</title><body>{ECHO}</body></html>".encode()

# What each conference is answered with.
ANSWERS: dict[str, Callable[[], Response]] = {
    "BODY401": lambda: Response(
        json.dumps({"_error": {"code": 401, "message": ECHO}}).encode(),
        401,
        {"WWW-Authenticate": f'Basic realm="{ECHO}"', "X-Echo": ECHO},
    ),
    "HTML500": lambda: Response(HTML, 500, {"Content-Type": "text/html", "Retry-After": ECHO}),
    "HTML200": lambda: Response(HTML, 200, {"Content-Type": "text/html"}),
    "TYPE": lambda: Response(b"{}", 200, {"Content-Type": f"text/{TOKEN}"}),
    "REDIRECT": lambda: Response(b"", 302, {"Location": f"/elsewhere?token={TOKEN}"}),
    "NOTJSON": lambda: Response(ECHO.encode()),
    "NOITEMS": lambda: body({ECHO: ECHO, TOKEN: TOKEN}),
    "OWNER": lambda: page_of([item("1", conference="OWNER") | {"account": TOKEN}], 1),
    "META": lambda: body({"_items": [], "_meta": {"total": ECHO, "page": TOKEN}}),
    "GZIP": lambda: Response(HTML, 200, {"Content-Encoding": "gzip"}),
    "SHORT": lambda: Response(HTML, 200, declared=10**6),
    "FINE": lambda: page_of([item("1", conference="FINE")], 1),
}


def _config(url: str, auth: str) -> str:
    conferences = "".join(f"\n          - conference: {name}" for name in ANSWERS)
    return f"""
    feed:
      url: {url}
      auth: {auth}
      max_attempts: 1
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:{conferences}
    """


def _refresh() -> str:
    """Everything that two refreshes print with the logs of every library at DEBUG."""
    done = run(_refresh_twice, PLANION_TOKEN_AAA=TOKEN)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def _refresh_twice() -> None:
    """In a child: the second time while nothing answers, and the connection is refused."""
    logging.basicConfig(level=logging.DEBUG)
    for url, arguments in ((None, []), ("http://127.0.0.1:9/feed/v1", ["AAA|FINE", "--adopt"])):
        if url:
            os.environ["PLANION_FEED_URL"] = url
        with pytest.raises(SystemExit) as end:
            main(["refresh", *arguments])
        assert end.value.code == 1


def _texts(root: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of all files; of databases also each value, unpacked where it is compressed."""
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        yield str(path), str(path).encode() + path.read_bytes()
        if path.suffix == ".db":
            with sqlite3.connect(path) as database:
                tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")]
                for table in tables:
                    for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - the database's own names
                        yield f"{path}: {table}", b" ".join(_unpacked(value) for value in row)


def _unpacked(value: object) -> bytes:
    raw = value if isinstance(value, bytes) else str(value).encode()
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return raw


@pytest.mark.long
# The token as it stands is looked for in either mode; the other takes as long again.
@pytest.mark.parametrize("auth", ["basic", pytest.param("header", marks=pytest.mark.soak)])
def test_the_token_and_its_base64_appear_nowhere(workplace: Path, auth: str) -> None:
    with ScriptedServer(lambda request: ANSWERS[str(request.where["conference"])]()) as server:
        write_config(workplace, _config(server.url, auth))
        copy_instance(workplace / ".dagster")
        said = _refresh()
        sent = {request.headers["authorization"] for request in server.requests}
    assert sent == {TOKEN if auth == "header" else f"Basic {ENCODED}"}
    assert said.count("  failed: ") == len(ANSWERS), "all but one, and that one where nothing answers"
    # The second refresh was told to adopt the folder for an address at which nothing answers.
    assert json.loads((workplace / "data" / NOTE).read_text())["feed"] == "http://127.0.0.1:9/feed/v1"
    texts = [("printed", said.encode()), *_texts(workplace)]
    found = [(name, secret) for name, text in texts for secret in SECRETS if secret.encode() in text]
    assert found == []
    # It was looked at where it would be: the reasons are in the logs, the event log and what is printed.
    for seen in (b"answered 401", b"[token]", b"DEBUG:urllib3", b"refused"):
        assert any(seen in text for _, text in texts), seen
    assert any(name.endswith(".db: event_logs") and b"answered 401" in text for name, text in texts)
