"""The `planion` program and signals: its exit code, in time whatever holds it up, and never a traceback."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from planion_assets.cli import signals
from planion_assets.cli.signals import ENDS_WITHIN

ROOT = Path(__file__).parents[2]
HANGS = 180
"""Seconds after which a test is ended that would hang; no rule is about them."""
SAID = "stopped by {}: it is so\n"
# Each is held up as a refresh could be, once it is ready.
SWALLOWED = """
    while True:
        try:
            ready()
            time.sleep(600)
        except KeyboardInterrupt:
            pass
"""
UNINTERRUPTED = """
    ready()
    ctypes.CDLL(None).sleep(600)
"""
ON_THE_WAY_OUT = """
    try:
        ready()
        time.sleep(600)
    finally:
        threading.Event().wait()
"""
JOINED = """
    with ThreadPoolExecutor() as pool:
        pool.submit(time.sleep, 600)
        ready()
"""
IN_ORDER = """
    try:
        ready()
        time.sleep(600)
    finally:
        time.sleep(0.3)
        print("undone", flush=True)
"""
LOGGED = """
    try:
        ready()
        time.sleep(600)
    except BaseException:
        logging.getLogger("sqlalchemy").error("Exception closing connection", exc_info=True)
        raise
"""
PROGRAM = """
import ctypes, logging, os, signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from planion_assets.cli import signals
def ready():
    print("ready", flush=True)
{before}
signals.ENDS_WITHIN = {within}
with signals.ending("it is so"):
{body}
print("it went on")
"""


def _started(body: str, within: float = ENDS_WITHIN, before: str = "") -> "subprocess.Popen[str]":
    program = PROGRAM.format(within=within, body=body, before=before)
    pipe, environment = subprocess.PIPE, {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=pipe, stderr=pipe, text=True, env=environment, process_group=0
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("body", [SWALLOWED, UNINTERRUPTED, ON_THE_WAY_OUT, JOINED])
def test_what_does_not_end_by_itself_is_ended(body: str) -> None:
    with _started(body, within=0.5) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(HANGS) == 143
        assert "Traceback" not in process.communicate()[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_it_ends_by_a_signal_in_one_line_and_at_once_by_a_second(number: signal.Signals) -> None:
    with _started(IN_ORDER) as process:
        process.send_signal(number)
        assert process.wait(HANGS) == 128 + number
        assert process.communicate() == ("undone\n", SAID.format(number.name))
    with _started(SWALLOWED, within=10 * HANGS) as process:
        assert process.stdout
        process.send_signal(number)
        assert process.stdout.readline() == "ready\n", "it goes on"
        time.sleep(2 * signals._SAME_WITHIN)
        process.send_signal(signal.SIGINT)
        assert process.wait(HANGS) == 128 + number, "the first says what ended it"
        assert process.communicate() == ("", "")


def test_an_interrupt_that_a_library_logs_before_it_raises_it_again_is_not_printed() -> None:
    with _started(LOGGED) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(HANGS) == 143
        assert process.communicate() == ("", SAID.format("SIGTERM"))


def test_a_signal_that_comes_twice_at_once_is_one() -> None:
    with _started(IN_ORDER) as process:
        os.kill(process.pid, signal.SIGTERM)
        os.killpg(process.pid, signal.SIGTERM)  # as `timeout` does
        assert process.wait(HANGS) == 143
        assert process.communicate() == ("undone\n", SAID.format("SIGTERM"))


def test_a_process_that_ignores_the_end_of_its_terminal_goes_on() -> None:
    body = """
    ready()
    os.kill(os.getpid(), signal.SIGHUP)
"""
    with _started(body, before="signal.signal(signal.SIGHUP, signal.SIG_IGN)") as process:
        assert process.stdout  # not `communicate`, which passes over what came together with the first line
        assert process.stdout.read() == "it went on\n"
        assert process.communicate(timeout=HANGS)[1] == ""
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("module", "number"),
    # Others are loaded, and SIGINT comes, in test_main.py.
    [
        ("click", signal.SIGINT),
        ("click", signal.SIGTERM),
        ("pydantic", signal.SIGTERM),
    ],
)
def test_while_it_is_loaded_it_ends_at_once_and_without_a_traceback(
    workplace: Path, module: str, number: signal.Signals
) -> None:
    """A module of that name that is found before the right one sends the signal while it is imported."""
    (workplace / f"{module}.py").write_text(f"import os, time\nos.kill(os.getpid(), {int(number)})\ntime.sleep(600)\n")
    (workplace / "planion.yaml").write_text(
        textwrap.dedent("""
            feed: {url: "http://127.0.0.1:9/feed/v1"}
            accounts: [{account: AAA, token_env: PLANION_TOKEN_AAA, conferences: [{conference: AM2026}]}]
        """)
    )
    done = subprocess.run(
        [sys.executable, "-m", "planion_assets", "refresh"],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
        env={**os.environ, "PYTHONPATH": f"{workplace}{os.pathsep}{ROOT}", "PLANION_TOKEN_AAA": "x"},
    )
    assert (done.returncode, done.stdout) == (128 + number, "")
    assert done.stderr.startswith(f"stopped by {number.name}")
    assert done.stderr.count("\n") == 1
