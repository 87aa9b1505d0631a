"""The `planion` command as a person runs it: output, errors, exit codes, and the right counts."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import dagster as dg
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from planion_assets.cli import refresh
from planion_assets.cli.main import main
from planion_assets.defs.instance import opened
from planion_assets.guide import without_see
from planion_assets.sandbox import TOKENS
from planion_assets_tests import forks
from planion_assets_tests.cli.terminal import on_a_terminal
from planion_assets_tests.conftest import write_config
from planion_assets_tests.forks import fork, planion
from planion_assets_tests.instances import copy_instance, instance_without_events
from planion_assets_tests.recording_server import RecordingServer

CONFIG = """
    feed:
      url: {url}
      max_attempts: 1
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: AM2036
      - account: TOS
        token_env: PLANION_TOKEN_TOS
        conferences:
          - conference: WS2027
"""


@pytest.fixture
def no_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Dagster keep none of its events, which are as much work as all the rest of a refresh."""
    monkeypatch.setattr(refresh, "opened", instance_without_events)


def _invoke(monkeypatch: pytest.MonkeyPatch, *arguments: str, **environment: str) -> Result:
    """The same in this process, which has imported Dagster already."""
    # Set by the command itself where it is not set.
    home = Path(".dagster").absolute()
    if not home.exists():
        copy_instance(home)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    return CliRunner(catch_exceptions=False).invoke(main, arguments, env=environment)


