"""A refresh that is told to stop leaves no half state, no lock, no half-written file, and says so in one line."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planion_assets.cli.refresh_report import Report
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


def test_ctrl_c_in_a_terminal_which_all_processes_of_a_refresh_get_prints_one_line(workplace: Path) -> None:
    environment = {**os.environ, "PLANION_TOKEN_AAA": TOKEN, "DAGSTER_HOME": str(workplace / "home")}
    command = [sys.executable, "-m", "planion_assets", "refresh"]
    with ScriptedServer(lambda request: silent) as feed:
        write_config(workplace, CONFIG.format(url=feed.url))
        with subprocess.Popen(
            command, env=environment, start_new_session=True, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            until = time.monotonic() + 180
            while time.monotonic() < until and not (feed.requests and _listening(process.pid) >= 2):
                time.sleep(0.02)
            os.killpg(process.pid, signal.SIGINT)
            said = process.stderr.read()
    assert process.returncode == 130
    assert said == "stopped by SIGINT: every stored table is whole; run the command again for the rest\n"


def _listening(group: int) -> int:
    """How many programs that a process has started have come as far as handling SIGINT, by Linux's /proc."""
    found = 0
    for child in Path(f"/proc/{group}/task/{group}/children").read_text().split():
        with contextlib.suppress(OSError):
            _, _, caught = Path(f"/proc/{child}/status").read_text().partition("SigCgt:")
            found += int(caught.split()[0], 16) >> (signal.SIGINT - 1) & 1
    return found
