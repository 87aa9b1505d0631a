"""The message about alarms: `text` for chat services, `alarms` for programs, and no secret in either."""

import base64
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from planion_assets.config import Config, MissingTokenError
from planion_assets.freshness.alarms import Alarm, Change, grouped
from planion_assets.freshness.verdicts import age_text
from planion_assets.guide import without_see

MAX_LINES = 50
MAX_NAMES = 5
REASON_CHARACTERS = 500


def message(
    title: str,
    alarms: Sequence[Alarm],
    now: datetime,
    *,
    conferences: Collection[str],
    secrets: Sequence[str],
    dagster_url: str | None,
) -> dict[str, Any]:
    """What is posted. A problem that all `conferences` have is one alarm."""
    counts = [f"{count} {change}" for change in Change if (count := sum(one.change is change for one in alarms))]
    groups = grouped(alarms, conferences)
    parts = [_part(group, dagster_url, secrets) for group in groups]
    lines = [_line(part, now) for part in parts[:MAX_LINES]]
    if len(parts) > MAX_LINES:
        lines.append(f"and {len(parts) - MAX_LINES} more")
    return {"text": "\n".join([f"{title}: {', '.join(counts)}", *lines]), "alarms": parts}


def secrets_of(settings: Config | None, webhook: str | None) -> list[str]:
    """What no message may hold: every account's token, plain, URL-quoted and as Basic credentials; the webhook."""
    tokens: list[str] = []
    for account in settings.accounts if settings else ():
        try:
            tokens.append(settings.token(account.account) if settings else "")
        except MissingTokenError:
            continue
    encoded = [base64.b64encode(text.encode()).decode() for token in tokens for text in (token, f"{token}:")]
    found = {*tokens, *(quote(token, safe="") for token in tokens), *encoded, *([webhook] if webhook else [])}
    return sorted(found - {""}, key=len, reverse=True)


def _part(group: Sequence[Alarm], dagster_url: str | None, secrets: Sequence[str]) -> dict[str, Any]:
    """An alarm, or some for one cause, for programs."""
    first = group[0].problem
    since = min(alarm.problem.since for alarm in group if alarm.problem.since)
    return {
        "change": str(group[0].change),
        "kind": first.kind,
        "of": [_without(secrets, alarm.problem.of) for alarm in group],
        "reason": _cut(_without(secrets, " ".join(first.reason.split()))),
        "level": str(first.level),
        "since": since.isoformat(timespec="seconds"),
        "attempts": max(alarm.problem.attempts for alarm in group),
        "run_id": first.run,
        "run_url": f"{dagster_url}/runs/{first.run}" if dagster_url and first.run else None,
    }


def _line(part: Mapping[str, Any], now: datetime) -> str:
    """The same for people."""
    names = part["of"]
    if len(names) > 1:
        more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
        about = f" of {len(names)} conferences ({', '.join(names[:MAX_NAMES])}{more})"
    else:
        about = f" of {names[0]}" if names[0] else ""
    begin = f"{part['change'].upper()} {part['kind']}{about}"
    since = datetime.fromisoformat(part["since"])
    if part["change"] == Change.RECOVERED:
        return f"{begin}, after {age_text(now - since)}"
    times = {0: "since", 1: "once, at"}.get(part["attempts"], f"{part['attempts']} times since")
    where = part["run_url"] or (f"run {part['run_id']}" if part["run_id"] else "")
    return f"{begin}: {part['reason']} ({times} {since:%Y-%m-%d %H:%M} UTC) {where}".rstrip()


def _without(secrets: Sequence[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return text


def _cut(text: str) -> str:
    """A text of `REASON_CHARACTERS` at most, which still ends with where to read on."""
    if len(text) <= REASON_CHARACTERS:
        return text
    begin = without_see(text)
    where = text[len(begin) :]
    return begin[: REASON_CHARACTERS - 1 - len(where)] + "…" + where
