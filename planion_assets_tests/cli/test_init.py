"""`planion init` writes a file that loads, or nothing: whatever is answered, and whenever it is stopped."""

import os
import signal
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner, Result

from planion_assets.cli import init
from planion_assets.cli.main import main
from planion_assets.config import load
from planion_assets.config.constants import EXAMPLE_FILE, FEED_URL
from planion_assets.keys import ConferenceKey
from planion_assets_tests.config.editor import underlined
from planion_assets_tests.config.texts import missing_tokens
from planion_assets_tests.forks import fork, planion

FLAGS = ("--account", "AAA", "--conference", "AM2026")


def _init(*arguments: str, answers: Sequence[str] | None = None) -> Result:
    text = None if answers is None else "".join(f"{answer}\n" for answer in answers)
    return CliRunner(catch_exceptions=False).invoke(main, ["init", *arguments], input=text)


def test_a_file_that_is_there_stays_as_it_is(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "planion.yaml").write_text("mine")
    done = _init(*FLAGS)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("planion.yaml is there already, and stays as it is; ")
    assert (workplace / "planion.yaml").read_text() == "mine"
    monkeypatch.setenv("PLANION_CONFIG", "link.yaml")
    (workplace / "link.yaml").symlink_to("nowhere.yaml")
    assert _init(*FLAGS).exit_code == 2
    assert not (workplace / "nowhere.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--timezone", "CST"), "'CST' is not an IANA time zone; did you mean America/Chicago?"),
        (("--url", "http://feed.example.com"), "would send tokens unencrypted"),
        (("--token-env", "a-s3cr3t"), "is not the name of an environment variable (not shown, it may be a token)"),
        (("--data", "s3:/bucket"), "is no address, and no folder; write s3://, with two slashes"),
        (("--data", "~/tables"), "begins with '~'"),
        (("--account", "A|B"), "'A|B' holds '|', which a partition key cannot carry"),
        (("--conference", " "), "is blank"),
        (("--conference", "am2026"), "is 'AM2026' of accounts[0].conferences[0] in other letter case"),
    ],
)
def test_an_option_that_cannot_be_used_is_said_and_nothing_is_written(
    workplace: Path, arguments: tuple[str, str], said: str
) -> None:
    done = _init(*FLAGS, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert "s3cr3t" not in done.stderr
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize("answers", [[], ["AAA"], ["AAA", "", "AM2026"]])
def test_nobody_who_answers_is_exit_code_2_and_names_the_options(workplace: Path, answers: list[str]) -> None:
    done = _init(answers=answers)
    assert done.exit_code == 2
    assert "nothing is written; where nobody answers, give --account and --conference" in done.stderr
    assert list(workplace.iterdir()) == []


def test_a_folder_that_takes_no_file_is_a_line(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANION_CONFIG", "gone/planion.yaml")
    done = _init(*FLAGS)
    assert done.exit_code == 2
    assert "gone/planion.yaml cannot be written (No such file or directory); " in done.stderr


def test_a_disk_that_is_full_leaves_no_half_of_a_file(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(init, "_put", full)
    done = _init(*FLAGS)
    assert done.exit_code == 2
    assert "planion.yaml cannot be written (No space left on device); " in done.stderr
    assert not (workplace / "planion.yaml").exists()


def test_ctrl_c_at_a_question_leaves_nothing(workplace: Path) -> None:
    (given, answers), (prompts, out), (errors, err) = os.pipe(), os.pipe(), os.pipe()
    with fork(planion, "init", streams={0: given, 1: out, 2: err}) as process:
        for end in (given, out, err):
            os.close(end)
        with os.fdopen(answers, "w") as typed, os.fdopen(prompts) as printed, os.fdopen(errors) as said:
            print("AAA", file=typed, flush=True)
            assert printed.read(len("Account acronym: Environment")) == "Account acronym: Environment"
            process.kill(signal.SIGINT)
            assert process.wait() == 128 + signal.SIGINT
            assert said.read() == "stopped by SIGINT\n"
    assert list(workplace.iterdir()) == []


def test_ctrl_c_while_it_is_written_comes_after_the_whole_file(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(file: IO[str], text: str) -> None:
        signal.raise_signal(signal.SIGINT)
        original(file, text)

    original = init._put
    monkeypatch.setattr(init, "_put", put)
    done = _init(*FLAGS)
    assert (done.exit_code, done.stderr) == (1, "\nAborted!\n")
    assert load({}, workplace).keys() == (ConferenceKey("AAA", "AM2026"),)


def test_options_alone_write_a_file_that_loads(workplace: Path) -> None:
    done = _init(*FLAGS, "--conference", "2018", "--timezone", "America/Chicago", "--token-env", "MY_TOKEN")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "planion.yaml is written. Next:\n\n  export MY_TOKEN=...\n  planion check\n  planion refresh\n"
    )
    config = load({"MY_TOKEN": "x"}, workplace)
    assert (config.keys(), missing_tokens(config)) == (
        (ConferenceKey("AAA", "AM2026"), ConferenceKey("AAA", "2018")),
        (),
    )
    assert {config.conference(key).timezone for key in config.keys()} == {"America/Chicago"}
    assert config.feed.url == FEED_URL


def test_answers_are_asked_for_again_until_they_can_be_used(workplace: Path) -> None:
    answers = [
        "A|B",
        "AAA",
        "a-s3cr3t!",
        "",
        "AM2026",
        "AM2026",
        "1e3",
        "",
        "CST",
        "America/Chicago",
        "",
        "ftp://x",
        "",
    ]
    done = _init(answers=answers)
    assert done.exit_code == 0, done.output
    config = load({}, workplace)
    assert [(str(key), config.conference(key).timezone) for key in config.keys()] == [
        ("AAA|AM2026", "America/Chicago"),
        ("AAA|1e3", None),
    ]
    assert (config.accounts[0].token_env, config.feed.url) == ("PLANION_TOKEN_AAA", FEED_URL)
    for said in ("'A|B' holds '|'", "is not the name", "is named already", "did you mean America/Chicago?", "https://"):
        assert said in done.output


@pytest.mark.parametrize("name", ["A: B", "#1", "a 'b' \"c\"", "Ünï Jahr", "- x", "no", "null", "2018", "*a", "x:"])
def test_every_name_is_written_so_that_it_is_read_as_it_was_given(workplace: Path, name: str) -> None:
    done = _init("--account", name, "--conference", name)
    assert done.exit_code == 0, done.output
    assert load({}, workplace).keys() == (ConferenceKey(name, name),)


def test_editors_take_what_is_written(workplace: Path) -> None:
    text = _written(workplace)
    assert text.startswith("# yaml-language-server: $schema=planion.schema.json\n")
    assert underlined(text) == []


def test_the_example_is_printed_from_the_package(workplace: Path) -> None:
    done = _init("--example")
    assert done.exit_code == 0
    assert done.stdout == (files("planion_assets.config") / EXAMPLE_FILE).read_text(encoding="utf-8")
    assert list(workplace.iterdir()) == []


def _written(folder: Path) -> str:
    assert _init(*FLAGS).exit_code == 0
    return (folder / "planion.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("data", ["s3://bucket/prefix", "az://container", "some tables"])
def test_where_the_tables_are_is_written_where_it_is_given(workplace: Path, data: str) -> None:
    done = _init(*FLAGS, "--data", data)
    assert (done.exit_code, done.stderr) == (0, "")
    assert load().data == (data if "://" in data else workplace / data)
