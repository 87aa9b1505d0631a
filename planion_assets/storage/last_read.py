"""What came of the last attempts to read each conference: `<data>/.status/<account>/<conference>.json`, one small file.

`<data>/.status/.verified.json` is when all stored files were last verified.

An unchanged conference writes no table, and one that fails writes none either, so this is the only trace of both that
needs no Dagster. The folder begins with a dot: no reader's glob sees it. Does not belong here: what is done about it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from planion_assets.keys import ConferenceKey, path_name
from planion_assets.storage.files import Files

_FOLDER = ".status"
_READ_AT = "read_at"
_FAILURE = "failure"
HEADS = ".heads"
"""The folder of the heads of conferences in an object store, which hold the same notes."""
VERIFIED = f"{_FOLDER}/.verified.json"  # no account has a name that begins with a dot
"""The file of `note_verified`."""
_VERIFIED_AT = "verified_at"


@dataclass(frozen=True, slots=True)
class Failure:
    """The attempts since the last success, all of which failed: the last one's reason and instant (UTC), the first
    one's instant, how many there were."""

    reason: str
    since: datetime
    last: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class LastRead:
    """The last successful, verified read (UTC), None where there is none, and the failure that lasts, if any."""

    read_at: datetime | None = None
    failure: Failure | None = None


def note_read(files: Files, key: ConferenceKey, at: datetime, problem: str | None = None) -> LastRead:
    """Note that the sessions were read and verified; gives what was noted before. Raises OSError.

    `problem` is the reason where something beside the sessions failed: the conference then counts as failed all the
    same. A reader sees the file before or the file after. It is not synced to the disk: what a power failure takes away
    is written again by the next attempt.
    """
    before = last_read(files, key)
    _write(files, note_file(key), to_json(after_read(before, at, problem)))
    return before


def note_failure(files: Files, key: ConferenceKey, at: datetime, reason: str) -> LastRead:
    """Note that the conference could not be refreshed; gives what was noted before. Raises OSError."""
    before = last_read(files, key)
    _write(files, note_file(key), to_json(after_failure(before, at, reason)))
    return before


def after_read(before: LastRead, at: datetime, problem: str | None) -> LastRead:
    """What is to be noted after a read at that instant."""
    return LastRead(at, _failure(before.failure, at, problem))


def after_failure(before: LastRead, at: datetime, reason: str) -> LastRead:
    """What is to be noted after an attempt that failed at that instant."""
    return LastRead(before.read_at, _failure(before.failure, at, reason))


def note_verified(files: Files, verified_at: datetime) -> None:
    """Write the instant at which all conferences were verified last, in place of the one before. Raises OSError."""
    _write(files, VERIFIED, {_VERIFIED_AT: _text(verified_at)})


def last_verified(files: Files) -> datetime | None:
    """The instant (UTC) that `note_verified` wrote last; None where there is none. Raises as `last_read` does."""
    return _instant(_read(files, VERIFIED).get(_VERIFIED_AT))


def last_read(files: Files, key: ConferenceKey) -> LastRead:
    """What was noted last; nothing where there is no file, or what is there is no such note.

    Raises OSError where the disk refuses, and where something else is in the place of the file.
    """
    return of_json(_read(files, note_file(key)))


def last_note(files: Files) -> int:
    """When a read or failure was noted last, in nanoseconds since 1970; 0 for never. Raises OSError."""
    return max(files.newest(_FOLDER), files.newest(HEADS))


def note_file(key: ConferenceKey) -> str:
    """The file of a conference's note."""
    return f"{_FOLDER}/{path_name(key.account)}/{path_name(key.conference)}.json"


def _failure(before: Failure | None, at: datetime, reason: str | None) -> Failure | None:
    if reason is None:
        return None
    if before is None:
        return Failure(reason, at, at, 1)
    return Failure(reason, before.since, at, before.attempts + 1)


def of_json(noted: Mapping[str, Any]) -> LastRead:
    """What `to_json` wrote; nothing for what it did not write."""
    return LastRead(_instant(noted.get(_READ_AT)), _failure_of_json(noted.get(_FAILURE)))


def to_json(noted: LastRead) -> dict[str, Any]:
    """What a note is in a file."""
    content: dict[str, Any] = {_READ_AT: _text(noted.read_at)} if noted.read_at else {}
    if failure := noted.failure:
        instants = {"since": _text(failure.since), "last": _text(failure.last)}
        content[_FAILURE] = {"reason": failure.reason, "attempts": failure.attempts, **instants}
    return content


def _failure_of_json(noted: Any) -> Failure | None:
    if not isinstance(noted, dict):
        return None
    since, last = _instant(noted.get("since")), _instant(noted.get("last"))
    reason, attempts = noted.get("reason"), noted.get("attempts")
    if since is None or last is None or not isinstance(reason, str) or type(attempts) is not int:
        return None
    return Failure(reason, since, last, attempts)


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


def _instant(text: Any) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return instant.astimezone(UTC) if instant.tzinfo else None


def _write(files: Files, name: str, content: dict[str, Any]) -> None:
    text = json.dumps(content).encode() + b"\n"
    files.replace(name, lambda file: file.write(text), durable=False)


def _read(files: Files, name: str) -> dict[str, Any]:
    try:
        content = json.loads(files.read(name))
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
