"""The protocol of writers in an object store: the real code, every request in any order, deaths and lost answers.

A Hypothesis state machine looks for broken promises; walks at random show that it would find them.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from planion_assets.storage import (
    head_objects,
    object_conference,
    object_files,
    object_store,
    object_writer,
    staged_objects,
    table_objects,
)
from planion_assets.storage.head import Head
from planion_assets.storage.log_parts import LogPart, compacted
from planion_assets.storage.parquet_file import Pieces
from planion_assets.storage.writer import NewPart, Writer
from planion_assets_tests.storage.memory_objects import object_store as stored_in
from planion_assets_tests.storage.object_world import (
    DIE_UNDER_WAY,
    FATES,
    GO,
    LOST,
    TABLES,
    BrokenPromiseError,
    World,
    fail,
    refresh,
)


def _in_order(work: Callable[..., object], given: Mapping[str, Any]) -> None:
    for one in given.items():
        work(*one)


@pytest.fixture(autouse=True)
def in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer makes one request at a time."""
    for module in (object_writer, staged_objects):
        monkeypatch.setattr(module, "each", _in_order)


class ObjectStoreMachine(RuleBasedStateMachine):
    """Two or three refreshes of one conference and notes of failures, each request with any fate, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.crashes = 3

    @precondition(lambda self: len(self.world.active()) < 3)
    @rule(work=st.sampled_from([refresh, refresh, fail]))
    def begin(self, work: Callable[..., None]) -> None:
        """Another one begins."""
        self.world.begin(work)

    @precondition(lambda self: self.world.active())
    @rule(which=st.integers(0, 2), steps=st.integers(1, 6))
    def step(self, which: int, steps: int) -> None:
        """One makes a few requests, between which no other does."""
        self.world.go(self.world.active()[which % len(self.world.active())], steps)

    @precondition(lambda self: self.world.active() and self.crashes)
    @rule(which=st.integers(0, 2), fate=st.sampled_from(FATES[1:]))
    def suffer(self, which: int, fate: str) -> None:
        """One dies, or its answer is lost."""
        self.crashes -= 1
        self.world.active()[which % len(self.world.active())].step(fate)

    @rule(letter=st.sampled_from("AB"))
    def move_on(self, letter: str) -> None:
        """The feed has another state, or has one again."""
        self.world.move_on(letter)

    @precondition(lambda self: self.world.late)
    @rule(which=st.integers(0, 2))
    def land(self, which: int) -> None:
        """A request of a dead one arrives late."""
        self.world.land(which % len(self.world.late))

    @invariant()
    def promises(self) -> None:
        """All that holds after every request."""
        self.world.check()

    def teardown(self) -> None:
        """All that holds after a refresh that nothing disturbs."""
        try:
            self.world.check_quiescent()
        finally:
            self.world.end()


def test_no_order_of_requests_breaks_a_promise() -> None:
    run_state_machine_as_test(ObjectStoreMachine)


def _walk(seed: int, fates: Sequence[str] = FATES[1:], *, strikes: bool = False) -> None:
    """Writers, three deaths or lost answers, failure notes and states of the feed at random. Raises what was broken."""
    chance, world = random.Random(seed), World(strikes=strikes)  # noqa: S311 - no secret
    waiting = [refresh, refresh, chance.choice([refresh, fail])]
    letters, suffered = list("BA"), [chance.choice(fates) for _ in range(3)]
    if strikes:
        waiting, letters = waiting + [refresh] * 2, list("BCD")
        for letter in "AB":
            refresh(stored_in(world.objects), world, None)
            world.move_on(letter)
    try:
        while waiting or world.active():
            active = world.active()
            acts = ["go"] * 3 * len(active) + ["suffer"] * bool(active and suffered)
            acts += ["begin"] * bool(waiting) + ["move on"] * bool(letters) + ["land"] * bool(world.late)
            act = chance.choice(acts)
            if act == "go":
                world.go(chance.choice(active), chance.choice([1, 2, 3, 8]))
            elif act == "suffer":
                chance.choice(active).step(suffered.pop())
            elif act == "begin":
                world.begin(waiting.pop(0))
            elif act == "move on":
                world.move_on(letters.pop(0))
            else:
                world.land(chance.randrange(len(world.late)))
            world.check()
        world.check_quiescent()
    finally:
        world.end()


def _walks(seeds: Iterable[int], fates: Sequence[str] = FATES[1:], *, strikes: bool = False) -> None:
    for seed in seeds:
        _walk(seed, fates, strikes=strikes)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are old enough to be compacted at once; the world sees to it that none is written late."""
    monkeypatch.setattr(object_store, "OWN_AFTER", timedelta(-1))


# In the last one a writer fails before it tries to commit what would be the first commit.
@pytest.mark.parametrize("seed", [*range(5), 5026])
def test_no_walk_breaks_a_promise(seed: int) -> None:
    _walk(seed)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.usefixtures("at_once")
def test_no_walk_of_writers_that_rewrite_and_compact_the_log_breaks_a_promise(seed: int) -> None:
    _walk(seed, strikes=True)


@pytest.mark.soak
def test_none_of_thousands_of_walks_breaks_a_promise() -> None:
    _walks(range(100, 4000))


@pytest.mark.soak
@pytest.mark.usefixtures("at_once")
def test_none_of_thousands_of_walks_with_a_log_that_is_rewritten_and_compacted_breaks_a_promise() -> None:
    _walks(range(100, 2000), strikes=True)


# Mutants: each breaks one rule of the protocol, and a walk finds what that breaks ------------------------------------

