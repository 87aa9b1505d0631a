"""When each conference was last read and verified: one small file each, `<data>/.status/<account>/<conference>.json`.

`<data>/.status/.verified.json` is when all stored files were last verified.

An unchanged conference writes no table, so this is the only trace of a read that found nothing to do. The folder
begins with a dot: no reader's glob sees it. Knows neither Dagster nor HTTP, and not what is done about a late read.
"""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

from planion_assets.keys import ConferenceKey, path_name
from planion_assets.storage import atomic_write as disk

_FOLDER = ".status"
_READ_AT = "read_at"
_VERIFIED = ".verified.json"  # no account has a name that begins with a dot
_VERIFIED_AT = "verified_at"


def note_read(root: Path, key: ConferenceKey, read_at: datetime) -> None:
    """Write the instant of a successful, verified read, in place of the one before. Raises OSError.

    A reader sees the file before or the file after. It is not synced to the disk: what a power failure takes away is
    written again by the next read.
    """
    _write(path_of(root, key), {_READ_AT: read_at})


def note_verified(root: Path, verified_at: datetime) -> None:
    """Write the instant at which all conferences were verified last, in place of the one before. Raises OSError."""
    _write(verified_path(root), {_VERIFIED_AT: verified_at})


def last_verified(root: Path) -> datetime | None:
    """The instant (UTC) that `note_verified` wrote last; None where there is none. Raises as `last_read` does."""
    return _read(verified_path(root), _VERIFIED_AT)


def last_read(root: Path, key: ConferenceKey) -> datetime | None:
    """The instant (UTC) that was noted last; None where there is none, or what is there is no such note.

    Raises OSError where the disk refuses, and where something else is in the place of the file.
    """
    return _read(path_of(root, key), _READ_AT)


def verified_path(root: Path) -> Path:
    """The file of `note_verified`."""
    return root / _FOLDER / _VERIFIED


def path_of(root: Path, key: ConferenceKey) -> Path:
    """The file of a conference's note."""
    return root / _FOLDER / path_name(key.account) / f"{path_name(key.conference)}.json"


def _write(path: Path, instants: dict[str, datetime]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        note = {name: instant.astimezone(UTC).isoformat() for name, instant in instants.items()}
        beside.write_text(json.dumps(note) + "\n", encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _read(path: Path, name: str) -> datetime | None:
    try:
        disk.check_file(path)
        noted = datetime.fromisoformat(json.loads(path.read_text(encoding="utf-8"))[name])
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return noted.astimezone(UTC) if noted.tzinfo else None
