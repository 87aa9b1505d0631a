"""What `planion check` prints: accounts, a line per conference, and below them what is to be known, or all as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from planion_assets.cli.check_feed import AccountChecked, ConferenceChecked, FeedFinding, RowCount, Token
from planion_assets.cli.console import Styled, print_columns, print_line
from planion_assets.cli.status import STYLES
from planion_assets.freshness.verdicts import Level

_KINDS = {
    Level.OK: ("", ""),
    Level.WARN: ("warning: ", STYLES[Level.WARN]),
    Level.ERROR: ("failed: ", STYLES[Level.ERROR]),
}
"""The word before a finding, and its style."""


def failed(accounts: Sequence[AccountChecked]) -> bool:
    """Whether anything is an error; a warning is none."""
    return any(finding.level is Level.ERROR for _, finding in _findings(accounts))


def print_table(accounts: Sequence[AccountChecked], source: str, url: str) -> None:
    """Two tables, then a line for each finding under the name that it is about, and a sum."""
    endpoints = tuple(dict.fromkeys(name for one in accounts for name in one.access))
    by_account = [
        [Styled(one.account), _token(one.token), *(Styled(one.access[name]) for name in endpoints)] for one in accounts
    ]
    by_conference = [
        [Styled(str(one.key)), *(Styled(_count(one.rows.get(name))) for name in endpoints), Styled(_zone(one))]
        for account in accounts
        for one in account.conferences
    ]
    print_line(f"feed: {url}; settings: {source}")
    print_columns(("account", "token", *endpoints), by_account)
    print_line("")
    print_columns(("conference", *endpoints, "time zone"), by_conference, right=endpoints)
    for name, finding in _findings(accounts):
        kind, style = _KINDS[finding.level]
        print_line(f"{name}  {kind}{finding.text}", style)
    levels = [finding.level for _, finding in _findings(accounts)]
    print_line(
        f"{len(by_conference)} conferences of {len(accounts)} accounts, {levels.count(Level.ERROR)} errors, "
        f"{levels.count(Level.WARN)} warnings; nothing was written"
    )


def print_json(accounts: Sequence[AccountChecked], source: str, url: str) -> None:
    """An object: the settings, the feed, and the accounts with their conferences."""
    content = {"settings": source, "feed": url, "accounts": [_account(account) for account in accounts]}
    print(json.dumps(content, indent=2, ensure_ascii=False))  # noqa: T201


def _account(account: AccountChecked) -> dict[str, Any]:
    return {
        "account": account.account,
        "token": account.token,
        "endpoints": dict(account.access),
        "findings": list(map(asdict, account.findings)),
        "conferences": [_conference(conference) for conference in account.conferences],
    }


def _conference(conference: ConferenceChecked) -> dict[str, Any]:
    return {
        "conference": conference.key.conference,
        "rows": {name: rows.count if rows else None for name, rows in conference.rows.items()},
        "rows_are_at_least": [name for name, rows in conference.rows.items() if rows and not rows.is_whole],
        "timezone": conference.timezone,
        "timezone_guess": conference.guess,
        "findings": list(map(asdict, conference.findings)),
    }


def _findings(accounts: Sequence[AccountChecked]) -> list[tuple[str, FeedFinding]]:
    """Each finding, with the name of the account or conference before it."""
    found = []
    for account in accounts:
        found += [(f"account {account.account}", finding) for finding in account.findings]
        found += [(str(one.key), finding) for one in account.conferences for finding in one.findings]
    return found


def _token(token: Token) -> Styled:
    return Styled(token, STYLES[Level.OK if token is Token.ACCEPTED else Level.ERROR])


def _count(rows: RowCount | None) -> str:
    if rows is None:
        return "-"
    return str(rows.count) if rows.is_whole else f"{rows.count}+"


def _zone(conference: ConferenceChecked) -> str:
    return conference.timezone or (f"{conference.guess}?" if conference.guess else "-")
