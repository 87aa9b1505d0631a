"""A refresh that is told to stop leaves no half state, no lock, no half-written file, and says so in one line."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planion_assets.cli.refresh import Report
from planion_assets.cli.signals import Signals
from planion_assets.config import load
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Failed
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.faults import silent
from planion_assets_tests.feed.server import TOKEN, ScriptedServer
from planion_assets_tests.runs import SMALL


def test_a_signal_whose_exception_was_lost_ends_the_refresh_after_the_conference_at_hand(configured: Path) -> None:
    outcome = Failed(ConferenceKey.parse(SMALL), "a reason")
    signals = Signals()
    with signals.catch_signals(), Report(load(), 2, signals) as report:
        report.add(outcome)
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            report.add(outcome)
        assert signals.first == signal.SIGTERM


CONFIG = """
    feed:
      url: {url}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: AM2026
"""


@pytest.mark.parametrize("runs", [0, 2], ids=["while Dagster is loaded", "in the run"])
def test_ctrl_c_in_a_terminal_which_all_processes_of_a_refresh_get_prints_one_line(workplace: Path, runs: int) -> None:
    home = workplace / "home"
    environment = {**os.environ, "PLANION_TOKEN_AAA": TOKEN, "DAGSTER_HOME": str(home)}
    command = [sys.executable, "-m", "planion_assets", "refresh"]
    with ScriptedServer(lambda request: silent) as feed:
        write_config(workplace, CONFIG.format(url=feed.url))
        with subprocess.Popen(
            command, env=environment, start_new_session=True, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            until = time.monotonic() + 180
            # The index and the run's own.
            while time.monotonic() < until and not (
                feed.requests and len(list(home.glob("history/runs/*.db"))) >= runs
            ):
                time.sleep(0.02)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            assert not children.exists() or not children.read_text(), "which might print something of their own"
            os.killpg(process.pid, signal.SIGINT)
            said = process.stderr.read()
    assert process.returncode == 130
    assert said == "stopped by SIGINT: every stored table is whole; run the command again for the rest\n"
