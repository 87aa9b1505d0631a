"""`planion status` as a person and as a program run it: what it prints, in which colours, and its exit code."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets_tests.cli.terminal import on_a_terminal
from planion_assets_tests.freshness.stored import configure, store_conference, text


def _status(*arguments: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(main, ["status", *arguments])


def _store(folder: Path, name: str, hours: float) -> None:
    now = datetime.now(UTC)
    updated = text(now - timedelta(hours=hours))
    store_conference(LocalStore(folder / "data"), name, [{"session_updated_at": updated}], fetched_at=now)


def test_a_mistake_is_a_line_on_stderr_and_exit_code_2(workplace: Path) -> None:
    (workplace / "planion.yaml").write_text("max_update_age: {warn: soon}\naccounts: []")
    for arguments in ([], ["--json"]):
        done = _status(*arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "planion.yaml: max_update_age.warn: is not a duration; write a whole number" in done.stderr


@pytest.mark.parametrize(("hours", "code", "said"), [(1, 0, "fresh"), (48, 0, "stale"), (900, 1, "stale")])
def test_an_error_is_exit_code_1_and_a_warning_is_none(workplace: Path, hours: float, code: int, said: str) -> None:
    configure(workplace, "C1")
    _store(workplace, "C1", hours)
    done = _status()
    assert done.exit_code == code, done.output
    line = done.stdout.splitlines()[1].split()
    assert line[:3] == ["AAA|C1", "1", "0"]
    assert said in line
    assert ("is the limit" in done.stdout) == (said == "stale")
    assert "\x1b" not in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 conferences, ")


def test_a_conference_that_was_never_read_is_exit_code_1(workplace: Path) -> None:
    configure(workplace, "C1", "NEVER")
    _store(workplace, "C1", 1)
    done = _status()
    assert done.exit_code == 1
    assert "AAA|NEVER  never read: it is configured and was never read; refresh it" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 conferences, 1 with errors, 0 with warnings; settings: planion.yaml"


@pytest.mark.parametrize("kind", ["a folder", "a named pipe", "a loop of links"])
@pytest.mark.parametrize("place", ["sessions/AAA/C1.parquet", ".status/AAA/C1.json"])
def test_what_is_no_file_in_the_place_of_one_is_a_line(workplace: Path, place: str, kind: str) -> None:
    configure(workplace, "C1", "C2")
    for name in ("C1", "C2"):
        _store(workplace, name, 1)
    path = workplace / "data" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "a folder":
        path.mkdir()
    elif kind == "a named pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name)
    (workplace / "data/session_speakers/AAA/C2.parquet").unlink()
    (workplace / "data/session_speakers/AAA/C2.parquet").mkdir()
    (workplace / "data/sessions/AAA/no,conference.parquet").touch()
    done = _status()
    assert done.exit_code == 1
    assert f"AAA|C1  unreadable: {path} is {kind}, and no file; " in done.stdout
    assert next(line for line in done.stdout.splitlines() if line.startswith("AAA|C2")).split()[1:3] == ["1", "-"]
    assert f"AAA|C2  unreadable: {workplace / 'data/session_speakers/AAA/C2.parquet'} is a folder, " in done.stdout
    assert done.stdout.splitlines()[-1].startswith("2 conferences, 2 with errors")


def test_json_holds_the_rows_of_the_table_with_iso_instants(workplace: Path) -> None:
    configure(workplace, "C1", "NEVER")
    _store(workplace, "C1", 48)
    done = _status("--json")
    assert done.exit_code == 1
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert [row["conference"] for row in found] == ["C1", "NEVER"]
    for row in found:
        assert list(row) == [column.name for column in CONFERENCE_STATUS.columns]
        assert datetime.fromisoformat(row["checked_at"]).tzinfo is not None
    assert datetime.fromisoformat(found[0]["newest_session_updated_at"]) < datetime.now(UTC)
    assert (found[0]["level"], found[1]["last_read_at"], found[1]["reading"]) == ("warn", None, "never read")


def test_a_removed_conference_is_marked_once_and_is_no_problem(workplace: Path) -> None:
    configure(workplace, "C1")
    for name in ("C1", "GONE"):
        _store(workplace, name, 1)
    done = _status()
    assert done.exit_code == 0
    assert done.stdout.count("AAA|GONE  removed from planion.yaml: `planion forget 'AAA|GONE'` deletes it\n") == 1
    (row,) = [row for row in json.loads(_status("--json").stdout) if row["conference"] == "GONE"]
    assert (row["configured"], row["level"]) == (False, "ok")
    assert {row[f"{of}_reason"] for of in ("freshness", "reading", "quality")} == {
        "removed from planion.yaml: `planion forget 'AAA|GONE'` deletes it"
    }


def test_it_looks_and_writes_nothing_and_asks_no_feed(workplace: Path) -> None:
    configure(workplace, "C1", more="feed: {url: 'http://127.0.0.1:9/feed/v1'}")
    before = sorted(workplace.rglob("*"))
    assert _status().exit_code == 1
    assert sorted(workplace.rglob("*")) == before


def test_the_command_is_quick_and_a_pipe_gets_no_colour(workplace: Path) -> None:
    configure(workplace, "C1")
    _store(workplace, "C1", 48)
    code = "import sys, planion_assets.cli.main as c\ntry: c.main(['status'])\nfinally: print('dagster' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("settings: planion.yaml\nFalse\n")
    assert "\x1b" not in done.stdout


def test_a_terminal_gets_colours(workplace: Path) -> None:
    configure(workplace, "C1", "NEVER")
    _store(workplace, "C1", 48)
    code, output = on_a_terminal("status")
    assert code == 1
    assert "\x1b[33mstale" in output
    assert "\x1b[1;31mnever read" in output


def test_without_rich_a_terminal_gets_plain_lines_with_the_same_words(workplace: Path) -> None:
    configure(workplace, "C1", "NEVER")
    _store(workplace, "C1", 48)
    code, output = on_a_terminal("status", rich=False)
    assert code == 1
    assert "\x1b" not in output
    heading, stale, never, *reasons, last = output.splitlines()
    assert never.split()[:4] == ["AAA|NEVER", "-", "-", "-"]
    assert stale.split()[:3] == ["AAA|C1", "1", "0"]
    assert {line.index(word) for line, word in ((heading, "content"), (stale, "stale"))} == {heading.index("content")}
    assert any("is the limit" in reason for reason in reasons)
    assert last.startswith("2 conferences, 1 with errors")
