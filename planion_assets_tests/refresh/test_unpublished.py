"""What was unpublished is in no file of `published/`, wherever the refresh that unpublished it was killed."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from planion_assets.refresh import run
from planion_assets.refresh.change_log import read
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Outcome
from planion_assets.storage.local_store import LocalStore, LocalWriter
from planion_assets.tables.catalog import ASSETS, HISTORIES
from planion_assets.tables.model import Publication
from planion_assets.tables.published_changes import PUBLISHED_CHANGES
from planion_assets_tests.feed.server import KEY, LocalFeed, client_of, item, page_of

_PRIVATE = ("raw_sessions", "sessions", "session_speakers")
WANTED = [one for one in ASSETS if one.name in _PRIVATE or one.public or one in HISTORIES]


class _Killed(BaseException):
    """A process has ended."""


def _link(number: int, name: str, *, published: bool = True, role: str = "Chair") -> dict[str, Any]:
    return {"pslinkid": str(number), "pid": str(number), "lname": name, "published": published, "role": role}


def _session(schedid: str, *links: Any, title: str = "Ice", published: bool = True) -> dict[str, Any]:
    return item(schedid, sessionName=title, published=published, speakers=list(links))


FIRST = [_session("1", _link(1, "Known"), _link(2, "Withdrawn")), _session("2", _link(3, "Absent"), title="Secret")]
SECOND = [_session("1", _link(2, "Withdrawn", role="Host"), _link(1, "Known")), FIRST[1]]
THIRD = [_session("1", _link(2, "Withdrawn", published=False), _link(1, "Known")), FIRST[1] | {"published": False}]
HIDDEN = ("Withdrawn", "Absent", "Secret")


def _refresh(store: LocalStore, rows: list[Any], publication: Publication | None = None) -> Outcome:
    options = RefreshOptions(publication=publication or Publication(), allow_shrink=True)
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


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """A store with two states, in which all are published."""
    store = LocalStore(tmp_path)
    for rows in (FIRST, SECOND):
        _refresh(store, rows)
    assert {name for name, _ in _found(store, *HIDDEN)} == set(HIDDEN)
    assert "Host" in str(read(store, KEY, PUBLISHED_CHANGES)["new"].to_pylist())
    return store


@pytest.mark.parametrize("step", range(8))
def test_nothing_tells_of_what_was_unpublished_though_the_refresh_is_killed_before_any_step(
    store: LocalStore, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [step]

    def counted(method: Any) -> Any:
        def called(*arguments: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise _Killed
            return method(*arguments)

        return called

    with monkeypatch.context() as context:
        context.setattr(LocalWriter, "commit", counted(LocalWriter.commit))
        context.setattr(LocalWriter, "rewrite_part", counted(LocalWriter.rewrite_part))
        with pytest.raises(_Killed):
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