Patch = Callable[[pytest.MonkeyPatch], None]


def _blind(of: str) -> Patch:
    """Writes below that folder are under no condition."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        put = object_files.ObjectFiles.put

        def blind(self: object_files.ObjectFiles, name: str, content: bytes, expected: Any) -> Any:
            if name.startswith(of) or (of == "tables" and name.startswith(TABLES)):
                return self._put(name, content, "overwrite")
            return put(self, name, content, expected)

        monkeypatch.setattr(object_files.ObjectFiles, "put", blind)

    return patch


def _skip_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that shows the snapshot already is left alone, though the head does not know it."""
    monkeypatch.setattr(object_writer.ObjectWriter, "footer", object_conference.KnownConference.footer)


def _hist_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log's file gets its name before the commit."""
    commit = object_writer.ObjectWriter._commit

    def early(self: Any, new: Any, logs: Any) -> None:
        for name, staged in new.pending.log_files.items():
            table_objects.create_once(self.store.files, name, new.contents[staged])
        commit(self, new, logs)

    monkeypatch.setattr(object_writer.ObjectWriter, "_commit", early)


def _no_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that says no more than what is known, so that one can come back with the same ETag."""
    to_json = Head.to_json
    monkeypatch.setattr(Head, "to_json", lambda self: to_json(replace(self, nonce="")))


def _no_recovery(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the last commit staged is not put in place by the next writer."""
    monkeypatch.setattr(object_store, "recover", lambda files, key, found: replace(found.head, pending=None))


def _forgets_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost answer counts as a lost race."""
    monkeypatch.setattr(head_objects, "is_committed", lambda stored, head: stored is head)


def _no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies there is replaced."""
    monkeypatch.setattr(table_objects, "is_newer", lambda stored, version: False)


def _hist_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log's file gets its name after all tables."""
    place, note = object_writer.ObjectWriter._place_snapshot, object_writer.ObjectWriter._note

    def without_log(self: Any, new: Any) -> None:
        self.later = {name: new.contents[staged] for name, staged in new.pending.log_files.items()}
        place(self, replace(new, pending=replace(new.pending, log_files={})))

    def with_log(self: Any, change: Any) -> Any:
        for name, content in getattr(self, "later", {}).items():
            table_objects.create_once(self.store.files, name, content)
        return note(self, change)

    monkeypatch.setattr(object_writer.ObjectWriter, "_place_snapshot", without_log)
    monkeypatch.setattr(object_writer.ObjectWriter, "_note", with_log)


def _trust_unfinished(monkeypatch: pytest.MonkeyPatch) -> None:
    """The head that commits knows the tables that are to be written."""
    followed_by = Head.followed_by

    def trusting(head: Any, *arguments: Any) -> Any:
        return replace(followed_by(head, *arguments), tables=head.tables)

    monkeypatch.setattr(Head, "followed_by", trusting)


MUTANTS: dict[str, tuple[Patch, Sequence[str]]] = {
    "blind_head": (_blind(".heads/"), FATES[1:]),
    "skip_right": (_skip_right, FATES[1:]),
    "hist_first": (_hist_first, FATES[1:]),
    "no_nonce": (_no_nonce, [DIE_UNDER_WAY]),
    "blind_tables": (_blind("tables"), [GO]),
    "no_recovery": (_no_recovery, FATES[1:]),
    "forgets_nonce": (_forgets_nonce, [LOST]),
    "no_version": (_no_version, [GO]),
    "hist_late": (_hist_late, FATES[1:]),
    "trust_unfinished": (_trust_unfinished, FATES[1:]),
}
"""Each with the fates among which it is found soonest."""
_FIRST_SEED = {"blind_head": 3, "forgets_nonce": 6, "trust_unfinished": 7, "skip_right": 8, "no_nonce": 99}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_walk_finds_what_a_mutant_breaks(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patch, fates = MUTANTS[mutant]
    patch(monkeypatch)
    with pytest.raises(BrokenPromiseError):
        _walks(range(_FIRST_SEED.get(mutant, 0), 300), fates)


def _blind_rewrite(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the log is rewritten whatever lies there."""
    monkeypatch.setattr(object_writer.ObjectWriter, "rewrite_part", Writer.rewrite_part)


def _compacts_uncommitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of the log are compacted without a commit."""

    def compact(self: Any, log: str, parts: Sequence[LogPart], content: Pieces) -> None:
        one = NewPart(log, "", compacted(parts), content)
        new = staged_objects.compaction(self.store, self.key, one)
        for name, staged in new.pending.log_files.items():
            table_objects.create_once(self.store.files, name, new.contents[staged])
        self.store.files.delete_all(new.pending.covered)

    monkeypatch.setattr(object_writer.ObjectWriter, "compact", compact)


def _deletes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a compacted file covers is deleted before that has its name."""
    place = object_writer.ObjectWriter._place_snapshot

    def early(self: Any, new: Any) -> None:
        self.store.files.delete_all(new.pending.covered)
        place(self, new)

    monkeypatch.setattr(object_writer.ObjectWriter, "_place_snapshot", early)


@pytest.mark.parametrize(
    ("mutant", "first_seed"), [(_blind_rewrite, 82), (_compacts_uncommitted, 29), (_deletes_first, 4)]
)
@pytest.mark.usefixtures("at_once")
def test_a_walk_finds_what_breaks_in_the_log(mutant: Patch, first_seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    with pytest.raises(BrokenPromiseError):
        _walks(range(first_seed, 300), strikes=True)
