"""Writers of one conference in an object store, one request at a time, in whatever order, any of them dying anywhere.

Each writer is the real code in a thread of its own that stops before each request until it is told what becomes of
it. After every request all promises are checked. `World.check` and `World.check_quiescent` raise the promise that was
broken.
"""

import contextlib
import functools
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from obstore.exceptions import AlreadyExistsError, BaseError, GenericError

from planion_assets.keys import ConferenceKey
from planion_assets.storage.errors import NotStoredError, ObjectStoreError, SupersededError
from planion_assets.storage.file_names import log_folder, table_file
from planion_assets.storage.head import Head
from planion_assets.storage.head_objects import get_head, head_name
from planion_assets.storage.log_parts import DIGITS, NOTHING, LogPart, compacted, part_of, without_covered
from planion_assets.storage.object_files import ObjectFiles
from planion_assets.storage.object_probe import PASSED
from planion_assets.storage.object_store import ObjectStore
from planion_assets.storage.object_writer import ObjectWriter
from planion_assets.storage.parquet_file import Footer, Pieces, Provenance, provenance_in, version_in
from planion_assets.storage.staged_objects import STAGED
from planion_assets.storage.writer import NewPart, StagedFile
from planion_assets_tests.storage.memory_objects import URL, MemoryObjects, e_tag, object_store

KEY = ConferenceKey("AAA", "2024")
RAW, PUBLIC, REST = "raw", "published/public", "rest"
TABLES = (RAW, PUBLIC, REST)
LOG = "log"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
GO, DIE, DIE_AFTER, DIE_UNDER_WAY, LOST, LOST_UNDER_WAY = "go", "die", "die after", "die, late", "lost", "lost, late"
TWICE = "twice"
"""The answer is lost, and obstore asks again by itself."""
FATES = (GO, DIE, DIE_AFTER, DIE_UNDER_WAY, LOST, LOST_UNDER_WAY, TWICE)
_ATTEMPTS = 2


class BrokenPromiseError(AssertionError):
    """What the protocol promises does not hold."""


class Killed(BaseException):
    """The process of a writer has died."""


class Actor:
    """Work in a thread that stops before each request. `request` is what it is about to ask; None once it has ended."""

    def __init__(self, work: Callable[["Actor"], None]) -> None:
        self.request: tuple[str, str] | None = ("START", "")
        self.dead = False
        self.tried = ""
        self.fate = GO
        self._turn, self._arrived = threading.Semaphore(0), threading.Semaphore(0)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[["Actor"], None]) -> None:
        self._turn.acquire()
        try:
            work(self)
        except Killed:
            pass
        except ObjectStoreError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised where the step is taken
            self._error = error
        self.request = None
        self._arrived.release()

    def arrive(self, method: str, name: str) -> str:
        """Stop before a request; what becomes of it. Raises `Killed` for the dead."""
        if self.dead:
            raise Killed
        self.request = (method, name)
        self._arrived.release()
        self._turn.acquire()
        return self.fate

    def pause(self) -> None:
        """Stop where no request is made, and others may be."""
        self.arrive("PAUSE", "")
        if self.dead:
            raise Killed

    def step(self, fate: str) -> None:
        """Let the request have that fate, and wait for the next one or the end."""
        self.fate = fate
        if fate in (DIE, DIE_AFTER, DIE_UNDER_WAY):
            self.dead = True
        self._turn.release()
        self._arrived.acquire()
        if self._error:
            raise self._error


