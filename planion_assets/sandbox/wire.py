"""The sandbox on the wire: routes, and how requests are read and answered over HTTP/1.1.

What a page holds and who may ask is in `pages.py`; connections are in `server.py`.
"""

import gzip
import re
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planion_assets.sandbox.pages import Query, Refusal, account_of, page_of, parse_query
from planion_assets.sandbox.plans import METHODS_OF
from planion_assets.sandbox.spelling import json_text

if TYPE_CHECKING:
    from planion_assets.sandbox.server import SandboxServer

API_ROOT = "/feed/v1"
_FILES = sorted(Path(__file__).resolve().parent.glob("*.py"))
CODE = sha256(b"".join(str(path).encode() + path.read_bytes() for path in _FILES)).hexdigest()[:16]
"""Identifies the sandbox by these files: one of another checkout has other conferences and changes apart from this one,
and one that was started before the files changed has other content."""
LONGEST_BODY = 64 * 1024
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)  # accepted, with a weight above 0


class Handler(BaseHTTPRequestHandler):
    """One connection, with one request after the other."""

    protocol_version = "HTTP/1.1"
    # Without it the answer to each second request on a persistent connection waits for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body are sent together
    # What `http.server` itself refuses (a method, a request line) is answered in the shape of every other error.
    error_content_type = "application/json; charset=utf-8"
    error_message_format = '{"_status": "ERR", "_error": {"code": %(code)d, "message": "%(explain)s"}}'
    server: "SandboxServer"

    def do_GET(self) -> None:
        """Answer a request."""
        # A fragment never travels in a request, so a "#" is data, and only the first "?" divides.
        path, _, query = self.path.partition("?")
        status = HTTPStatus.OK
        try:
            self._drain()
            content = self._content(path, query)
        except Refusal as refusal:  # as the feed writes one (feed-facts.md, Access)
            status = refusal.status
            content = {"_status": "ERR", "_error": {"code": status.value, "message": str(refusal)}}
        self._send(status, content)

    do_POST = do_GET

    def _drain(self) -> None:
        """Read the body away: what is left of it would be taken for the next request on the connection."""
        length = self.headers.get("Content-Length", "0")
        readable = length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= LONGEST_BODY
        if not readable or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Refusal(f"send no body, or one of up to {LONGEST_BODY} bytes with its length")
        self.rfile.read(int(length))

    def _content(self, path: str, query: str) -> dict[str, Any]:
        """What is at a path. Raises Refusal."""
        sandbox = self.server.sandbox
        match self.command, path:
            case "GET", "/sandbox/health":
                return {"sandbox": "planion", "version": sandbox.revision}
            case "GET", "/sandbox/code":
                return {"code": CODE, "seed": sandbox.seed}
            case "POST", "/sandbox/advance":
                return sandbox.advance(self.server.clock())
        root, _, method = path.rpartition("/")
        if self.command != "GET" or root != API_ROOT or method not in METHODS_OF:
            text = f"no such path for {self.command}; the feed is at {API_ROOT}/sessions"
            raise Refusal(text, HTTPStatus.NOT_FOUND)
        asked = self._admitted(query)
        if asked.account not in METHODS_OF[method]:
            raise Refusal(f"the contract of this account does not include {method}", HTTPStatus.FORBIDDEN)
        return page_of(sandbox.collection(method, asked.account, asked.conference), asked, method)

    def _admitted(self, query: str) -> Query:
        """What is asked for, by somebody who may ask for that account. Refusals repeat nothing of what was sent."""
        account = account_of(self.headers.get("Authorization", ""), self.server.sandbox.accounts)
        if account is None:
            text = (
                "no valid token: send it as the user name of HTTP Basic with a blank password, "
                "or alone as the value of the Authorization header"
            )
            raise Refusal(text, HTTPStatus.UNAUTHORIZED)
        asked = parse_query(query)
        if asked.account != account:
            text = "the token does not belong to the account named in where"
            raise Refusal(text, HTTPStatus.UNAUTHORIZED)
        return asked

    def _send(self, status: HTTPStatus, content: dict[str, Any]) -> None:
        body = json_text(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", self.error_content_type)
        self.send_header("Vary", "Accept-Encoding")
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="Planion sandbox"')
        if _GZIP.search(self.headers.get("Accept-Encoding", "")):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""
