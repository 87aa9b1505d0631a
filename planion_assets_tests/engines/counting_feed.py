"""The sandbox's feed behind a server that counts how many requests of each account are under way at once."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from typing import Self
from urllib.parse import urlencode

from planion_assets.sandbox import SandboxServer
from planion_assets_tests.feed.server import Request, Response, ScriptedServer

LATENCY, SLOW = 0.03, 1.0
"""Seconds for which an answer is held back, so that requests at once meet; and where a run is to last."""


class CountingFeed(ScriptedServer):
    """Passes each request on to the sandbox, with its token. `most` has the most at once of each account."""

    def __init__(self) -> None:
        super().__init__(self._pass_on)
        self.sandbox = SandboxServer()
        self.most: Counter[str] = Counter()
        self.latency = LATENCY
        self._under_way: Counter[str] = Counter()
        self._counting = threading.Lock()

    def __enter__(self) -> Self:
        self.sandbox.__enter__()
        super().__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        super().__exit__(None, None, None)
        self.sandbox.__exit__(None, None, None)

    def _pass_on(self, request: Request) -> Response:
        account = str(request.where.get("account"))
        with self._counting:
            self._under_way[account] += 1
            self.most[account] = max(self.most[account], self._under_way[account])
        try:
            time.sleep(self.latency)
            return self._answer(request)
        finally:
            with self._counting:
                self._under_way[account] -= 1

    def _answer(self, request: Request) -> Response:
        query = {"where": json.dumps(request.where), "page": request.page, "max_results": request.size}
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        token = {"Authorization": request.headers.get("authorization", "")}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(f"{self.sandbox.origin}{request.path}?{asked}", headers=token)
            ) as answer:
                return Response(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Response(error.read(), error.code)
