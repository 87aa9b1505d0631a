"""A search of everything below `published/` for who may not be there: after a refresh, during one, and after a kill."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.model import PUBLISHED
from planion_assets_tests.refresh.hidden_people import LEAVING, NEVER, refreshed, words_in
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store

_STEPS = ("fsync", "replace", "unlink")
"""What changes a file, or ends what was written to it."""


class _Killed(BaseException):
    """A process has ended."""


class _FolderSearch:
    """Searches every file below a folder, hidden ones too; of those that are as they were it remembers the words."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: set[str] = set()
        self.files = 0
        self._known: dict[tuple[str, int, int], set[str]] = {}

    def look(self) -> set[str]:
        """The words that are there; all that ever were are in `found`."""
        words: set[str] = set()
        for path in (path for path in (self.root / PUBLISHED).rglob("*") if path.is_file()):
            stat = path.stat()
            place = str(path.relative_to(self.root)), stat.st_mtime_ns, stat.st_ino
            if place not in self._known:
                self._known[place] = words_in(place[0], path.read_bytes())
                self.files += 1
            words |= self._known[place]
        self.found |= words
        return words


def _intercept(monkeypatch: pytest.MonkeyPatch, before: Callable[[], object]) -> None:
    for name in _STEPS:
        call = getattr(os, name)

        def called(*arguments: Any, call: Any = call, **named: Any) -> Any:
            before()
            return call(*arguments, **named)

        monkeypatch.setattr(os, name, called)


def _unpublished(words: set[str]) -> set[str]:
    return {word for word in words if word.startswith(NEVER)}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the first state of the feed, in which some are published who leave."""
    root = tmp_path_factory.mktemp("first")
    refreshed(LocalStore(root), left=False)
    words = _FolderSearch(root).look()
    assert _unpublished(words) == set()
    assert len(words) > 15, "those who leave are published now"
    return root


def test_the_search_finds_what_is_in_the_private_tables(first: Path) -> None:
    found: set[str] = set()
    for path in first.rglob("*.parquet"):
        if PUBLISHED not in path.parts:
            found |= words_in(path.name, path.read_bytes())
    assert len(_unpublished(found)) > 150


def test_nobody_is_there_at_any_step_of_a_refresh_into_a_folder(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(first, tmp_path / "data")
    search = _FolderSearch(tmp_path / "data")
    with monkeypatch.context() as context:
        _intercept(context, search.look)
        refreshed(LocalStore(search.root), left=True)
    assert search.look() == set()
    assert _unpublished(search.found) == set()
    assert any(word.startswith(LEAVING) for word in search.found)
    assert search.files > 30, "it looked while files were replaced"


class _ObjectSearch:
    """The same of objects."""

    def __init__(self, objects: MemoryObjects) -> None:
        self.objects = objects
        self.found: set[str] = set()
        self._known: dict[tuple[str, bytes], set[str]] = {}

    def look(self) -> set[str]:
        """The words that are there."""
        words: set[str] = set()
        for name in self.objects.names(PUBLISHED):
            place = name, self.objects.content(name)
            if place not in self._known:
                self._known[place] = words_in(*place)
            words |= self._known[place]
        return words


def test_nobody_is_there_at_any_request_of_a_refresh_into_an_object_store() -> None:
    objects = MemoryObjects()
    refreshed(object_store(objects), left=False)
    search = _ObjectSearch(objects)
    objects.before = lambda method, name: search.found.update(search.look())
    refreshed(object_store(objects), left=True)
    assert search.look() == set()
    assert _unpublished(search.found) == set()
    assert any(word.startswith(LEAVING) for word in search.found)


# Each step in `make soak`.
@pytest.mark.parametrize("each", [53, pytest.param(1, marks=pytest.mark.soak)])
def test_nobody_is_there_after_a_kill_at_a_step_nor_who_has_left_after_the_next_refresh(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, each: int
) -> None:
    number, died = 0, True
    while died:
        root = tmp_path / str(number)
        shutil.copytree(first, root)
        died = _dies(root, number, monkeypatch)
        assert _unpublished(_FolderSearch(root).look()) == set(), f"killed before step {number}"
        refreshed(LocalStore(root), left=True)
        assert _FolderSearch(root).look() == set(), f"killed before step {number}"
        shutil.rmtree(root)
        number += each
    assert number > 80


# Each request in `make soak`.
@pytest.mark.parametrize("each", [31, pytest.param(1, marks=pytest.mark.soak)])
def test_nobody_is_there_after_a_kill_at_a_request(each: int) -> None:
    objects = MemoryObjects()
    refreshed(object_store(objects), left=False)
    began = {name: objects.content(name) for name in objects.names()}
    number, died = 0, True
    while died:
        objects, left = MemoryObjects(), [number]
        for name, content in began.items():
            objects.write(name, content)

        def count(method: str, name: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise _Killed

        objects.before = count
        try:
            refreshed(object_store(objects), left=True)
            died = False
        except _Killed:
            pass
        objects.before = lambda method, name: None
        search = _ObjectSearch(objects)
        assert _unpublished(search.look()) == set(), f"killed before request {number}"
        refreshed(object_store(objects), left=True)
        assert search.look() == set(), f"killed before request {number}"
        number += each
    assert number > 40


def _dies(root: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Kill a refresh before its step of that number; whether it has so many."""
    left = [number]

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise _Killed

    with monkeypatch.context() as context:
        _intercept(context, count)
        try:
            refreshed(LocalStore(root), left=True)
        except _Killed:
            return True
    return False
