"""How these tests speak to the sandbox: plain HTTP by urllib, with every status returned instead of raised."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from planion_assets.sandbox import TOKENS


@dataclass(frozen=True)
class Answer:
    """What came back, errors too."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        document = json.loads(self.body)
        assert isinstance(document, dict)
        return document


def basic(token: str, password: str = "") -> str:
    return "Basic " + base64.b64encode(f"{token}:{password}".encode()).decode()


def fetch(url: str, *, authorization: str | None = None, method: str = "GET", **headers: str) -> Answer:
    if authorization is not None:
        headers["Authorization"] = authorization
    request = Request(url, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urlopen(request, timeout=60) as response:
            return Answer(response.status, dict(response.headers), response.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers), error.read())


def sessions_url(base: str, account: str, conference: str, **parameters: object) -> str:
    where = json.dumps({"account": account, "conference": conference})
    return f"{base}/sessions?{urlencode({'where': where, **parameters})}"


def page(base: str, account: str, conference: str, number: int = 1) -> Answer:
    url = sessions_url(base, account, conference, page=number)
    return fetch(url, authorization=basic(TOKENS[account]))


def walk(base: str, account: str, conference: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    number = 1
    while True:
        answer = page(base, account, conference, number).json
        items += answer["_items"]
        if "next" not in answer["_links"]:
            return items
        number += 1
