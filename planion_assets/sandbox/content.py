"""The content of the sandbox as a whole: accounts, conferences, and the items that each holds at the moment.

What an item looks like is in `items.py`, how it changes in `changes.py`, how it is sent over HTTP in `wire.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from threading import Lock
from typing import Any

from planion_assets.sandbox.changes import UNCHANGED, Counts, draw, moved_on
from planion_assets.sandbox.items import Item, ItemFactory, pids_of
from planion_assets.sandbox.mess import mess, messy_people
from planion_assets.sandbox.people import Person, people, speaker_item
from planion_assets.sandbox.plans import PLANS, TOKENS, Conference
from planion_assets.sandbox.submissions import submissions

PEOPLE_PER_ACCOUNT = 900
SEED = 2018


@dataclass(slots=True)
class _State:
    """One conference: its items, once they were asked for, and the changes still to be applied to them."""

    plan: Conference
    size: int
    factory: ItemFactory | None = None
    items: list[Item] = field(default_factory=list)
    pending: list[tuple[int, Counts, datetime]] = field(default_factory=list)


class Sandbox:
    """Made-up conferences, the same for the same seed and the same number of advances.

    Every method may be called from several threads at once. Items and their changes are made when they are first asked
    for: a test of one conference does not pay for the others. `accounts` has the token of each account.
    """

    def __init__(self, seed: int = SEED, plans: Iterable[Conference] = PLANS) -> None:
        self.seed = seed
        self.accounts: dict[str, str] = dict(TOKENS)
        self._lock = Lock()
        self._revision = 0
        self._states = {(plan.account, plan.name): _State(plan, plan.sessions) for plan in plans}
        self._people: dict[str, tuple[Person, ...]] = {}

    @property
    def revision(self) -> int:
        """The number of advances so far."""
        with self._lock:
            return self._revision

    def items(self, account: str, conference: str) -> list[dict[str, Any]]:
        """The items of a conference in the feed's format, as they are at this moment; none for an unknown pair.

        The list is the caller's own. The items in it are shared and must not be changed; `advance` replaces items and
        never changes one.
        """
        with self._lock:
            state = self._states.get((account, conference))
            return list(self._current(state)) if state else []

    def speakers(self, account: str, conference: str) -> list[dict[str, Any]]:
        """The people engaged in a conference at this moment, in the format of the Speakers method."""
        engaged = pids_of(self.items(account, conference))
        with self._lock:
            state = self._states.get((account, conference))
            crowd = [person for person in self._crowd(account) if person.work["pid"] in engaged]
        listed = [speaker_item(person, account, conference) for person in crowd]
        return messy_people(listed) if state and state.plan.mess else listed

    def collection(self, method: str, account: str, conference: str) -> list[Any]:
        """The items of a method of the feed at this moment. Raises KeyError for one that the sandbox has not."""
        if method == "sessions":
            return self.items(account, conference)
        people = self.speakers(account, conference)
        if method == "speakers":
            return people
        state = self._states.get((account, conference))
        mess = bool(state and state.plan.mess)
        return submissions(method, self.items(account, conference), people, mess=mess)

    def advance(self, now: datetime) -> dict[str, Counts]:
        """Change every conference that has sessions and is not over (fixed in `plans.py`, whatever `now` is).

        `now` is written in UTC to `session_updated_at`. Returns for each "ACCOUNT|CONFERENCE" the number of items
        `edited`, `added` and `removed`. Raises ValueError if `now` has no zone.
        """
        if now.utcoffset() is None:
            raise ValueError(f"now must carry a zone, so that it can be written in UTC: {now!r}")
        with self._lock:
            self._revision += 1
            return {state.plan.key: self._advance_one(state, now.astimezone(UTC)) for state in self._states.values()}

    def _advance_one(self, state: _State, now: datetime) -> Counts:
        if state.plan.over:
            return dict(UNCHANGED)
        if state.plan.mess:
            return {**UNCHANGED, "edited": 1}
        counts = draw(self._random(state.plan.key, str(self._revision), "counts"), state.size)
        state.size += counts["added"] - counts["removed"]
        state.pending.append((self._revision, counts, now))
        return dict(counts)

    def _current(self, state: _State) -> list[Item]:
        """The items of a conference with all changes applied. Call with the lock held."""
        if state.plan.mess:
            factory = ItemFactory(state.plan, self._crowd(state.plan.account))
            return mess(self._random(state.plan.key), factory, state.plan.updated_to, self._revision)
        if state.factory is None:
            state.factory = ItemFactory(state.plan, self._crowd(state.plan.account))
            state.items = state.factory.initial(self._random(state.plan.key))
        for revision, counts, now in state.pending:
            rng = self._random(state.plan.key, str(revision))
            state.items = moved_on(rng, state.factory, state.items, counts, now)
        state.pending.clear()
        return state.items

    def _crowd(self, account: str) -> tuple[Person, ...]:
        if account not in self._people:
            self._people[account] = people(self._random("people", account), PEOPLE_PER_ACCOUNT)
        return self._people[account]

    def _random(self, *names: str) -> Random:
        # One generator per name: the numbers that one conference draws must not change another.
        return Random("/".join((str(self.seed), *names)))  # noqa: S311 - made-up content, no secret
