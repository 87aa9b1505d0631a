"""The note of a file's pages: what cannot be read, or means something else by now, is no note."""

import json
from typing import Any

import pytest

from planion_assets.feed.item import walk_digest
from planion_assets.feed.page import parse_page
from planion_assets.storage.page_digests import VERSION, PageDigests

NOTE = PageDigests((bytes(32), bytes(range(32))), 3)


def _without(name: str) -> str:
    note = json.loads(NOTE.to_json())
    del note[name]
    return json.dumps(note)


def _with(**members: Any) -> str:
    return json.dumps(json.loads(NOTE.to_json()) | members)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "7",
        NOTE.to_json()[:-1],
        "[" * 100_000,
        _without("version"),
        _without("bodies"),
        _without("duplicate_items"),
        _with(version=VERSION + 1),
        _with(version=None),
        _with(bodies=[]),
        _with(bodies="00" * 32),
        _with(bodies=["00" * 31]),
        _with(bodies=["zz" * 32]),
        _with(bodies=[7]),
        _with(bodies=7),
        _with(duplicate_items=-1),
        _with(duplicate_items="3"),
        _with(duplicate_items=True),
    ],
)
def test_what_is_no_note_is_read_as_none(text: str) -> None:
    assert PageDigests.of_json(text) is None


def test_a_note_is_read_as_it_was_written() -> None:
    assert PageDigests.of_json(NOTE.to_json()) == NOTE


def test_what_is_made_of_a_body_is_what_this_version_of_the_note_stands_for() -> None:
    """Files name bodies of which the content is known. Where that changes the version must, or they name other content.

    So where this fails because a digest is computed otherwise, raise `VERSION` and then write the digest here.
    """
    body = '{"_items": [{"b": [1, 1.0, 1e400, null], "a": "\\u00e9", "_etag": "x"}, 7, {"n": 12345678901234567890}]}'
    digest = walk_digest(item.digest for item in parse_page(body.encode(), 1).items)
    assert (VERSION, digest) == (1, "7f83837624c0b7af69736b0e4ddc68f5d41466dfe20deacc97933a83b9b4256d")
