"""What was unpublished is in no file of `published/`, wherever the refresh that unpublished it was killed."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from planion_assets.refresh import run
from planion_assets.refresh.change_log import read
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Outcome
from planion_assets.storage import local_writer
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.local_writer import LocalWriter
from planion_assets.tables.catalog import ASSETS, HISTORIES
from planion_assets.tables.model import Publication
from planion_assets.tables.published_changes import PUBLISHED_CHANGES
from planion_assets_tests.feed.server import KEY, LocalFeed, client_of, item, page_of
from planion_assets_tests.kills import Killed, dying_after

_PROGRAMME = ("raw_sessions", "sessions", "session_speakers", "published_sessions", "published_session_speakers")
_TABLES = (*_PROGRAMME, "published_speakers", "published_session_custom_fields")
WANTED = [one for one in ASSETS if one.name in _TABLES or one in HISTORIES]


def _link(number: int, name: str, *, published: bool = True, role: str = "Chair") -> dict[str, Any]:
    return {"pslinkid": str(number), "pid": str(number), "lname": name, "published": published, "role": role}


def _session(schedid: str, *links: Any, title: str = "Ice", published: bool = True) -> dict[str, Any]:
    return item(schedid, sessionName=title, published=published, speakers=list(links))


FIRST = [_session("1", _link(1, "Known"), _link(2, "Withdrawn")), _session("2", _link(3, "Absent"), title="Secret")]
SECOND = [_session("1", _link(2, "Withdrawn", role="Host"), _link(1, "Known")), FIRST[1]]
THIRD = [_session("1", _link(2, "Withdrawn", published=False), _link(1, "Known")), FIRST[1] | {"published": False}]
HIDDEN = ("Withdrawn", "Absent", "Secret")


def _refresh(store: LocalStore, rows: list[Any], publication: Publication | None = None, *, keep: int = 100) -> Outcome:
    options = RefreshOptions(publication=publication or Publication(), allow_shrink=True, keep_change_files=keep)
    with LocalFeed(lambda request: page_of(rows, request.page)) as feed:
        (outcome,) = run.refresh([KEY], WANTED, store, lambda key: client_of(feed), lambda key: options)
    return outcome


def _found(store: LocalStore, *names: str) -> list[tuple[str, str]]:
    """Which of the names is in which file below `published/`: in its rows, its statistics or its bytes."""
    found = []
    for path in (one for one in (store.root / "published").rglob("*") if one.is_file()):
        text = path.read_bytes().decode(errors="replace")
        if path.suffix == ".parquet":
            text += repr(pq.read_table(path).to_pylist()) + repr(pq.read_metadata(path).to_dict())
        found += [(name, path.name) for name in names if name in text]
    return found


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Folders with three states, in which all are published, with the files of changes as they came or compacted."""
    folders = {}
    for keep, files in ((100, 3), (1, 2)):
        folders[keep] = tmp_path_factory.mktemp("published")
        store = LocalStore(folders[keep])
        for rows in (FIRST, SECOND, [SECOND[0] | {"roomname": "B"}, SECOND[1]]):
            _refresh(store, rows, keep=keep)
        assert len(store.log_parts(PUBLISHED_CHANGES.location, KEY)) == files
        assert {name for name, _ in _found(store, *HIDDEN)} == set(HIDDEN)
        assert "Host" in str(read(store, KEY, PUBLISHED_CHANGES)["new"].to_pylist())
    return folders


# Each step of both in `make soak`.
_STEPS = {100: (0, 5), 1: (2, 7)}