class ActorObjects(MemoryObjects):
    """The objects of a world to one actor."""

    def __init__(self, world: "World", actor: Actor) -> None:
        self.world, self.actor = world, actor
        self.store, self._lock, self.requests = world.objects.store, world.objects._lock, []
        self.before = self._arrive
        self._fate = GO

    def _arrive(self, method: str, name: str) -> None:
        self._fate = self.actor.arrive(method, name)
        if self._fate == DIE or (self.actor.dead and method not in ("PUT", "DELETE")):
            raise Killed
        if self._fate == LOST and method not in ("PUT", "DELETE"):
            raise GenericError("answer lost")

    def put(self, path: str, file: bytes, *, mode: Any = None, use_multipart: bool | None = None) -> Mapping[str, Any]:
        """Write, now or later or never, and answer or not."""
        self._begin("PUT", path)
        self.actor.tried = json.loads(file)["commit"] if path == head_name(KEY) else ""

        def write() -> Mapping[str, Any]:
            # What is deleted is so old that no request to make it is under way any more.
            if mode == "create" and path in self.world.deleted:
                raise AlreadyExistsError(path)
            return self.write(path, file, mode)

        result: Mapping[str, Any] = self._done(write)
        return result

    def delete(self, paths: Sequence[str]) -> None:
        """Remove, now or later or never, and answer or not."""
        self._begin("DELETE", ",".join(paths))

        def delete() -> None:
            self.store.delete(list(paths))
            self.world.deleted.update(paths)

        self._done(delete)

    def _done(self, work: Callable[[], Any]) -> Any:
        fate = self._fate
        if fate in (DIE_UNDER_WAY, LOST_UNDER_WAY):
            self.world.late.append(work)
        elif fate in (GO, TWICE):
            if fate == TWICE:
                with contextlib.suppress(BaseError):
                    work()
            return work()
        else:
            with contextlib.suppress(BaseError):
                work()
        if fate in (LOST, LOST_UNDER_WAY):
            raise GenericError("answer lost")
        raise Killed


