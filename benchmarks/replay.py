"""A feed server that answers with prepared bytes, so that it is never what is measured: `python -m benchmarks.replay`.

It runs in a process of its own, prints one line of JSON (`url`) when it is ready, and serves until it is ended. It
asks for no token. It counts requests and how many are under way at once, in all and by account:

    GET  /control/counts    what was counted
    POST /control/reset     begin to count anew

A request is under way from the moment it has arrived until its answer is handed to the socket, its latency included.
"""

import argparse
import asyncio
import gc
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.cases import Case
from benchmarks.content import pages

_END_OF_HEAD = b"\r\n\r\n"


@dataclass(slots=True)
class Tally:
    """Requests so far, those under way at this moment, and the greatest number that was under way at once."""

    requests: int = 0
    under_way: int = 0
    most_at_once: int = 0

    def begin(self) -> None:
        """Count a request that has arrived."""
        self.requests += 1
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)

    def end(self) -> None:
        """Count a request that is answered."""
        self.under_way -= 1


class Feed:
    """The prepared answers by account, conference and page, and what was asked for.

    `latency` is the seconds that each page is kept waiting. With `alike`, every conference is answered as the one that
    there is.
    """

    def __init__(
        self, bodies: Mapping[tuple[str, str, int], bytes], latency: float, alike: tuple[str, str] | None = None
    ) -> None:
        self._alike = alike
        self._answers = {key: answer(200, body) for key, body in bodies.items()}
        self._targets: dict[bytes, tuple[str, str, int] | None] = {}
        self.latency = latency
        self.reset()

    def reset(self) -> None:
        """Begin to count anew."""
        self.total = Tally()
        self.accounts: dict[str, Tally] = {}
        self.busy: list[tuple[float, float]] = []
        self._busy_since = 0.0

    def find(self, target: bytes) -> tuple[str, str, int] | None:
        """What a request target asks for; None where no page is prepared for it. Each spelling is parsed once."""
        if target not in self._targets:
            self._targets[target] = key if (key := _parse(target)) and self._place(key) in self._answers else None
        return self._targets[target]

    def prepared(self, key: tuple[str, str, int]) -> bytes:
        """The answer to it."""
        return self._answers[self._place(key)]

    def _place(self, key: tuple[str, str, int]) -> tuple[str, str, int]:
        return (*self._alike, key[2]) if self._alike else key

    def begin(self, account: str) -> Tally:
        """Count a request that has arrived; hand what it returns to `end`."""
        tally = self.accounts.setdefault(account, Tally())
        if not self.total.under_way:
            self._busy_since = time.time()
        self.total.begin()
        tally.begin()
        return tally

    def end(self, tally: Tally) -> None:
        """Count a request that is answered."""
        self.total.end()
        tally.end()
        if not self.total.under_way:
            self.busy.append((self._busy_since, time.time()))

    def counts(self) -> dict[str, Any]:
        """What was counted, and when a request was under way, in pairs of seconds of the epoch."""
        return {
            **asdict(self.total),
            "busy": self.busy,
            "accounts": {account: asdict(tally) for account, tally in self.accounts.items()},
        }


class Connection(asyncio.Protocol):
    """One kept-alive connection: a request without a body, its answer, the next request."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("pages are served over streams")
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request whose head is complete."""
        self._buffer += data
        while (end := self._buffer.find(_END_OF_HEAD)) >= 0:
            head = bytes(self._buffer[:end])
            del self._buffer[: end + len(_END_OF_HEAD)]
            self._request(head)

    def _request(self, head: bytes) -> None:
        line, _, fields = head.partition(b"\r\n")
        method, target, _ = line.split(b" ", 2)
        last = b"connection: close" in fields.lower()
        if target.startswith(b"/control/"):
            self._send(self._control(method, target), last)
            return
        key = self._feed.find(target)
        if key is None:
            self._send(answer(404, b'{"_status": "ERR", "_error": {"code": 404, "message": "no such page"}}'), last)
            return
        # Without latency too the answer waits for its turn in the loop, so that those who ask at once are counted.
        asyncio.get_running_loop().call_later(self._feed.latency, self._end, self._feed.begin(key[0]), key, last)

    def _end(self, tally: Tally, key: tuple[str, str, int], last: bool) -> None:
        self._send(self._feed.prepared(key), last)
        self._feed.end(tally)

    def _control(self, method: bytes, target: bytes) -> bytes:
        if (method, target) == (b"POST", b"/control/reset"):
            self._feed.reset()
        elif (method, target) != (b"GET", b"/control/counts"):
            return answer(404, b"{}")
        return answer(200, json.dumps(self._feed.counts()).encode())

    def _send(self, response: bytes, last: bool) -> None:
        if not self._transport.is_closing():
            self._transport.write(response)
        if last:
            self._transport.close()


def answer(status: int, body: bytes) -> bytes:
    """A whole HTTP/1.1 answer."""
    head = f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Found'}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _parse(target: bytes) -> tuple[str, str, int] | None:
    split = urlsplit(target.decode("latin-1"))
    query = parse_qs(split.query)
    try:
        where = json.loads(query["where"][0])
        key = (str(where["account"]), str(where["conference"]), int(query.get("page", ["1"])[0]))
    except (KeyError, ValueError, TypeError):
        return None
    return key if split.path == "/feed/v1/sessions" else None


async def _serve(feed: Feed) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Connection(feed), "127.0.0.1", 0, backlog=128)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}/feed/v1"}), flush=True)
    await server.serve_forever()


def main() -> None:
    """Prepare every page of the case that the arguments describe, then serve."""
    parser = argparse.ArgumentParser(description="Serve prepared pages of a feed on a free port of 127.0.0.1.")
    parser.add_argument("--conferences", type=int, default=1)
    parser.add_argument("--accounts", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=823, help="of each conference")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that each page is kept waiting")
    parser.add_argument("--alike", action="store_true", help="answer for any conference what the only one has")
    asked = parser.parse_args()
    case = Case("replay", "", asked.conferences, asked.sessions, asked.latency, asked.accounts)
    feed = Feed(
        {(account, name, number): body for account, name, number, body in pages(case)},
        asked.latency,
        case.keys[0] if asked.alike else None,
    )
    gc.freeze()
    asyncio.run(_serve(feed))


if __name__ == "__main__":
    main()
