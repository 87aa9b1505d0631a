"""The stored files of the change logs: each readable and about its own step, all of them a chain to the snapshot.

Nothing that a lost one held can be made again. So it is set aside, or its place is marked as missing, in the folder of
damaged files: a gap that is marked there is known and reported as a note.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.change_log import ROWS, log_digest
from planion_assets.refresh.step_notes import STEPS
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.file_names import log_folder
from planion_assets.storage.files import Files
from planion_assets.storage.log_parts import NOTHING, part_of
from planion_assets.storage.store import LogPart, NotStoredError, Store
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.model import History
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.verify.findings import REPAIR, FindingKind, Found, cause
from planion_assets.verify.whole_file import WholeFile, read_whole

_NEEDED = ("account", "conference", "sequence", "snapshot_before", "snapshot_after")


def verify_change_log(history: History, key: ConferenceKey, store: Store, found: Found) -> list[LogPart]:
    """Read every file and follow the chain; the files that are right, in order."""
    folder = log_folder(history.location, key)
    try:
        parts = store.log_parts(history.location, key)
    except OSError as error:
        found.add(folder, FindingKind.DAMAGED, refusal(error), REPAIR, aside=True)
        return []
    good: list[LogPart] = []
    for part in parts:
        name = f"{folder}/{part.name}"
        problems = _problems(history, store.files, name, part, key=key, found=found)
        previous = good[-1] if good else None
        if previous and part.sequence == previous.sequence:
            problems.append(f"there is another change {part.sequence}")
        elif previous and part.sequence == previous.sequence + 1 and part.before not in (previous.after, NOTHING):
            problems.append("it does not follow the change before it")
        elif part.sequence == 0 and part.before != NOTHING:
            problems.append("it is the first change, and its name tells of one before it")
        if problems:
            remedy = "`planion verify --repair` sets it aside; what it held cannot be made again"
            found.add(name, FindingKind.DAMAGED, "; ".join(problems), remedy, aside=True)
        else:
            good.append(part)
    _find_gaps(history, key, store, good, found)
    return good


def gaps(parts: list[LogPart]) -> Iterator[tuple[int, int]]:
    """The first and last number of each run of numbers that no file has."""
    expected = 0
    for part in parts:
        if part.sequence > expected:
            yield expected, part.sequence - 1
        expected = part.sequence + 1


def mark_gaps(history: History, key: ConferenceKey, store: Store) -> None:
    """Mark as missing the numbers that no file has, so that they are known to be. Raises OSError."""
    for first, last in gaps(store.log_parts(history.location, key)):
        if not _is_known(history, key, store, first, last):
            store.mark_lost(history.location, key, first, last)


def _is_known(history: History, key: ConferenceKey, store: Store, first: int, last: int) -> bool:
    """Whether each of those numbers was set aside or marked as missing."""
    for begin, end in store.lost(history.location, key):
        if begin <= first <= end:
            first = end + 1
    return first > last


def _find_gaps(history: History, key: ConferenceKey, store: Store, good: list[LogPart], found: Found) -> None:
    for first, last in gaps(good):
        what = f"change {first} is" if first == last else f"changes {first} to {last} are"
        folder = log_folder(history.location, key)
        known = _is_known(history, key, store, first, last)
        if known and history.public and first == 0 and good[0].before == NOTHING:
            continue  # what was handed out by other settings is deleted
        if known:
            found.add(
                folder, FindingKind.NOTED, f"{what} lost", "whoever needs each change starts again from the tables"
            )
        elif not any(first <= part.sequence <= last for part in _of(found, folder)):
            remedy = "`planion verify --repair` marks the gap; what was in it cannot be made again"
            found.add(folder, FindingKind.MISSING, f"{what} not there", remedy)


def _of(found: Found, folder: str) -> Iterator[LogPart]:
    names = (name for name in found.in_the_way if name.startswith(f"{folder}/"))
    return (part for name in names if (part := part_of(name.rpartition("/")[2])))


def verify_end(
    history: History, key: ConferenceKey, store: Store, good: list[LogPart], *, snapshot: str, found: Found
) -> None:
    """See whether the chain leads to the snapshot that is stored."""
    if good and good[-1].leads_to(snapshot):
        return
    folder = log_folder(history.location, key)
    if any(part.leads_to(snapshot) for part in store.pending(history.location, key)):
        found.add(
            folder, FindingKind.NOTED, "a refresh ended before it gave a change its name", "the next refresh does"
        )
    elif not any(_of(found, folder)):
        remedy = "`planion verify --repair` or the next refresh adds one that begins anew"
        found.add(folder, FindingKind.MISSING, "no change leads to the snapshot that is stored", remedy)


def _problems(
    history: History, files: Files, name: str, part: LogPart, *, key: ConferenceKey, found: Found
) -> list[str]:
    if part.name != name.rpartition("/")[2]:
        return ["its name is none of a change"]
    try:
        whole, problems = read_whole(files, name, history, found, [ROWS, STEPS])
    except NotStoredError as error:
        return [cause(error, files.address(name))]
    return problems + (list(_misfits(history, whole, part, key)) if whole else [])


def _misfits(history: History, whole: WholeFile, part: LogPart, key: ConferenceKey) -> Iterator[str]:
    """How the rows of a file are not those that its name tells of. Older code wrote fewer columns, and no digest."""
    rows, schema = whole.rows, schema_of(history)
    if set(_NEEDED) - set(rows.schema.names) or any(
        name not in schema.names or field.type != schema.field(name).type for name, field in _fields(whole)
    ):
        yield "it has other columns or types than this code gives it"
        return
    if any(b"description" not in (field.metadata or {}) for _, field in _fields(whole)):
        yield "it was written by another tool"
    notes = whole.rows.schema.metadata or {}
    noted = notes.get(ROWS)
    if noted is not None and noted.decode(errors="replace") != log_digest(rows, notes.get(STEPS, b"")):
        yield "its rows or columns were changed"
    own = {"account": key.account, "conference": key.conference, "sequence": part.sequence}
    for name, value in own.items():
        if any(cell != value for cell in rows[name].to_pylist()):
            yield f"it holds rows of another {name}"
    names = {"snapshot_before": part.before, "snapshot_after": part.after}
    if history != SESSION_CHANGES:  # tables of two snapshots may follow it
        del names["snapshot_before"]
    for name, beginning in names.items():
        if any(not str(cell).startswith(beginning) for cell in rows[name].to_pylist()):
            yield f"{name} is another than its name tells"
    if part.before == NOTHING and rows.num_rows:
        yield "it has rows, and follows nothing"


def _fields(whole: WholeFile) -> "list[tuple[str, pa.Field[Any]]]":
    return [(field.name, field) for field in whole.rows.schema]
