"""Tables of a method of the feed that only settings name, or named once: verified, mended and deleted as all others."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from planion_assets.config import Config, load
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.removal import Owner, forget, stored_parts
from planion_assets.refresh.stored_endpoints import stored_endpoints
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import Pieces, Store
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.endpoint_tables import endpoint_tables
from planion_assets.verify.findings import Finding
from planion_assets.verify.verification import verify
from planion_assets_tests.feed.server import KEY
from planion_assets_tests.refresh.other_feed_methods import ALL, OTHERS, Feed
from planion_assets_tests.runs import files
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store

FOLDERS = {"raw_abstracts", "abstracts", "raw_eposters", "eposters"}


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    store: Store = LocalStore(tmp_path / "data") if request.param == "folder" else object_store(MemoryObjects())
    assert isinstance(Feed().refreshed(store), Refreshed)
    return store


def _settings(*endpoints: str) -> Config:
    account: dict[str, Any] = {"account": KEY.account, "token_env": "T", "endpoints": list(endpoints)}
    return load(given={"accounts": [{**account, "conferences": [{"conference": KEY.conference}]}]})


def _damages(store: Store, *endpoints: str) -> dict[str, str]:
    """Of the tables of other methods; those of the sessions are stored in part only."""
    found = list(verify(_settings(*endpoints), store))
    assert [one.failure for one in found if one.failure] == []
    return _of_others(finding for one in found for finding in one.damages)


def _of_others(findings: Iterable[Finding]) -> dict[str, str]:
    return {one.name: one.problem for one in findings if one.name.partition("/")[0] in FOLDERS}


@pytest.mark.parametrize(
    ("store", "endpoints"), [("folder", ALL), ("folder", ("sessions",)), ("bucket", ALL)], indirect=["store"]
)
def test_what_is_right_is_found_right_whether_it_is_still_named_or_not(
    store: Store, endpoints: tuple[str, ...]
) -> None:
    assert stored_endpoints(store) == list(OTHERS)
    assert _damages(store, *endpoints) == {}


@pytest.mark.parametrize(("store", "endpoints"), [("folder", ALL), ("bucket", ("sessions",))], indirect=["store"])
def test_a_damaged_table_of_fields_is_mended_from_the_raw_table(store: Store, endpoints: tuple[str, ...]) -> None:
    names = [f"{name}/AAA/AM2026.parquet" for name in OTHERS]
    first, second = OTHERS
    rows = {name: store.read(name, KEY) for name in OTHERS}

    def another_methods() -> None:
        content = store.files.read(f"{first}/AAA/AM2026.parquet")
        store.files.replace(f"{second}/AAA/AM2026.parquet", lambda file: file.write(content))
        store.files.replace(f"{first}/AAA/AM2026.parquet", lambda file: file.write(b"PAR1"))

    def fewer_rows() -> None:
        for name in OTHERS:
            store.write(name, KEY, rows[name].slice(1))

    for damage in (another_methods, fewer_rows):
        damage()
        found = list(verify(_settings(*endpoints), store, [KEY], repair=True))
        assert sorted(_of_others(finding for one in found for finding in one.mended)) == sorted(names)
        assert _of_others(finding for one in found for finding in one.damages) == {}
        assert {name: store.read(name, KEY) for name in OTHERS} == rows


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_a_damaged_raw_table_is_set_aside_and_read_again(store: Store) -> None:
    rows = store.read("raw_abstracts", KEY)
    raw, _ = endpoint_tables("abstracts")
    provenance = store.footer("raw_abstracts", KEY).provenance
    assert provenance
    shortened = Pieces.of(rows.slice(1).cast(schema_of(raw)))
    store.write("raw_abstracts", KEY, shortened.with_notes(provenance, "{}", ""))
    (found,) = verify(_settings(*ALL), store, [KEY], repair=True)
    assert found.reread
    problem = _of_others(found.damages)["raw_abstracts/AAA/AM2026.parquet"]
    assert problem == "its payloads are not those of the snapshot that it says it holds"
    assert isinstance(Feed().refreshed(store), Refreshed)
    assert _damages(store, *ALL) == {}


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_another_method_s_table_in_its_place_is_found(store: Store) -> None:
    for folder in ("raw_abstracts", "abstracts"):
        content = store.files.read(f"{folder.replace('abstracts', 'eposters')}/AAA/AM2026.parquet")
        store.files.replace(f"{folder}/AAA/AM2026.parquet", lambda file, content=content: file.write(content))  # type: ignore[misc]
    assert _damages(store, *ALL)["raw_abstracts/AAA/AM2026.parquet"] == "it is the table raw_eposters"


def test_what_is_none_of_their_files_is_found(tmp_path: Path) -> None:
    folder = LocalStore(tmp_path / "data")
    assert isinstance(Feed().refreshed(folder), Refreshed)
    (folder.root / "abstracts" / "notes.txt").write_text("x", encoding="utf-8")
    (folder.root / "published" / "abstracts").mkdir(parents=True)
    (folder.root / "published" / "abstracts" / "x.parquet").write_text("x", encoding="utf-8")
    (whole, *_) = verify(_settings(*ALL), folder)
    assert {finding.name for finding in whole.damages} == {"abstracts/notes.txt", "published/abstracts"}


@pytest.mark.parametrize(("store", "is_bucket"), [("folder", False), ("bucket", True)], indirect=["store"])
def test_a_conference_that_is_forgotten_leaves_none_of_them(store: Store, *, is_bucket: bool) -> None:
    other = ConferenceKey("AAA", "KEPT")
    if not is_bucket:
        store.write("programme", KEY, store.read("sessions", KEY))
        store.write("accepted", KEY, store.read("abstracts", KEY))
        store.write("raw_accepted", KEY, store.read("abstracts", KEY))
    for name in FOLDERS:
        store.write(name, other, store.read(name, KEY))
    deleted = {part.name for part in forget(store, KEY, everything=False)}
    assert deleted > FOLDERS
    remaining = {part.name: part.owner for part in stored_parts(store, KEY)}
    assert remaining == ({} if is_bucket else dict.fromkeys(("accepted", "programme", "raw_accepted"), Owner.OTHERS))
    assert [store.footer(name, other).rows > 0 for name in FOLDERS] == [True] * 4


def test_a_conference_that_is_forgotten_by_half_is_forgotten_whole(tmp_path: Path) -> None:
    folder = LocalStore(tmp_path / "data")
    assert isinstance(Feed().refreshed(folder), Refreshed)
    for name in ("raw_abstracts", "eposters"):
        folder.path(name, KEY).unlink()
    forget(folder, KEY, everything=False)
    assert files(folder.root) == {}


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_what_another_asset_has_made_of_one_is_none_of_them(store: Store) -> None:
    copy = store.read("abstracts", KEY)
    store.write("accepted", KEY, copy)
    store.write("Accepted abstracts", KEY, copy)
    store.files.replace("strange/AAA/AM2026.parquet", lambda file: file.write(b"x"))
    assert stored_endpoints(store) == list(OTHERS)
    names = [finding.name for one in verify(_settings("sessions"), store) for finding in one.damages]
    assert [name for name in names if "ccepted" in name or "strange" in name] == []
