"""Edits, settings, compaction and kills in any order: nothing below `published/` tells what is not public."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from planion_assets.refresh import run
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.model import PUBLISHED
from planion_assets_tests.feed.server import KEY, LocalFeed, Request, Response, client_of, page_of
from planion_assets_tests.kills import Killed, dying_after
from planion_assets_tests.refresh.edited_programme import WORD, EditedProgramme, Words
from planion_assets_tests.refresh.hidden_people import WANTED, words_in

_STEPS = ("fsync", "replace", "unlink")


def _refresh(store: LocalStore, programme: EditedProgramme) -> None:
    def answer(request: Request) -> Response:
        of_people = request.path.endswith("/speakers")
        return page_of(list((programme.people if of_people else programme.sessions).values()), request.page)

    with LocalFeed(answer) as feed:
        (outcome,) = run.refresh([KEY], WANTED, store, lambda _: client_of(feed), lambda _: programme.options)
    assert isinstance(outcome, Refreshed), outcome
    assert outcome.problems == ()


def _die(refresh: Callable[[], Any], steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refresh, but die after that many steps, if there are so many."""
    dying = dying_after(steps)
    with monkeypatch.context() as context, contextlib.suppress(Killed):
        for name in _STEPS:
            context.setattr(os, name, dying(getattr(os, name)))
        refresh()


def _words(root: Path) -> set[str]:
    files = [path for path in (root / PUBLISHED).rglob("*") if path.is_file()]
    return {word for path in files for word in words_in(path.name, path.read_bytes(), WORD)}


def _all(words: Words) -> set[str]:
    return set().union(*words.values())


def _tellable(words: Words, allowed: Words) -> Words:
    """The words that may be published: those that are public, and earlier ones of what was public all the time."""
    return {of: words[of] | (set() if of[0] == "person" else allowed.get(of, set())) for of in words}


@pytest.mark.parametrize(
    ("seed", "edits"), [(1, 4), *(pytest.param(seed, 30, marks=pytest.mark.soak) for seed in range(20))]
)
def test_after_each_refresh_only_what_is_public_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, edits: int
) -> None:
    random = Random(seed)  # noqa: S311 - edits, no secrets
    store, programme = LocalStore(tmp_path), EditedProgramme(random)
    allowed: Words = {}
    ever: set[str] = set()
    for _ in range(edits):
        public = programme.public()
        ever |= _all(public)
        if random.random() < 0.4:
            _die(lambda: _refresh(store, programme), random.randrange(1, 120), monkeypatch)
            assert _words(tmp_path) <= ever
        _refresh(store, programme)
        allowed = _tellable(public, allowed)
        found = _words(tmp_path)
        assert found <= _all(allowed)
        assert {word for of in public if of[0] != "person" for word in public[of]} <= found
        programme.edit()
