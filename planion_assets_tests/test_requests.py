"""How many requests a refresh makes, counted by the server: none to spare, none saved by not verifying."""

from collections import Counter
from pathlib import Path

import dagster as dg

from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import SandboxServer
from planion_assets.sandbox.pages import MAX_RESULTS
from planion_assets_tests.runs import EMPTY, OTHER, SINGLE, SMALL, run

KEYS = (SMALL, EMPTY, SINGLE, OTHER)


def test_a_cold_conference_is_walked_twice_and_an_unchanged_one_once(
    instance: dg.DagsterInstance, configured: Path, sandbox: SandboxServer
) -> None:
    """Each page of each conference as often as there are walks: of 823 sessions nine pages, of none one."""
    counted = 0
    for walks in (2, 1):
        assert run(instance, KEYS, select=("raw_sessions", "sessions")).success
        asked = sandbox.requests[counted:]
        counted += len(asked)
        assert {request.path for request in asked} == {"/feed/v1/sessions"}
        pages = Counter((request.where["conference"], request.page) for request in asked if request.where)
        assert pages == {(key.conference, page): walks for key, last in _pages(sandbox) for page in range(1, last + 1)}


def _pages(sandbox: SandboxServer) -> list[tuple[ConferenceKey, int]]:
    """The number of the last page of each conference, from what the sandbox holds."""
    keys = [ConferenceKey.parse(key) for key in KEYS]
    held = {key: len(sandbox.sandbox.items(key.account, key.conference)) for key in keys}
    assert (held[keys[1]], held[keys[3]]) == (0, 823)
    return [(key, max(1, -(-count // MAX_RESULTS))) for key, count in held.items()]
