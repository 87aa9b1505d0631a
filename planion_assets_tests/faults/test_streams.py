"""What the commands print is lost or cannot be spelled: the tables are written all the same."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from planion_assets.cli.streams import Output, duplicate, write_error
from planion_assets.sandbox import TOKENS, SandboxServer
from planion_assets_tests.conftest import write_config
from planion_assets_tests.faults.command_forks import command_with
from planion_assets_tests.forks import fork

FULL = "/dev/full"
REPORT_LOST = (
    "standard output took only a part of the report (No space left on device); the refresh was not disturbed\n"
)
PRINT_LOST = "standard output took only a part of what was to be printed: No space left on device\n"
CONFIG = """
    feed:
      url: {url}
    data: データ
    accounts:
      - account: TOS
        token_env: PLANION_TOKEN_TOS
        conferences:
          - conference: WS2027
"""
SETTINGS_FILE = "設定.yaml"
ESCAPED_SETTINGS, ESCAPED_DATA = "\\u8a2d\\u5b9a.yaml", "\\u30c7\\u30fc\\u30bf"
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with settings for a sandbox that is served."""
    folder = tmp_path_factory.mktemp("streams")
    with SandboxServer() as feed:
        write_config(folder, CONFIG.format(url=feed.url)).rename(folder / SETTINGS_FILE)
        yield folder


@pytest.fixture
def planion(folder: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command in a child with these streams: its exit code, what it printed, and its errors."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PLANION_CONFIG", SETTINGS_FILE)
    monkeypatch.setenv("PLANION_TOKEN_TOS", TOKENS["TOS"])

    def run(*arguments: str, encoding: str = "utf-8", **streams: str) -> tuple[int, str, str]:
        files = {1: folder / "out", 2: folder / "err"}
        for file in files.values():
            file.write_bytes(b"")
        shutil.rmtree(folder / "データ", ignore_errors=True)
        behind = {number: str(file) for number, file in files.items()}
        behind |= {int(number.removeprefix("fd")): what for number, what in streams.items()}
        with fork(command_with, behind, encoding, arguments) as child:
            code = child.wait()
        out, err = (file.read_bytes().decode(encoding) for file in files.values())
        return code, out, err

    return run


def _tables(folder: Path) -> set[str]:
    data = folder / "データ"
    return {str(path.relative_to(data)) for path in data.rglob("*.parquet")}


@pytest.mark.parametrize(
    ("streams", "err"),
    [
        ({"fd1": FULL}, REPORT_LOST),
        ({"fd1": "unread"}, ""),
        ({"fd1": FULL, "fd2": FULL}, ""),
        ({"fd0": "closed", "fd1": "closed", "fd2": "closed"}, ""),
    ],
)
def test_a_report_that_nobody_takes_changes_nothing_of_the_tables(
    planion: Command, folder: Path, streams: dict[str, str], err: str
) -> None:
    assert planion("refresh", **streams) == (0, "", err)
    assert {"sessions/TOS/WS2027.parquet", "published/published_sessions/TOS/WS2027.parquet"} <= _tables(folder)


def test_errors_that_nobody_takes_change_nothing_of_the_report(planion: Command) -> None:
    code, out, _ = planion("refresh", "TOS|WS2027", fd2="closed")
    assert code == 0
    assert "1 read, 0 unchanged, 1 changed (TOS|WS2027), 0 failed; 1 sessions" in out
    assert planion("refresh", "TOS|none", fd2=FULL) == (2, "", "")


def test_what_an_encoding_cannot_spell_is_escaped(planion: Command) -> None:
    code, out, err = planion("refresh", encoding="latin-1")
    assert (code, err) == (0, "")
    assert f"settings: {ESCAPED_SETTINGS}\n" in out
    assert out.endswith(f"tables in {ESCAPED_DATA}\n")
    code, out, err = planion("status", encoding="ascii")
    assert (code, err) == (1, "")
    assert out.endswith(f"1 conferences, 1 with errors, 0 with warnings; settings: {ESCAPED_SETTINGS}\n")


@pytest.mark.parametrize("arguments", [("status",), ("status", "--json"), ("schema",)])
def test_what_was_asked_for_and_did_not_arrive_is_a_line_and_exit_code_1(
    planion: Command, arguments: tuple[str, ...]
) -> None:
    assert planion(*arguments, fd1=FULL) == (1, "", PRINT_LOST)
    # Who ends the pipe early has read what was wanted: the verdict counts, which is an error for what was never read.
    if arguments == ("status",):
        assert planion(*arguments, fd1="unread") == (1, "", "")


def test_help_goes_nowhere_quietly(planion: Command) -> None:
    for stream in ("closed", FULL):
        assert planion("--help", fd1=stream) == (0, "", "")


def test_a_descriptor_that_does_not_wait_gets_everything() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    text = "x" * 300_000  # more than a pipe holds
    with os.fdopen(reader) as end, ThreadPoolExecutor(1) as thread:
        read = thread.submit(end.read)
        output = Output(writer, owned=True)
        assert output.write(text.encode()) == len(text)
        output.close()
        assert read.result() == text


def test_a_stream_of_its_own_is_closed_without_the_one_it_comes_from(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w", encoding="latin-1") as file:
        stream = duplicate(file)
        stream.write("東")
        assert write_error(stream) is None
        stream.close()
        file.write("!")
    assert (tmp_path / "file").read_text() == "\\u6771!"
    assert write_error(file) is None
