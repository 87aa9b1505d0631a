"""The folder that may be handed to anybody, compared row by row with what the feed says of who is published."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from planion_assets.sandbox import CONFERENCES, Sandbox
from planion_assets.tables.catalog import ASSETS
from planion_assets.tables.model import PUBLISHED
from planion_assets_tests.readers.stored import SESSIONS
from planion_assets_tests.small_sandbox import small_sandbox

PUBLIC = tuple(declared.name for declared in ASSETS if declared.public)
SELECT = ("raw_sessions", "published_sessions", "published_session_speakers")
PUBLISHED_VALUES = (True, 1, "1")  # what the sandbox writes for yes


def _sessions(sandbox: Sandbox, account: str, conference: str) -> Iterator[tuple[bool, list[dict[str, Any]]]]:
    """Whether each session is published, and its engagements, read without any of the project's own code.

    Of a schedid that comes twice, the sandbox's older item is left out.
    """
    for item in sandbox.items(account, conference):
        if isinstance(item, dict) and item.get("sessionName") != "Older":
            speakers = item.get("speakers")
            entries = speakers if isinstance(speakers, list) else []
            yield item.get("published") in PUBLISHED_VALUES, [entry for entry in entries if isinstance(entry, dict)]


def _people(sandbox: Sandbox, account: str, conference: str) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Everybody of a conference by pid, and the pids of those who are published anywhere in it."""
    everybody: dict[str, dict[str, Any]] = {}
    published: set[str] = set()
    for is_published, entries in _sessions(sandbox, account, conference):
        for entry in entries:
            pid = str(entry.get("pid"))
            everybody[pid] = everybody.get(pid, {}) | entry
            if is_published and entry.get("published") in PUBLISHED_VALUES:
                published.add(pid)
    return everybody, published


def _rows(folder: Path, account: str, conference: str) -> dict[str, list[dict[str, Any]]]:
    """Every row below the folder that is of a conference, by table."""
    files = [*folder.glob(f"*/{account}/{conference}.parquet"), *folder.glob(f"*/{account}/{conference}/*.parquet")]
    found: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        found.setdefault(file.relative_to(folder).parts[0], []).extend(pq.ParquetFile(file).read().to_pylist())
    assert set(found) == set(PUBLIC)
    return found


@pytest.mark.usefixtures("stored")
def test_a_search_of_the_published_folder_finds_nobody_who_is_unpublished(stored_in: Path) -> None:
    sandbox, folder = small_sandbox(SESSIONS), stored_in / "data" / PUBLISHED
    searched = found = 0
    for account, conference in CONFERENCES:
        everybody, published = _people(sandbox, account, conference)
        tables = _rows(folder, account, conference)
        people = [*tables["published_session_speakers"], *tables["published_speakers"]]
        cells = {str(value) for rows in tables.values() for row in rows for value in row.values()}
        text = "\n".join(cells)
        names = {(row["fname"], row["lname"]) for row in people}
        stored = {row["pid"] for row in people} - {None}
        # Of the mess some sessions cannot be stored, and with them those whom only they show.
        assert stored <= published if conference == "MESS" else stored == published
        for pid, person in everybody.items():
            found += pid in cells and pid in published
            if pid in published:
                continue
            searched += 1
            # A number of one digit may well be another column's.
            assert pid not in (cells if len(pid) > 1 else stored)
            if person.get("fname"):
                assert (person["fname"], person["lname"]) not in names
                assert f"{person['fname']} {person['lname']}" not in text
            if str(person.get("email") or "").strip():
                assert person["email"] not in text
        assert "@example.org" not in text, "no address of anybody, published or not"
    assert searched > 100
    assert found > 400
