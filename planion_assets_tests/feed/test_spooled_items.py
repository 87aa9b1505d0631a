"""Spooled items: the same text whenever it is asked for, on the disk where there is much, gone with the last one."""

import errno
import gc
import json
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from planion_assets.feed import spooled_items
from planion_assets.feed.item import Item
from planion_assets.feed.page import parse_page
from planion_assets.feed.snapshot import read_snapshot
from planion_assets.feed.spooled_items import SpooledItem, SpooledItems
from planion_assets_tests.feed.server import KEY, LocalFeed, client_of, items, page_of

MEMBERS = ("schedid", "_etag")
TEXTS = ['{"schedid": "1", "_etag": "x",  "n": 1e400}', "null", '"é\\ud800"', "[ ]", '{"schedid": {"a": 1}}', "{}"]


def _spooled(texts: list[str]) -> tuple[SpooledItem, ...]:
    page = parse_page(f'{{"_items": [{", ".join(texts)}]}}'.encode(), 1)
    return SpooledItems().add(page, MEMBERS).items


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made, from the first byte on."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(spooled_items, "_IN_MEMORY", 1)
    return tmp_path


def test_without_room_for_what_is_read_reading_fails_and_names_the_folder(folder: Path) -> None:
    folder.rmdir()
    with LocalFeed(lambda request: page_of(items(3), request.page)) as server, client_of(server) as client:
        with pytest.raises(OSError, match=folder.name):
            read_snapshot(client, KEY)


@pytest.mark.parametrize("operation", ["write", "read"])
def test_a_file_that_the_disk_refuses_is_an_error_that_names_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    spooled = _spooled(TEXTS)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, operation, refuse)
    with pytest.raises(OSError, match=f"No space left.*{folder.name}"):
        _ = spooled[0].payload if operation == "read" else _spooled(TEXTS)


@pytest.mark.usefixtures("folder")
def test_in_a_file_or_not_an_item_is_what_came() -> None:
    for text, item in zip(TEXTS, _spooled(TEXTS), strict=True):
        assert item.payload == text
        assert item.content == json.loads(text)
    members = [[item.member(name) for name in (*MEMBERS, "n")] for item in _spooled(TEXTS)]
    nothing = [None, None, None]
    assert members == [["1", "x", float("inf")], *[nothing] * 3, [{"a": 1}, None, None], nothing]


@pytest.mark.parametrize(
    "text",
    [
        '{"n": 18446744073709551616}',
        '{"n": [{"m": -9223372036854775809}]}',
        '{"_n": 18446744073709551616}',
        '{"_n": {"m": [18446744073709551616]}, "a": 1}',
        '{"_n": 1e400}',
        '{"n": 1e400, "n": 1}',
        '{"n": "\\ud800", "n": 1}',
        '{"_n": "\\ud800"}',
        '{"n": 18446744073709551616, "n": 1}',
        '{"n": -0, "m": -0.0, "f": 1.0000000000000000000001, "i": 18446744073709551615, "s": "\\ud83d\\ude00"}',
        '{"n": NaN}',
        "18446744073709551616",
        "[" * 99 + "]" * 99,
    ],
)
def test_what_an_item_holds_is_what_json_reads(text: str) -> None:
    (spooled,) = _spooled([text])
    assert repr(spooled.content) == repr(json.loads(text))


def test_the_file_has_no_name_and_ends_with_the_last_item(folder: Path) -> None:
    spooled: list[Any] = list(_spooled(TEXTS))
    assert not list(folder.iterdir())
    file = spooled[0]._text._file
    assert file._rolled
    assert spooled.pop().payload == "{}"
    del spooled[:]
    gc.collect()
    assert file.closed


def test_items_are_read_from_any_thread() -> None:
    texts = [json.dumps({"n": number, "fill": "x" * (number % 97)}) for number in range(500)]
    spooled = _spooled(texts)
    wrong: list[int] = []

    def read() -> None:
        wrong.extend(number for number, item in enumerate(spooled) if item.payload != texts[number])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def _parsed_items() -> int:
    gc.collect()
    return sum(isinstance(found, Item) for found in gc.get_objects())


def test_no_parsed_item_of_a_snapshot_stays_in_memory() -> None:
    rows, of_other_tests = items(450), _parsed_items()
    with LocalFeed(lambda request: page_of(rows, request.page)) as server, client_of(server) as client:
        snapshot = read_snapshot(client, KEY)
    assert [item.content["schedid"] for item in snapshot.items] == [row["schedid"] for row in rows]
    assert _parsed_items() <= of_other_tests