@pytest.mark.parametrize(
    ("keep", "step"),
    [
        pytest.param(keep, step, marks=() if step in steps else pytest.mark.soak)
        for keep, steps in _STEPS.items()
        for step in (0, 1, 2, 3, 5, 7)
    ],
)
def test_nothing_tells_of_what_was_unpublished_though_the_refresh_is_killed_before_any_step(
    published: dict[int, Path], tmp_path: Path, keep: int, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, counted = LocalStore(shutil.copytree(published[keep], tmp_path / "data")), dying_after(step)
    with monkeypatch.context() as context:
        context.setattr(LocalWriter, "commit", counted(LocalWriter.commit))
        context.setattr(LocalWriter, "rewrite_part", counted(LocalWriter.rewrite_part))
        with pytest.raises(Killed):
            _refresh(store, THIRD)
    _refresh(store, THIRD)
    assert _found(store, *HIDDEN) == []
    rows = read(store, KEY, PUBLISHED_CHANGES).to_pylist()
    gone = {(row["entity"], row["schedid"], row["pslinkid"] or row["pid"]) for row in rows if row["kind"] == "removed"}
    links = {("session", "2", None), ("speaker_link", "2", "3"), ("speaker_link", "1", "2")}
    assert gone == links | {("person", None, "2"), ("person", None, "3")}


def test_settings_that_hand_out_less_begin_the_changes_anew(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    declined = [_session("1", _link(1, "Known"), _link(2, "Refused", role="Declined: Chair"))]
    _refresh(store, FIRST)
    _refresh(store, declined)
    assert {name for name, _ in _found(store, "Refused")} == {"Refused"}
    _refresh(store, declined, Publication(declined=False))
    assert _found(store, "Refused") == []
    (part,) = store.log_parts(PUBLISHED_CHANGES.location, KEY)
    assert (part.sequence, part.before) == (2, "nothing")
    assert store.lost(PUBLISHED_CHANGES.location, KEY) == [(0, 1)]


def test_nothing_tells_of_it_though_a_refresh_was_killed_before_it_deleted_what_it_had_compacted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    for rows in (FIRST, SECOND):
        _refresh(store, rows)

    log, delete = PUBLISHED_CHANGES.location, local_writer.delete

    def killed(folder: Path, names: list[str]) -> None:
        if names and folder == store.folder(log, KEY):
            raise Killed
        delete(folder, names)

    with monkeypatch.context() as context:
        context.setattr(local_writer, "delete", killed)
        with pytest.raises(Killed):
            _refresh(store, [SECOND[0] | {"roomname": "B"}, SECOND[1]], keep=1)
    assert len(store.listed_parts(log, KEY)) > len(store.log_parts(log, KEY))
    _refresh(store, THIRD)
    assert _found(store, *HIDDEN) == []
    assert store.listed_parts(log, KEY) == store.log_parts(log, KEY)


FIELDS = {"custom1name": "Level", "custom1": "Easy", "custom2name": "Money", "custom2": "Secret 1"}
SPENT = FIELDS | {"custom2": "Secret 2"}


_NAMED = Publication(custom_fields=("Level", "Money"))
_OTHER = _session("2") | FIELDS | {"custom2": "Kept"}


@pytest.fixture(scope="module")
def spent(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool, int], Path]:
    """A folder that tells of a change of a field, whose name the settings name or not, with compacted files or not."""

    @cache
    def folder(named: bool, keep: int) -> Path:
        store = LocalStore(tmp_path_factory.mktemp("spent"))
        for fields in (FIELDS, SPENT, SPENT | {"roomname": "B"}):
            _refresh(store, [_session("1") | fields, _OTHER], _NAMED if named else None, keep=keep)
        assert {name for name, _ in _found(store, "Secret 1", "Secret 2")} == {"Secret 1", "Secret 2"}
        return store.root

    return folder


@pytest.mark.parametrize(
    ("hidden", "named", "keep"),
    [
        (SPENT, ("Level",), 100),
        (SPENT | {"custom1": "Hard"}, ("level ",), 100),
        (SPENT, (), 100),
        (SPENT | {"custom2name": "Notes"}, ("Level", "Money"), 1),
        (SPENT | {"custom2name": None, "custom2": "Secret 3"}, ("Level", "Money"), 1),
        (SPENT | {"custom2name": "Notes", "published": False}, ("Level", "Money"), 1),
    ],
    ids=["narrowed", "narrowed and changed", "none", "renamed", "nameless", "unpublished too"],
)
def test_values_of_fields_that_are_hidden_later_are_struck_from_earlier_changes(
    spent: Callable[[bool, int], Path], tmp_path: Path, hidden: dict[str, Any], named: tuple[str, ...], keep: int
) -> None:
    by_name = len(named) > 1
    store = LocalStore(shutil.copytree(spent(by_name, keep), tmp_path / "data"))
    _refresh(store, [_session("1") | hidden, _OTHER], Publication(custom_fields=named), keep=keep)
    assert _found(store, "Secret") == []
    assert bool(_found(store, "Kept")) is by_name, "another session's field of that number stays"


def test_a_field_that_is_emptied_or_shown_again_is_a_change_as_any_other(tmp_path: Path) -> None:
    store, named = LocalStore(tmp_path), _NAMED
    for fields in (FIELDS, FIELDS | {"custom2": None}):
        _refresh(store, [_session("1") | fields], named)
    assert ("Secret 1", store.log_parts(PUBLISHED_CHANGES.location, KEY)[1].name) in _found(store, "Secret 1")
    for fields in (FIELDS | {"custom2name": "Notes"}, SPENT):
        _refresh(store, [_session("1") | fields], named)
    last = store.log_parts(PUBLISHED_CHANGES.location, KEY)[-1].name
    assert {(name, file) for name, file in _found(store, "Secret 1", "Secret 2") if "-" in file} == {("Secret 2", last)}