@pytest.mark.parametrize(
    ("arguments", "config", "message"),
    [
        (["refresh"], "accounts: []", "planion.yaml: accounts: lists none; give at least one"),
        (["refresh"], "acounts: []", "planion.yaml: acounts: is not a known key; did you mean accounts?"),
        (["refresh", "AM2036"], CONFIG, "'AM2036' is not a partition key: it holds '|' 0 times, not once"),
        (["refresh", "AAA|X"], CONFIG, "planion.yaml: accounts[0].conferences: no conference 'X' in account 'AAA'"),
    ],
)
def test_a_mistake_is_a_line_on_stderr_and_exit_code_2(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], config: str, message: str
) -> None:
    write_config(workplace, config.format(url="http://127.0.0.1:9/feed/v1"))
    done = _invoke(monkeypatch, *arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("no_events", "core_tables")
def test_conferences_that_fail_are_lines_on_stderr_and_exit_code_1_and_the_other_account_is_refreshed(
    workplace: Path, sandbox: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_token = (
        "      - account: BBB\n        token_env: PLANION_TOKEN_BBB\n        conferences: [{{conference: ONE}}]\n"
    )
    write_config(workplace, (CONFIG.rstrip(" ") + no_token).format(url=sandbox.url))
    done = _invoke(monkeypatch, "refresh", PLANION_TOKEN_AAA="wrong", PLANION_TOKEN_TOS=TOKENS["TOS"])
    assert done.exit_code == 1
    assert re.search(
        r"^AAA\|AM2036  failed: GET /feed/v1/sessions of AAA\|AM2036, page 1 .* answered 401;", done.stderr, re.M
    )
    assert "planion.yaml: accounts[2].token_env: the environment variable PLANION_TOKEN_BBB is not set" in done.stderr
    assert re.search(r"^TOS\|WS2027 +1 sessions ", done.stdout, re.M)
    assert "1 read, 0 unchanged, 1 changed (TOS|WS2027), 2 failed (AAA|AM2036, BBB|ONE); 1 sessions" in done.stdout
    assert "Traceback" not in done.stderr
    assert (workplace / "data/sessions/TOS/WS2027.parquet").exists()
    assert not (workplace / "data/sessions/AAA").exists()
    assert not (workplace / "data/sessions/BBB").exists()


@pytest.mark.usefixtures("no_events", "core_tables")
def test_each_conference_comes_out_with_the_counts_of_the_feed(
    configured: Path, sandbox: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of three pages, of one, without sessions, with a single one. `readers/test_counts.py` counts the others' rows.
    keys = ["myaccount|2018", "AAA|AM2036", "AAA|AM2037", "TOS|WS2027"]
    done = _invoke(monkeypatch, "refresh", *keys)
    assert (done.exit_code, done.stderr) == (0, "")
    for account, _, conference in (key.partition("|") for key in keys):
        sessions, links, pages = _count(sandbox.url, account, conference)
        for table, rows in (("raw_sessions", sessions), ("sessions", sessions), ("session_speakers", links)):
            path = configured / "data" / table / account / f"{conference}.parquet"
            assert pq.read_metadata(path).num_rows == rows, path
        key = re.escape(f"{account}|{conference}")
        line = rf"^{key} +{sessions} sessions +{links} speaker links +{pages} pages  newest [-\d].* s  data/sessions/"
        assert re.search(line, done.stdout, re.M), done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.usefixtures("core_tables", "only_tables")
def test_each_refresh_is_one_run_of_the_keys_given_that_plans_nothing_and_reports_only_what_is_not_known(
    workplace: Path, sandbox: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = "- conference: AM2036"
    write_config(workplace, CONFIG.format(url=sandbox.url).replace(first, f"{first}\n          - conference: AM2037"))
    tokens = {f"PLANION_TOKEN_{account}": token for account, token in TOKENS.items()}
    # Two conferences of the three, of which one has no sessions, then the other, then all.
    for keys, said in (
        (["TOS|WS2027", "AAA|AM2037", "TOS|WS2027"], "2 changed (AAA|AM2037, TOS|WS2027), 0 failed; 1 sessions"),
        (["TOS|WS2027"], "1 read, 1 unchanged, 0 changed, 0 failed; 1 sessions"),
        ([], "3 read, 2 unchanged, 1 changed (AAA|AM2036), 0 failed; 88 sessions"),
    ):
        done = _invoke(monkeypatch, "refresh", *keys, **tokens)
        assert done.exit_code == 0, done.stderr
        assert said in done.stdout
        hints = re.findall(r"^(\S+) .*  no sessions yet: is (\S+) its ID\?$", done.stdout, re.M)
        assert hints == ([] if keys == ["TOS|WS2027"] else [("AAA|AM2037", "AM2037")])
        stored = sorted(path.stem for path in (workplace / "data/sessions").rglob("*.parquet"))
        assert stored == (["AM2037", "WS2027"] if keys else ["AM2036", "AM2037", "WS2027"])
    with dg.DagsterInstance.get() as instance:
        everything, one, two = (record.dagster_run for record in instance.get_run_records())
        events = {run.run_id: _asset_events(instance, run.run_id) for run in (two, one, everything)}
    assert [run.job_name for run in (two, one, everything)] == ["refresh_active"] * 3
    assert (one.tags["planion/account"], one.tags["planion/conference"]) == ("TOS", "WS2027")
    assert "planion/account" not in two.tags
    assert "planion/account" not in everything.tags
    assert set(events[two.run_id]) == {"AAA|AM2037", "TOS|WS2027"}
    assert events[one.run_id] == {}
    assert set(events[everything.run_id]) == {"AAA|AM2036"}
    # A list of all of them would be stored with every run.
    assert "TOS|WS2027" in str(one.run_config)
    assert "TOS|WS2027" not in str(everything.run_config)


def _asset_events(instance: dg.DagsterInstance, run_id: str) -> "Counter[str]":
    """How many events about assets a run left, by partition."""
    events = [entry.dagster_event for entry in instance.all_logs(run_id) if entry.dagster_event]
    assert not [event for event in events if "PLANNED" in event.event_type_value]
    reported = ("ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION")
    return Counter(str(event.partition) for event in events if event.event_type_value in reported and event.partition)


def test_a_terminal_shows_a_progress_bar(configured: Path) -> None:
    code, text = on_a_terminal("refresh", "TOS|WS2027")
    assert code == 0
    assert "refreshing" in text
    assert "1/1" in text
    assert re.search(r"TOS\|WS2027 +1 sessions", text)


def test_without_rich_a_terminal_shows_the_lines_alone(configured: Path) -> None:
    code, text = on_a_terminal("refresh", "TOS|WS2027", rich=False)
    assert code == 0, text
    assert re.search(r"^TOS\|WS2027 +1 sessions", text, re.M)
    assert "\x1b" not in text


def test_an_instance_that_cannot_be_used_is_a_line_on_stderr_and_exit_code_2(
    configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (configured / ".dagster").mkdir()
    (configured / ".dagster" / "dagster.yaml").write_text("telemetry: [")
    done = _invoke(monkeypatch, "refresh", "TOS|WS2027")
    assert done.exit_code == 2
    assert re.fullmatch(r"the Dagster instance in \S+ cannot be used: .*\n", done.stderr)


@pytest.mark.usefixtures("core_tables")
def test_the_feed_is_asked_for_a_page_while_dagsters_storage_is_loaded(
    configured: Path, sandbox: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, until = len(sandbox.requests), time.monotonic() + 60

    def opened_after_the_answer() -> dg.DagsterInstance:
        while len(sandbox.requests) == before and time.monotonic() < until:
            time.sleep(0.001)
        return opened()

    monkeypatch.setattr("planion_assets.feed.client._PREFETCHED_FOR", 60)  # however busy the machine is
    monkeypatch.setattr("planion_assets.cli.refresh.opened", opened_after_the_answer)
    done = _invoke(monkeypatch, "refresh", "AAA|AM2037", "TOS|WS2027")
    assert (done.exit_code, done.stderr, time.monotonic() < until) == (0, "", True)
    asked = Counter(str(request.where) for request in sandbox.requests[before:] if request.path.endswith("/sessions"))
    assert [*asked.values()] == [2, 2], (
        "a page for each of the two walks, of which the early one is not asked for again"
    )


@pytest.mark.parametrize("command", ["refresh", "status"])
def test_a_working_directory_that_was_deleted_is_a_line_on_stderr_and_exit_code_2(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (workplace / "gone").mkdir()
    monkeypatch.chdir(workplace / "gone")
    (workplace / "gone").rmdir()
    done = CliRunner(catch_exceptions=False).invoke(main, [command])
    assert (done.exit_code, done.stdout) == (2, "")
    said = "environment: the working folder: is not there any more; change to one that is"
    assert without_see(done.stderr) == said


@pytest.mark.usefixtures("no_events", "core_tables")
def test_without_a_sandbox_on_its_port_the_run_serves_one_itself(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planion_assets.config.sources.SANDBOX_URL", "http://127.0.0.1:9/feed/v1")
    # A real feed's settings are none of its business, nor is that feed's folder.
    write_config(workplace, CONFIG.format(url="http://127.0.0.1:9/feed/v1"))
    done = _invoke(monkeypatch, "refresh", "--sandbox", "AAA|AM2036")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("feed: sandbox; settings: the sandbox\n")
    assert (workplace / "sandbox-data/sessions/AAA/AM2036.parquet").exists()
    assert not (workplace / "data").exists()
    assert re.search(r"^AAA\|AM2036 +87 sessions", done.stdout, re.M)


# Presses Ctrl-C when a module is about to be imported.
PRESS = """
import os, signal, sys
from planion_assets.__main__ import main

class Press:
    def find_spec(name, *_):
        if name == MODULE:
            os.kill(os.getpid(), signal.SIGINT)

MODULE = sys.argv.pop(1)
sys.meta_path.insert(0, Press)
main()
"""


@pytest.mark.parametrize(
    ("module", "arguments", "code", "said"),
    [
        ("pydantic", ["refresh"], 128 + signal.SIGINT, "stopped by SIGINT"),
        ("pyarrow", ["status"], 128 + signal.SIGINT, "stopped by SIGINT"),
        (
            "dagster",
            ["refresh"],
            128 + signal.SIGINT,
            "stopped by SIGINT: every stored table is whole; run the command",
        ),
    ],
)
def test_ctrl_c_prints_no_traceback_whatever_is_being_imported(
    configured: Path, module: str, arguments: list[str], code: int, said: str
) -> None:
    command = [sys.executable, "-c", PRESS, module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == bool(said)


def test_the_sandbox_can_be_served_alone(workplace: Path) -> None:
    ours, theirs = os.pipe()
    with fork(planion, "sandbox", "--port", "0", streams={1: theirs}), os.fdopen(ours) as printed:
        os.close(theirs)
        url = re.search(r"http://\S+", printed.readline())
        assert url is not None
        assert _count(url[0], "AAA", "AM2036")[0] == 87
        second = forks.run(planion, "sandbox", "--port", url[0].split(":")[2].split("/")[0])
    assert second.returncode == 1
    assert "cannot be served" in second.stderr


def _count(url: str, account: str, conference: str) -> tuple[int, int, int]:
    """Sessions, speakers and pages of a conference, counted by following the feed page by page without the client."""
    token = base64.b64encode(f"{TOKENS[account]}:".encode()).decode()
    where = quote(json.dumps({"account": account, "conference": conference}))
    schedids: set[str] = set()
    links = pages = 0
    while True:
        request = urllib.request.Request(f"{url}/sessions?where={where}&page={pages + 1}")
        request.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(request) as response:
            page = json.load(response)
        pages += 1
        schedids |= {item["schedid"] for item in page["_items"]}
        links += sum(len(item["speakers"] or []) for item in page["_items"])
        if "next" not in page["_links"]:
            return len(schedids), links, pages