class World:
    """A feed with a state, the objects, and the actors.

    Where it `strikes`, each refresh rewrites the files of the log before the public table shows its state, as that of
    `published_changes` does, and compacts old ones.
    """

    def __init__(self, *, strikes: bool = False) -> None:
        self.objects = MemoryObjects()
        self.objects.write(PASSED, b"{}")
        self.strikes = strikes
        self.deleted: set[str] = set()
        self.feed = ("A", 0)
        self.actors: list[Actor] = []
        self.late: list[Callable[[], Any]] = []
        self._committed: list[str] = []
        self._versions: dict[str, int] = {}

    def begin(self, work: Callable[[ObjectStore, "World", Actor], None]) -> Actor:
        """An actor that is about to begin."""
        actor = Actor(lambda actor: work(ObjectStore(ObjectFiles(ActorObjects(self, actor), URL)), self, actor))
        self.actors.append(actor)
        return actor

    def active(self) -> list[Actor]:
        """The actors that have not ended."""
        return [actor for actor in self.actors if actor.request]

    def go(self, actor: Actor, steps: int) -> None:
        """An actor makes so many requests, between which no other does. Raises `BrokenPromiseError`."""
        for _ in range(steps):
            if actor.request:
                actor.step(GO)
                self.check()

    def move_on(self, letter: str) -> None:
        """The feed has another state, which may be one that it had before."""
        self.feed = (letter, self.feed[1] + 1)

    def land(self, which: int) -> None:
        """A request that was under way when its writer died arrives."""
        with contextlib.suppress(BaseError):
            self.late.pop(which)()

    def head(self) -> Head:
        """The stored head."""
        return get_head(ObjectFiles(self.objects, URL), KEY).head

    def end(self) -> None:
        """Let no thread wait for ever."""
        for actor in self.actors:
            while actor.request:
                actor.step(DIE)

    # What is promised ------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """All that holds after every request. Raises `BrokenPromiseError`."""
        head = self.head()
        if (end := head.logs.get(LOG)) and end.last and end.last.name not in self._committed:
            self._committed.append(end.last.name)
        self._check_log()
        self._check_order(head)
        for name in self.objects.names():
            hidden = any(part.startswith(".") for part in name.split("/"))
            _promise(name.endswith(".parquet") != hidden, f"{name}: readers see what is hidden, or the reverse")

    def _check_log(self) -> None:
        parts = without_covered(part for part in map(self._part, self.objects.names(LOG)) if part)
        names, newest = [], -1
        for part in parts:
            rows = self._rows(f"{log_folder(LOG, KEY)}/{part.name}")
            logged = [LogPart(row["sequence"], row["before"], digest(row["letter"])[:DIGITS]) for row in rows]
            _promise(len(logged) == part.changes and part == compacted(logged), f"{part.name} holds {rows}")
            names += [one.name for one in logged]
            for row in rows:
                _promise(row["index"] >= newest, f"{part.name} is of an older state of the feed than the one before it")
                newest = row["index"]
        _promise(names == self._committed[: len(names)], f"the log {names} is no beginning of {self._committed}")
        _promise(len(names) >= len(self._committed) - 1, f"the log lacks more than the last of {self._committed}")
        chain = [one for name in names if (one := part_of(name))]
        for one, previous in zip(chain, [None, *chain], strict=False):
            _promise(one.before == (previous.after if previous else NOTHING), f"{names} is no chain")

    def _check_order(self, head: Head) -> None:
        indexes = []
        for table in TABLES:
            name = table_file(table, KEY)
            if not self.objects.holds(name):
                indexes.append(-1)
                _promise(table not in self._versions and table not in head.tables, f"{table} is gone")
                continue
            content = self.objects.content(name)
            version, rows = _parquet(content)
            _promise(version >= self._versions.get(table, 0), f"{table} went back to version {version}")
            self._versions[table] = version
            indexes.append(rows[0]["index"])
            known = head.tables.get(table)
            _promise(known is None or known.tag.e_tag == e_tag(content), f"the head says {known} of {table}")
        _promise(sorted(indexes, reverse=True) == indexes, f"raw, public, rest show the states {indexes}")
        logged = [row for name in self.objects.names(LOG) for row in self._rows(name)]
        newest = max((row["index"] for row in logged), default=-1)
        _promise(indexes[1] <= newest, f"public shows state {indexes[1]}, the log those up to {newest}")
        if self.strikes:
            unstruck = [row for row in logged if row["struck"] < indexes[1]]
            _promise(not unstruck, f"public shows state {indexes[1]}, and {unstruck} are not struck of what it hides")

    def check_quiescent(self) -> None:
        """What holds once no writer is at work any more and one more has been, which nothing disturbs."""
        self.end()
        store, logged = object_store(self.objects), self.objects.names(LOG)
        refresh(store, self, None)
        self.deleted |= logged - self.objects.names(LOG)
        self.check()
        head, digests = self.head(), {table: digest(self.feed[0]) for table in TABLES}
        snapshots = {
            table: known.footer.provenance.snapshot for table, known in head.tables.items() if known.footer.provenance
        }
        _promise(snapshots == digests, f"after a quiet refresh of {self.feed} the head knows {snapshots}")
        _promise(all(self.objects.holds(table_file(table, KEY)) for table in TABLES), "a known table is not there")
        _promise(head.pending is None, f"after a quiet refresh there is pending {head.pending}")
        changes = sum(part.changes for part in store.log_parts(LOG, KEY))
        _promise(changes == len(self._committed), f"the log lacks some of {self._committed}")
        before = {name: self.objects.content(name) for name in self.objects.names() if not name.startswith(STAGED)}
        while self.late:
            self.land(0)
            self.check()
        after = {name: self.objects.content(name) for name in self.objects.names() if not name.startswith(STAGED)}
        _promise(before == after, "a late request of the dead changed something")
        self.objects.requests.clear()
        refresh(store, self, None)
        _promise(len(self.objects.requests) == 2, f"an unchanged conference took {self.objects.requests}")

    def _rows(self, name: str) -> list[dict[str, Any]]:
        return _parquet(self.objects.content(name))[1]

    def _part(self, name: str) -> LogPart | None:
        return part_of(name.rpartition("/")[2])


@functools.lru_cache(1024)
def _parquet(content: bytes) -> tuple[int, list[dict[str, Any]]]:
    """The version and the rows of a file, which is looked at after each request."""
    table = pq.read_table(pa.BufferReader(content))
    return version_in(table.schema.metadata or {}), table.to_pylist()


def digest(letter: str) -> str:
    """That of a snapshot."""
    return hashlib.sha256(letter.encode()).hexdigest()


def refresh(store: ObjectStore, world: World, actor: Actor | None) -> None:
    """What `planion_assets.refresh.conference` does with a writer, of three small tables."""
    for _ in range(_ATTEMPTS):
        try:
            _refresh_once(store, world, actor)
        except SupersededError:
            continue
        return


def fail(store: ObjectStore, world: World, actor: Actor | None) -> None:
    """Note a failure."""
    store.note_failure(KEY, EPOCH, "the feed is down")


