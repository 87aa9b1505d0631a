"""The sandbox's server with a record of what it was asked."""

import contextlib
from dataclasses import dataclass

from planion_assets.sandbox import Sandbox, SandboxServer
from planion_assets.sandbox.pages import Query, Refusal, parse_query
from planion_assets.sandbox.wire import Handler


@dataclass(frozen=True, slots=True)
class Request:
    """One request that was answered. `where` and `page` are None where none were understood."""

    method: str
    path: str
    where: dict[str, str] | None
    page: int | None
    status: int


class _RecordingHandler(Handler):
    server: "RecordingServer"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Note the request before its answer is sent, so that a client that has the answer finds it."""
        path, _, query = self.path.partition("?")
        asked: Query | None = None
        with contextlib.suppress(Refusal):
            asked = parse_query(query)
        where = {"account": asked.account, "conference": asked.conference} if asked else None
        self.server.requests.append(Request(self.command, path, where, asked.page if asked else None, int(code)))


class RecordingServer(SandboxServer):
    """`requests` is what was asked so far, in the order of the answers."""

    handler = _RecordingHandler

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self.requests: list[Request] = []
        super().__init__(sandbox)
