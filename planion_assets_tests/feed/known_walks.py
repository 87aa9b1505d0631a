"""Walks of a scripted feed with and without the pages of a stored snapshot."""

from collections.abc import Sequence
from typing import Any

from planion_assets.feed.client import Limits
from planion_assets.feed.known_pages import KnownPages
from planion_assets.feed.page_series import Walk
from planion_assets.feed.walk import walk
from planion_assets_tests.feed.server import (
    FAST,
    KEY,
    Answer,
    LocalFeed,
    client_of,
    items,
    page_of,
)

ROWS = items(250)


def answer_of(rows: Sequence[Any]) -> Answer:
    return lambda request: page_of(rows, request.page)


def stored_pages(answer: Answer) -> KnownPages:
    walked, _ = walk_of(answer)
    return KnownPages(walked.digest, walked.bodies, len(walked.items))


def walk_of(answer: Answer, stored: KnownPages | None = None, limits: Limits = FAST) -> tuple[Walk, list[int]]:
    """The walk, and the pages that were asked for."""
    with LocalFeed(answer) as server, client_of(server, limits=limits) as client:
        walked = walk(client, KEY, known=stored)
        return walked, sorted(request.page for request in server.requests)


def edited_rows(*places: int) -> list[dict[str, Any]]:
    return [{**row, "sessionName": "Edited"} if place in places else row for place, row in enumerate(ROWS)]