def _refresh_once(store: ObjectStore, world: World, actor: Actor | None) -> None:
    with store.writer(KEY, {LOG: RAW}) as writer:
        if actor:
            actor.pause()
        letter, index = world.feed
        footers = dict(_footers(writer))
        stored = footers[RAW].provenance if RAW in footers else None
        before = stored.snapshot if stored else None
        unchanged = before == digest(letter)
        fetched_at = stored.fetched_at if stored and unchanged else EPOCH + timedelta(hours=index)
        provenance = Provenance(digest(letter), fetched_at, "1")
        stale = [table for table in TABLES if table not in footers or footers[table].provenance != provenance]
        rows = pa.table({"letter": [letter], "index": [(fetched_at - EPOCH) // timedelta(hours=1)]})
        staged = {table: writer.stage(table, rows, provenance) for table in stale}
        raw = [staged[RAW]] if RAW in staged else []
        if stale:
            _commit(writer, raw, _change(writer, before, letter, index), world, actor)
            state = int(rows["index"][0].as_py())
            if world.strikes and not _strike(store, writer, state):
                return
            for table in stale:
                if table != RAW:
                    writer.commit_all([staged[table]])
            if world.strikes:
                _compact(store, writer)
        writer.note_read(EPOCH + timedelta(hours=index))


def _strike(store: ObjectStore, writer: ObjectWriter, index: int) -> bool:
    """Leave out of each file what a state hides; false where one was taken away, so that the refresh fails."""
    try:
        for part in store.log_parts(LOG, KEY):
            rows = store.read_log(LOG, KEY, part)
            struck = [max(index, row["struck"]) for row in rows.to_pylist()]
            if struck != rows["struck"].to_pylist():
                rewritten = rows.set_column(rows.schema.get_field_index("struck"), "struck", pa.array(struck))
                writer.rewrite_part(LOG, part, Pieces(rewritten.schema, [rewritten]))
    except NotStoredError:
        return False
    return True


def _compact(store: ObjectStore, writer: ObjectWriter) -> None:
    """Put one file in the place of all but the last one, where the public table shows the state of the writer."""
    parts = store.old_parts(LOG, KEY, 1)
    if len(parts) > 1 and PUBLIC in writer.head.tables:
        with contextlib.suppress(NotStoredError):
            files = [store.read_log(LOG, KEY, part) for part in parts]
            rows = pa.concat_tables([one.replace_schema_metadata() for one in files])
            writer.compact(LOG, parts, Pieces(rows.schema, [rows]))


def _commit(
    writer: ObjectWriter, raw: Sequence[StagedFile], change: NewPart | None, world: World, actor: Actor | None
) -> None:
    """Commit. The winner must not begin again, whatever became of the answer."""
    try:
        writer.commit_snapshot(raw, [change] if change else [])
    except (SupersededError, ObjectStoreError):
        # A writer that fails before it tries to commit is no winner, though there is no commit either.
        lost = actor is None or actor.fate != GO or not actor.tried or world.head().commit != actor.tried
        _promise(lost, "the winner of a commit begins again, or fails")
        raise


def _change(writer: ObjectWriter, before: str | None, letter: str, index: int) -> NewPart | None:
    end, after = writer.log_end(LOG), digest(letter)
    leads = end.last is not None and before is not None and end.last.leads_to(before)
    if leads and before == after:
        return None
    known = NOTHING
    if leads and before:
        snapshot = provenance_in(writer.read(RAW).schema.metadata or {})
        known = snapshot.snapshot[:DIGITS] if snapshot else "none"
    row = {"sequence": end.following, "before": known, "letter": letter, "index": index, "struck": index}
    rows = pa.Table.from_pylist([row])
    part = LogPart(end.following, before[:DIGITS] if leads and before else NOTHING, after[:DIGITS])
    return NewPart(LOG, RAW, part, Pieces(rows.schema, [rows]))


def _footers(writer: ObjectWriter) -> Iterator[tuple[str, Footer]]:
    for table in TABLES:
        with contextlib.suppress(NotStoredError):
            yield table, writer.footer(table)


def _promise(holds: bool, what: str) -> None:
    if not holds:
        raise BrokenPromiseError(what)
