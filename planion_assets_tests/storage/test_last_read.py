"""The note of a read: written whole or not at all, after every verified read and after no other."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import OpenClient, RefreshOptions
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.last_read import Failure, LastRead, last_note, last_read, note_failure, note_read
from planion_assets.storage.local_files import LocalFiles
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import table
from planion_assets_tests.feed.server import KEY, Request, Response, ScriptedServer, client_of, item, page_of

AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
ODD = ConferenceKey("A.", "../A&B+C#%25 é")
TABLES = (table("raw_sessions"), table("sessions"))


def _refresh(root: Path, open_client: OpenClient, tables: tuple = TABLES) -> Refreshed | Failed:  # type: ignore[type-arg]
    return next(refresh([KEY], tables, LocalStore(root), open_client, lambda key: RefreshOptions()))


def _page(request: Request) -> Response:
    return page_of([item("1")], request.page)


@pytest.mark.parametrize("key", [KEY, ODD])
def test_the_latest_note_is_the_one_that_is_read(tmp_path: Path, key: ConferenceKey) -> None:
    assert last_read(LocalFiles(tmp_path), key) == LastRead()
    note_read(LocalFiles(tmp_path), key, AT)
    note_read(LocalFiles(tmp_path), key, AT.replace(minute=15))
    assert last_read(LocalFiles(tmp_path), key) == LastRead(AT.replace(minute=15))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert files[0].relative_to(tmp_path).parts[0] == ".status"
    assert not list(tmp_path.glob("*/*/*.parquet"))


@pytest.mark.parametrize(
    "torn", [b"", b'{"read_at": "2026-11-', b"[]", b"{}", b'{"read_at": 5}', b'{"read_at": "2026-11-24"}', b"\xff\xfe"]
)
def test_what_is_no_note_is_none(tmp_path: Path, torn: bytes) -> None:
    note_read(LocalFiles(tmp_path), KEY, AT)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(torn)
    assert last_read(LocalFiles(tmp_path), KEY) == LastRead()


def test_a_failure_lasts_until_a_read_without_one(tmp_path: Path) -> None:
    later, latest = AT.replace(hour=7), AT.replace(hour=8)
    note_read(LocalFiles(tmp_path), KEY, AT)
    note_failure(LocalFiles(tmp_path), KEY, later, "503")
    note_failure(LocalFiles(tmp_path), KEY, latest, "401")
    assert last_read(LocalFiles(tmp_path), KEY) == LastRead(AT, Failure("401", later, latest, 2))
    # The sessions were read, the speakers were not.
    note_read(LocalFiles(tmp_path), KEY, latest, "speakers: 500")
    assert last_read(LocalFiles(tmp_path), KEY) == LastRead(latest, Failure("speakers: 500", later, latest, 3))
    note_read(LocalFiles(tmp_path), KEY, latest)
    assert last_read(LocalFiles(tmp_path), KEY) == LastRead(latest)


@pytest.mark.parametrize(
    "failure", ["5", "{}", '{"reason": "x", "since": "2026", "last": "", "attempts": 1}', "null", "[1]"]
)
def test_a_damaged_failure_is_none_and_the_read_stays(tmp_path: Path, failure: str) -> None:
    note_read(LocalFiles(tmp_path), KEY, AT)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_text(f'{{"read_at": "{AT.isoformat()}", "failure": {failure}}}')
    assert last_read(LocalFiles(tmp_path), KEY) == LastRead(AT)


def test_whether_any_note_was_written_is_known_from_the_folders_of_accounts(tmp_path: Path) -> None:
    assert last_note(LocalFiles(tmp_path)) == 0
    keys = [ConferenceKey(account, "C") for account in ("AAA", "BBB")]
    for key in keys:
        note_read(LocalFiles(tmp_path), key, datetime(2026, 11, 24, tzinfo=UTC))
    for key in keys:
        for folder in (tmp_path / ".status").iterdir():
            os.utime(folder, ns=(1, 1))
        assert last_note(LocalFiles(tmp_path)) == 1
        note_failure(LocalFiles(tmp_path), key, datetime(2026, 11, 24, tzinfo=UTC), "again")
        assert last_note(LocalFiles(tmp_path)) > 1


def test_a_note_that_cannot_be_written_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note_read(LocalFiles(tmp_path), KEY, AT)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        note_read(LocalFiles(tmp_path), KEY, AT.replace(hour=7))
    assert last_read(LocalFiles(tmp_path), KEY) == LastRead(AT)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_read_is_noted_whether_or_not_anything_changed(tmp_path: Path) -> None:
    with ScriptedServer(_page) as server:
        before = datetime.now(UTC)
        assert isinstance(_refresh(tmp_path, lambda key: client_of(server)), Refreshed)
        first = last_read(LocalFiles(tmp_path), KEY).read_at
        assert first is not None
        assert first >= before
        second = _refresh(tmp_path, lambda key: client_of(server))
    assert isinstance(second, Refreshed)
    assert not any(stored.written for stored in second.tables)
    noted = last_read(LocalFiles(tmp_path), KEY).read_at
    assert noted is not None
    assert noted > first


def test_a_read_that_fails_or_does_not_agree_is_not_noted(tmp_path: Path) -> None:
    with ScriptedServer(lambda request: Response(b"", 403)) as server:
        first = _refresh(tmp_path, lambda key: client_of(server))
    with ScriptedServer(lambda request: page_of([item("1", n=request.number)], 1)) as server:
        outcome = _refresh(tmp_path, lambda key: client_of(server))
    assert isinstance(first, Failed)
    assert isinstance(outcome, Failed)
    assert first.failure_before is None
    assert outcome.failure_before is not None
    assert (outcome.failure_before.reason, outcome.failure_before.attempts) == (first.reason, 1)
    assert "no two of" in outcome.reason
    noted = last_read(LocalFiles(tmp_path), KEY)
    assert noted.read_at is None
    assert noted.failure is not None
    assert (noted.failure.reason, noted.failure.attempts) == (outcome.reason, 2)
    assert noted.failure.since < noted.failure.last
    with ScriptedServer(_page) as server:
        recovered = _refresh(tmp_path, lambda key: client_of(server))
    assert isinstance(recovered, Refreshed)
    assert recovered.failure_before == noted.failure
    assert last_read(LocalFiles(tmp_path), KEY).failure is None


def test_deriving_tables_again_is_no_read(tmp_path: Path) -> None:
    with ScriptedServer(_page) as server:
        _refresh(tmp_path, lambda key: client_of(server))
    note_read(LocalFiles(tmp_path), KEY, AT)
    assert isinstance(_refresh(tmp_path, lambda key: pytest.fail("asked the feed"), TABLES[1:]), Refreshed)
    assert last_read(LocalFiles(tmp_path), KEY) == LastRead(AT)


def test_a_note_that_is_refused_fails_no_conference(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / ".status").write_text("a file where the folder should be")
    with ScriptedServer(_page) as server:
        assert isinstance(_refresh(tmp_path, lambda key: client_of(server)), Refreshed)
    assert f"the read of {KEY} could not be noted" in caplog.text
    assert last_read(LocalFiles(tmp_path), KEY) == LastRead()
