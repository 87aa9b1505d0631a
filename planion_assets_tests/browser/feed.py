"""A feed of made-up conferences, each of which can be had to fail in one of the ways that feeds fail."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from planion_assets.sandbox import Sandbox
from planion_assets.sandbox.pages import account_of
from planion_assets.sandbox.plans import PLANS, Conference
from planion_assets_tests.feed.server import Request, Response, body, page_of

LATER = timedelta(days=60)
FRESH, OLD = timedelta(hours=2), timedelta(days=20)
_MODEL = next(plan for plan in PLANS if plan.name == "AM2036")


def plan(key: str, now: datetime, *, sessions: int = 60, updated: timedelta = FRESH) -> Conference:
    """A conference that is held in two months, and was last edited that long ago."""
    account, name = key.split("|")
    newest = now - updated
    return replace(
        _MODEL,
        account=account,
        name=name,
        sessions=sessions,
        first_day=(now + LATER).date(),
        updated_from=newest - timedelta(days=30),
        updated_to=newest,
        # Their own numbers, so that no two conferences share a session.
        first_schedid=100_000 + sum(map(ord, key)) * 1000,
    )


class FaultyFeed:
    """Answers from a sandbox; what is wrong with a conference or an account is set while it answers.

    `status`: "ACCOUNT|CONFERENCE" -> the status that its requests are answered with. `row_limits`: -> the number of
    sessions that are listed of it. `frozen`: -> the items it has whatever the sandbox has. `tokens`: account -> token.
    """

    def __init__(self, plans: Mapping[str, Conference]) -> None:
        self.sandbox = Sandbox(plans=plans.values())
        self.status: dict[str, int] = {}
        self.row_limits: dict[str, int] = {}
        self.frozen: dict[str, list[dict[str, Any]]] = {}
        self.tokens = {conference.account: f"token-of-{conference.account}" for conference in plans.values()}

    def advance(self) -> None:
        """Edit, add and remove a few sessions of each conference."""
        self.sandbox.advance(datetime.now(UTC))

    def freeze(self, key: str) -> None:
        """Have a conference stay as it is."""
        self.frozen[key] = self.sandbox.items(*key.split("|"))

    def answer(self, request: Request) -> Response:
        """A page of sessions, or what is wrong."""
        account, conference = request.where["account"], request.where["conference"]
        key = f"{account}|{conference}"
        if account_of(request.headers.get("authorization", ""), self.tokens) != account:
            return body(
                {"_status": "ERR", "_error": {"code": 401, "message": "please provide proper credentials"}}, 401
            )
        if status := self.status.get(key):
            return body({"_status": "ERR", "_error": {"code": status, "message": "server error"}}, status)
        rows = self.frozen.get(key) or self.sandbox.items(account, conference)
        return page_of(rows[: self.row_limits.get(key)], request.page, size=request.size or 100)
