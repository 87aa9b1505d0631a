"""`planion as-of` as a person runs it: what it writes and says, and what it refuses."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.feed.server import KEY
from planion_assets_tests.freshness.stored import configure
from planion_assets_tests.refresh.test_former_tables import ZONES, refreshed


def _as_of(*arguments: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(main, ["as-of", *arguments])


def test_tables_are_written_as_they_stood_and_an_instant_before_them_is_refused(workplace: Path) -> None:
    configure(workplace, KEY.conference, "NEVER")
    store = LocalStore(workplace / "data")
    before = datetime.now(UTC)
    refreshed(store, 1, ZONES[0])
    expected, at = store.read("sessions", KEY), datetime.now(UTC)
    refreshed(store, 2, ZONES[1])
    done = _as_of(at.isoformat(), "--out", "then", str(KEY))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{KEY}  as of {at.isoformat()}: {expected.num_rows} sessions, ")
    then = LocalStore(workplace / "then")
    assert then.read("sessions", KEY).equals(expected)
    assert then.read("published/published_sessions", KEY).num_rows < expected.num_rows
    provenance = then.footer("sessions", KEY).provenance
    assert provenance
    assert provenance.zones == str(ZONES[0])
    refused = _as_of((before - timedelta(days=1)).isoformat())
    assert refused.exit_code == 1
    assert f"{KEY}  not written: session_changes of {KEY} tells of its tables since " in refused.stderr
    assert "AAA|NEVER  not written: no session_changes of AAA|NEVER is stored at " in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["yesterday"], "yesterday is no instant: write it as 2026-03-01T12:00Z"),
        (["2026-03-01T12:00Z", "--out", "data"], "data is the data folder: name another with --out"),
        (["2026-03-01T12:00Z", "AAA|OTHER"], "no conference 'OTHER' in account 'AAA'"),
    ],
)
def test_what_cannot_be_used_is_exit_code_2(workplace: Path, arguments: list[str], said: str) -> None:
    configure(workplace, KEY.conference)
    done = _as_of(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
