"""Verifies the files of the change logs: each holds the changes of its name, and together they lead to the snapshot.

The changes of a lost file cannot be derived again. So a repair sets the file aside, or marks its numbers as missing, in
the folder of damaged files: a gap that is marked there is known, and reported as a note.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.begin_anew import leads_elsewhere
from planion_assets.refresh.change_log import ROWS, log_digest
from planion_assets.refresh.step_notes import STEPS, StepNote, notes_of, state_of
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.file_names import log_folder
from planion_assets.storage.log_parts import NOTHING, covered_parts, part_of, without_covered
from planion_assets.storage.store import Footer, LogPart, NotStoredError, Store
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.model import History
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets.verify.findings import FindingKind, Found, cause
from planion_assets.verify.whole_file import WholeFile, read_whole

_BEGINS_ANEW = "`planion verify --repair` or the next refresh adds one that begins anew"
_NEEDED = ("account", "conference", "sequence", "snapshot_before", "snapshot_after")


@dataclass(slots=True)
class ChangeLogFiles:
    """The files of a change log of a conference while they are verified; what is wrong with them is added to `found`.

    `parts` are the files that are right, and `steps` the notes of their steps, both in order.
    """

    history: History
    key: ConferenceKey
    store: Store
    found: Found
    parts: list[LogPart] = field(default_factory=list)
    steps: list[StepNote] = field(default_factory=list)

    @property
    def folder(self) -> str:
        """The name of their folder."""
        return log_folder(self.history.location, self.key)

    def verify(self) -> None:
        """Read every file and see whether each follows the one before it."""
        try:
            listed = self.store.listed_parts(self.history.location, self.key)
        except OSError as error:
            self.found.add(self.folder, FindingKind.DAMAGED, refusal(error), set_aside=True)
            return
        for part in without_covered(listed):
            name = f"{self.folder}/{part.name}"
            problems, notes = self._read(name, part)
            previous = self.parts[-1] if self.parts else None
            if previous and part.first <= previous.sequence:
                problems.append(f"there is another change {part.first}")
            elif previous and part.first == previous.sequence + 1 and part.before not in (previous.after, NOTHING):
                problems.append("it does not follow the change before it")
            elif part.first == 0 and part.before != NOTHING:
                problems.append("it is the first change, and its name tells of one before it")
            if problems:
                remedy = "`planion verify --repair` sets it aside; what it held cannot be made again"
                self.found.add(name, FindingKind.DAMAGED, "; ".join(problems), remedy, set_aside=True)
            else:
                self.parts.append(part)
                self.steps += notes
        self._find_gaps()
        for part in sorted(covered_parts(listed)):
            problem = "a refresh ended before it deleted a file whose changes are in another one"
            remedy = "the next refresh that changes something does"
            self.found.add(f"{self.folder}/{part.name}", FindingKind.NOTED, problem, remedy)

    def verify_end(self, snapshot: str) -> None:
        """See whether the last change leads to the snapshot that is stored."""
        if self.parts and self.parts[-1].leads_to(snapshot):
            return
        if any(part.leads_to(snapshot) for part in self.store.pending(self.history.location, self.key)):
            problem = "a refresh ended before it gave a change its name"
            self.found.add(self.folder, FindingKind.NOTED, problem, "the next refresh does")
        elif not any(self._damaged()):
            problem = "no change leads to the snapshot that is stored"
            self.found.add(self.folder, FindingKind.MISSING, problem, _BEGINS_ANEW)

    def verify_states(self, right: Mapping[str, Footer]) -> None:
        """See whether the last step leads to the tables that are `right`: a reader of all changes has their rows."""
        if any(f"{one.name}/".startswith(f"{self.folder}/") for one in self.found.findings if one.is_damage):
            return
        tracked = [one.table for one in self.history.tracked if one.table in right]
        stored = {table: state_of(right[table].provenance) or {} for table in tracked}
        if stored and not self.parts:
            problem = f"no change leads to {' and '.join(stored)} as stored"
            self.found.add(self.folder, FindingKind.MISSING, problem, _BEGINS_ANEW)
        last = self.steps[-1] if self.steps else None
        if last is None or last.sequence != self.parts[-1].sequence:
            return  # a file of older code has no notes
        if elsewhere := leads_elsewhere(last, stored):
            problem = f"its last change does not lead to {' and '.join(elsewhere)} as stored"
            remedy = "`planion verify --repair` adds one that begins anew"
            self.found.add(self.folder, FindingKind.MISSING, problem, remedy)

    def _read(self, name: str, part: LogPart) -> tuple[list[str], list[StepNote]]:
        """What is wrong with a file, and the notes of its steps."""
        try:
            whole, problems = read_whole(self.store.files, name, self.history, self.found, [ROWS, STEPS])
        except NotStoredError as error:
            return [cause(error, self.store.files.address(name))], []
        if whole is None:
            return problems, []
        problems += _misfits(self.history, whole, part, self.key)
        return problems, notes_of(whole.rows.schema.metadata)

    def _find_gaps(self) -> None:
        for first, last in _gaps(self.parts):
            what = f"change {first} is" if first == last else f"changes {first} to {last} are"
            known = _is_known(self.history, self.key, self.store, first, last)
            if known and self.history.public and first == 0 and self.parts[0].before == NOTHING:
                continue  # what was handed out by other settings is deleted
            if known:
                remedy = "whoever needs each change starts again from the tables"
                self.found.add(self.folder, FindingKind.NOTED, f"{what} lost", remedy)
            elif not any(first <= part.sequence and part.first <= last for part in self._damaged()):
                remedy = "`planion verify --repair` marks the gap; what was in it cannot be made again"
                self.found.add(self.folder, FindingKind.MISSING, f"{what} not there", remedy)

    def _damaged(self) -> Iterator[LogPart]:
        """The files that a repair sets aside."""
        names = (name for name in self.found.to_set_aside if name.startswith(f"{self.folder}/"))
        return (part for name in names if (part := part_of(name.rpartition("/")[2])))


def mark_gaps(history: History, key: ConferenceKey, store: Store) -> None:
    """Mark as missing the numbers that no file has. Raises OSError."""
    for first, last in _gaps(store.log_parts(history.location, key)):
        if not _is_known(history, key, store, first, last):
            store.mark_lost(history.location, key, first, last)


def _gaps(parts: list[LogPart]) -> Iterator[tuple[int, int]]:
    """The first and last number of each run of numbers that no file has."""
    expected = 0
    for part in parts:
        if part.first > expected:
            yield expected, part.first - 1
        expected = part.sequence + 1


def _is_known(history: History, key: ConferenceKey, store: Store, first: int, last: int) -> bool:
    """Whether each of those numbers was set aside or marked as missing."""
    for begin, end in store.lost(history.location, key):
        if begin <= first <= end:
            first = end + 1
    return first > last


def _misfits(history: History, whole: WholeFile, part: LogPart, key: ConferenceKey) -> Iterator[str]:
    """How the rows of a file are not those of its name. Older code wrote fewer columns, and no digest."""
    rows, schema = whole.rows, schema_of(history)
    if set(_NEEDED) - set(rows.schema.names) or any(
        one.name not in schema.names or one.type != schema.field(one.name).type for one in rows.schema
    ):
        yield "it has other columns or types than this code gives it"
        return
    if any(b"description" not in (one.metadata or {}) for one in rows.schema):
        yield "it was written by another tool"
    metadata = rows.schema.metadata or {}
    digest = metadata.get(ROWS)
    if digest is not None and digest.decode(errors="replace") != log_digest(rows, metadata.get(STEPS, b"")):
        yield "its rows or columns were changed"
    for name, value in asdict(key).items():
        if set(rows[name].to_pylist()) - {value}:
            yield f"it holds rows of another {name}"
    numbers = rows["sequence"].to_pylist()
    if any(number is None or not part.first <= number <= part.sequence for number in numbers):
        yield "it holds rows of another sequence"
    steps = [note.sequence for note in notes_of(metadata)]
    if (steps or part.changes > 1) and steps != list(range(part.first, part.sequence + 1)):
        yield "it tells of other changes than its name"
    names = {"snapshot_before": (part.before, part.first), "snapshot_after": (part.after, part.sequence)}
    if history != SESSION_CHANGES:  # tables of two snapshots may follow it
        del names["snapshot_before"]
    for name, (beginning, number) in names.items():
        cells = zip(rows[name].to_pylist(), numbers, strict=True)
        if any(not str(cell).startswith(beginning) for cell, of in cells if of == number):
            yield f"{name} is another than its name tells"
    if part.before == NOTHING and part.first in numbers:
        yield "it has rows, and follows nothing"
