"""How many requests a refresh makes, counted by the server: none to spare, none saved by not verifying."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.cases import Case
from benchmarks.server import serving
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox.pages import MAX_RESULTS
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets_tests.recording_server import RecordingServer
from planion_assets_tests.runs import EMPTY, OTHER, SINGLE, SMALL
from planion_assets_tests.small_sandbox import small_sandbox

KEYS = (SMALL, EMPTY, SINGLE, OTHER)
SESSIONS = 210


@pytest.fixture
def sandbox() -> Iterator[RecordingServer]:
    """A sandbox whose conferences have three pages at most."""
    with RecordingServer(small_sandbox(SESSIONS)) as server:
        yield server


def test_a_cold_conference_is_walked_twice_and_an_unchanged_one_once(
    configured: Path, sandbox: RecordingServer
) -> None:
    """Each page of each conference as often as there are walks: of 210 sessions three pages, of none one."""
    counted = 0
    for walks in (2, 1):
        _refresh(KEYS)
        asked = sandbox.requests[counted:]
        counted += len(asked)
        assert {request.path for request in asked} == {"/feed/v1/sessions"}
        pages = Counter((request.where["conference"], request.page) for request in asked if request.where)
        assert pages == {(key.conference, page): walks for key, last in _pages(sandbox) for page in range(1, last + 1)}


@pytest.mark.parametrize(
    ("accounts", "limits"),
    [(5, {}), (2, {"max_requests_per_account": 2, "max_requests": 3})],
    ids=["usual", "fewer"],
)
def test_no_more_requests_are_under_way_than_the_settings_allow(
    workplace: Path,
    monkeypatch: pytest.MonkeyPatch,
    accounts: int,
    limits: dict[str, int],
) -> None:
    case = Case("caps", "", conferences=2 * accounts, sessions=201, latency=0.2, accounts=accounts)
    per_account = limits.get("max_requests_per_account", 4)
    most = limits.get("max_requests", 16)
    with serving(case) as server:
        lines = [f"feed: {{url: {server.url}, {', '.join(f'{k}: {v}' for k, v in limits.items())}}}", "accounts:"]
        for account in sorted({account for account, _ in case.keys}):
            monkeypatch.setenv(f"PLANION_TOKEN_{account}", "any")
            names = ", ".join(f"{{conference: {conference}}}" for owner, conference in case.keys if owner == account)
            lines += [f"  - {{account: {account}, token_env: PLANION_TOKEN_{account}, conferences: [{names}]}}"]
        (workplace / "planion.yaml").write_text("\n".join(lines))
        _refresh(["|".join(names) for names in case.keys])
        counts = server.counts()
    assert counts["requests"] == len(case.keys) * 2 * 3, "two walks of three pages each"
    # More than one account may have were under way, and of no account more than it may have.
    assert min(per_account, most - 1) < counts["most_at_once"] <= most
    assert 1 < max(tally["most_at_once"] for tally in counts["accounts"].values()) <= per_account


def _refresh(keys: Sequence[str]) -> None:
    """Refresh the raw tables as the settings say, without Dagster."""
    planion, wanted = PlanionResource(), [ConferenceKey.parse(key) for key in keys]
    for outcome in refresh(wanted, [RAW_SESSIONS], planion.writable_store(), planion.client, planion.options):
        assert isinstance(outcome, Refreshed), outcome


def _pages(sandbox: RecordingServer) -> list[tuple[ConferenceKey, int]]:
    """The number of the last page of each conference, from what the sandbox holds."""
    keys = [ConferenceKey.parse(key) for key in KEYS]
    counts = {key: len(sandbox.sandbox.items(key.account, key.conference)) for key in keys}
    assert (counts[keys[1]], counts[keys[3]]) == (0, SESSIONS)
    return [(key, max(1, -(-count // MAX_RESULTS))) for key, count in counts.items()]
