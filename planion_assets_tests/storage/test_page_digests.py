"""The page digests of a file: what cannot be read, or is of another format, counts as none."""

import json
from typing import Any

import pytest

from planion_assets.storage.page_digests import VERSION, PageDigests

pytestmark = pytest.mark.usefixtures("no_collection")

DIGESTS = PageDigests((bytes(32), bytes(range(32))), 3)


def _without(name: str) -> str:
    note = json.loads(DIGESTS.to_json())
    del note[name]
    return json.dumps(note)


def _with(**members: Any) -> str:
    return json.dumps(json.loads(DIGESTS.to_json()) | members)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "7",
        DIGESTS.to_json()[:-1],
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
def test_what_are_no_page_digests_is_read_as_none(text: str) -> None:
    assert PageDigests.of_json(text) is None


def test_page_digests_are_read_as_they_were_written() -> None:
    assert PageDigests.of_json(DIGESTS.to_json()) == DIGESTS
