"""A refresh that is told to stop leaves no half state, no lock, no half-written file, and says so in one line."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
from planion_assets_tests.forks import fork, planion
from planion_assets_tests.instances import copy_instance
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


SAID = "stopped by SIGINT: every stored table is whole; run the command again for the rest\n"


def test_ctrl_c_while_dagster_is_loaded_prints_one_line(workplace: Path) -> None:
    environment = {**os.environ, "PLANION_TOKEN_AAA": TOKEN, "DAGSTER_HOME": str(workplace / "home")}
    command = [sys.executable, "-m", "planion_assets", "refresh"]
    with ScriptedServer(lambda request: silent) as feed:
        write_config(workplace, CONFIG.format(url=feed.url))
        with subprocess.Popen(
            command, env=environment, start_new_session=True, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            _interrupt(process.pid, lambda: bool(feed.requests))
            said = process.stderr.read()
    assert (process.returncode, said) == (130, SAID)


def test_ctrl_c_in_a_run_prints_one_line(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = workplace / "home"
    copy_instance(home)
    monkeypatch.setenv("PLANION_TOKEN_AAA", TOKEN)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    ours, theirs = os.pipe()
    with ScriptedServer(lambda request: silent) as feed:
        write_config(workplace, CONFIG.format(url=feed.url))
        with fork(_refresh_in_a_session, streams={2: theirs}) as child:
            os.close(theirs)
            # The index and the run's own.
            _interrupt(child.pid, lambda: bool(feed.requests) and len(list(home.glob("history/runs/*.db"))) >= 2)
            with os.fdopen(ours) as errors:
                said = errors.read()
            assert (child.wait(), said) == (130, SAID)


def _refresh_in_a_session() -> None:
    """In a child, which leads the processes that a terminal sends its signals to."""
    os.setsid()
    planion("refresh")


def _interrupt(pid: int, moment: Callable[[], bool]) -> None:
    """Send SIGINT to all processes of that group once that is true, or after minutes; there is but one."""
    until = time.monotonic() + 180
    while time.monotonic() < until and not moment():
        time.sleep(0.02)
    children = Path(f"/proc/{pid}/task/{pid}/children")
    assert not children.exists() or not children.read_text(), "which might print something of their own"
    os.killpg(pid, signal.SIGINT)
