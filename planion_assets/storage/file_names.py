"""What files are called below the root, and what a file is by its name."""

import re

from planion_assets.keys import ConferenceKey, name_from_path, path_name
from planion_assets.storage.log_parts import LogPart, part_of

SUFFIX = ".parquet"
"""The end of the name of every table's file."""
DAMAGED = ".damaged"
"""The folder of what was set aside because it was damaged."""
_MISSING = "missing"
_LOST = re.compile(rf"(\d+)-(?:(\d{{1,8}})-{_MISSING}$)?")
_AGAIN = re.compile(r"(?<=\.parquet)\.\d+$")  # the number of a file that was set aside under a name in use


def table_folder(table: str) -> str:
    """The folder of a table, whose name may be a path: `published/published_sessions`."""
    return "/".join(path_name(part) for part in table.split("/"))


def table_file(table: str, key: ConferenceKey | None) -> str:
    """The file of a table: a conference's, or `<table>.parquet` for a table of all conferences."""
    return f"{table_folder(table)}{SUFFIX}" if key is None else f"{log_folder(table, key)}{SUFFIX}"


def log_folder(log: str, key: ConferenceKey) -> str:
    """The folder of a conference's files of a change log: `<log>/<account>/<conference>`."""
    return f"{table_folder(log)}/{path_name(key.account)}/{path_name(key.conference)}"


def log_file(log: str, key: ConferenceKey, part: LogPart) -> str:
    """One of those files."""
    return f"{log_folder(log, key)}/{part.name}"


def lost_folder(log: str, key: ConferenceKey) -> str:
    """Where files of a conference's change log are that were set aside because they were damaged."""
    return f"{DAMAGED}/{log_folder(log, key)}"


def missing_mark(log: str, key: ConferenceKey, first: int, last: int) -> str:
    """The file that marks numbers as missing."""
    return f"{lost_folder(log, key)}/{first}-{last}-{_MISSING}"


def lost_numbers(name: str) -> tuple[int, int] | None:
    """The first and last number for which a file of that folder stands; None for one that is of no change."""
    if part := part_of(_AGAIN.sub("", name)):
        return part.first, part.sequence
    match = _LOST.match(name)
    return (int(match[1]), int(match[2] or match[1])) if match else None


def key_of_file(name: str) -> ConferenceKey | None:
    """The conference whose file of a table has that name; None for a name that is none of ours."""
    account, _, file = name.rpartition("/")
    if not file.endswith(SUFFIX) or file.startswith("."):
        return None
    return key_of(account.rpartition("/")[2], file.removesuffix(SUFFIX))


def key_of(account: str, conference: str) -> ConferenceKey | None:
    """The conference of these two parts of a name; None where they are none of a conference."""
    try:
        key = ConferenceKey(name_from_path(account), name_from_path(conference))
    except ValueError:
        return None
    return key if (path_name(key.account), path_name(key.conference)) == (account, conference) else None
