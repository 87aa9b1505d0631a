"""What a request asks for, whose token it carries, and the page that answers it, as Eve writes pages.

How the answer is sent is in `wire.py`.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from planion_assets.sandbox.items import Item

MAX_RESULTS = 100
"""Items on a page (sessions-feed.md, Data Response Elements, `_meta.max_results`), or fewer where that is asked for."""


class Refusal(Exception):
    """A request that is answered with an error: its text says what to send instead, for the person who reads it."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for. `where` is the JSON text exactly as decoded from the query string."""

    where: str
    account: str
    conference: str
    page: int
    size: int = MAX_RESULTS


def parse_query(text: str) -> Query:
    """What the query string of a request asks for (sessions-feed.md, Query Parameters). Raises Refusal."""
    try:
        # The request line is read as Latin-1, and a client may send UTF-8 without encoding it.
        parameters = parse_qs(text.encode("latin-1").decode(), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Refusal("the query string is not percent-encoded UTF-8") from error
    wheres = parameters.get("where", [])
    if len(wheres) != 1:
        raise Refusal('where must be given once, as where={"account":"ACCOUNT","conference":"CONTAINER_ID"}')
    account, conference = _account_and_conference(wheres[0])
    page = _number("page", parameters.get("page", ["1"]))
    size = _number("max_results", parameters.get("max_results", [str(MAX_RESULTS)]))
    return Query(wheres[0], account, conference, page, min(size, MAX_RESULTS))


def page_of(items: list[Item], query: Query, collection: str = "sessions") -> dict[str, Any]:
    """The answer to `query` when `items` is the whole collection. Past the end it holds no items."""
    start = (query.page - 1) * query.size
    return {
        "_items": items[start : start + query.size],
        "_links": _links(query, len(items), collection),
        "_meta": {"page": query.page, "max_results": query.size, "total": len(items)},
    }


def _links(query: Query, total: int, collection: str) -> dict[str, dict[str, str]]:
    """The links as Eve writes them: relative to the API root, `where` unencoded, the first page without a number."""

    def link(title: str, page: int) -> dict[str, str]:
        return {"title": title, "href": f"{collection}?where={query.where}" + (f"&page={page}" if page > 1 else "")}

    links = {"parent": {"title": "home", "href": "/"}, "self": link(collection, query.page)}
    if query.page * query.size < total:
        links["next"] = link("next page", query.page + 1)
        links["last"] = link("last page", -(-total // query.size))
    if query.page > 1:
        links["prev"] = link("previous page", query.page - 1)
    return links


def _account_and_conference(where: str) -> tuple[str, str]:
    try:
        asked = json.loads(where)
    except (ValueError, RecursionError) as error:
        raise Refusal("where is not valid JSON; are its characters percent-encoded?") from error
    if not isinstance(asked, dict) or asked.keys() != {"account", "conference"}:
        raise Refusal("where must be a JSON object with account and conference, and nothing else")
    account, conference = asked["account"], asked["conference"]
    if not isinstance(account, str) or not isinstance(conference, str):
        raise Refusal("account and conference in where must be text")
    return account, conference


def _number(name: str, given: list[str]) -> int:
    if len(given) != 1 or not re.fullmatch(r"0*[1-9][0-9]{0,8}", given[0]):
        raise Refusal(f"{name} must be given at most once, as a whole number from 1 on")
    return int(given[0])


def account_of(header: str, accounts: Mapping[str, str]) -> str | None:
    """The account of `accounts` (account -> token) whose token the header's value carries; None for any other value."""
    token = _basic_user(header[6:]) if header[:6].lower() == "basic " else header.strip()
    return next((account for account, expected in accounts.items() if token == expected), None)


def _basic_user(credentials: str) -> str | None:
    """The user name in HTTP Basic credentials with a blank password; None for any others."""
    try:
        user, colon, password = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return user if colon and not password else None
