"""No file of settings, and the sandbox: it is read only where it is asked for."""

from pathlib import Path

import pytest

from planion_assets.config import ConfigError, load
from planion_assets.config.constants import (
    DATA_VARIABLE,
    DEFAULT_FILE,
    EXAMPLE_FILE,
    FEED_URL,
    FILE_VARIABLE,
    SANDBOX_DATA,
    SANDBOX_SOURCE,
    SANDBOX_URL,
    SANDBOX_VARIABLE,
    URL_VARIABLE,
)
from planion_assets.sandbox import CONFERENCES, TOKENS
from planion_assets_tests.config.texts import ACCOUNT, SECRET, missing_tokens


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {SANDBOX_VARIABLE: ""},
        {SANDBOX_VARIABLE: "0"},
        {URL_VARIABLE: "http://127.0.0.1:8787/feed/v1"},
        {URL_VARIABLE: FEED_URL, DATA_VARIABLE: "data"},
        {"PLANION_TOKEN_AAA": SECRET},
        {FILE_VARIABLE: " "},
    ],
)
def test_without_a_file_and_without_asking_for_the_sandbox_nothing_is_read(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(environ, tmp_path)
    (line,) = caught.value.args
    assert line == (
        f"{DEFAULT_FILE}: the file: is not there, in {tmp_path}; write it (`planion init`, or a copy of "
        f"{EXAMPLE_FILE}, which `planion init --example` prints), "
        f"name another with {FILE_VARIABLE}, or ask for the made-up sandbox feed: --sandbox or {SANDBOX_VARIABLE}=1"
    )


@pytest.mark.parametrize("value", ["yes", "true", "2", "on", "01", "planion.yaml"])
def test_asking_for_the_sandbox_in_other_words_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^environment: {SANDBOX_VARIABLE}: is neither 1 nor 0; set it to 1, or"):
        load({SANDBOX_VARIABLE: value}, tmp_path)


def test_the_variable_beside_a_file_is_refused_and_both_are_named(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(ACCOUNT, encoding="utf-8")
    for environ, file in (
        ({}, DEFAULT_FILE),
        ({FILE_VARIABLE: "other.yaml"}, "other.yaml"),
        ({FILE_VARIABLE: "gone"}, "gone"),
    ):
        if not environ:
            (tmp_path / DEFAULT_FILE).symlink_to("gone.yaml")  # a link to nothing is a file that was lost
        with pytest.raises(ConfigError) as caught:
            load({SANDBOX_VARIABLE: "1", **environ}, tmp_path)
        (line,) = caught.value.args
        assert line.startswith(
            f"environment: {SANDBOX_VARIABLE}: asks for the sandbox, and {file} is to be read; unset"
        )


def test_a_person_who_asks_for_the_sandbox_gets_it_whatever_file_there_is(tmp_path: Path) -> None:
    (tmp_path / DEFAULT_FILE).write_text("accounts: no", encoding="utf-8")
    for environ in ({}, {FILE_VARIABLE: "gone"}, {SANDBOX_VARIABLE: "0"}, {SANDBOX_VARIABLE: "maybe"}):
        config = load(environ, tmp_path, sandbox=True)
        assert (config.uses_sandbox_content, config.data) == (True, tmp_path / SANDBOX_DATA)


@pytest.mark.parametrize("url", [FEED_URL, "https://127.0.0.1.example.org/feed/v1", "https://10.0.0.1/feed/v1"])
def test_the_sandbox_is_not_looked_for_on_another_machine(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match=f"^environment: {URL_VARIABLE}: is no address of this machine, where alone"):
        load({SANDBOX_VARIABLE: "1", URL_VARIABLE: url}, tmp_path)


def test_the_sandbox_has_a_folder_of_its_own(tmp_path: Path) -> None:
    config = load({SANDBOX_VARIABLE: "1"}, tmp_path)
    assert (config.source, config.is_sandbox, config.uses_sandbox_content) == (SANDBOX_SOURCE, True, True)
    assert (config.feed.url, config.data) == (SANDBOX_URL, tmp_path / "sandbox-data")
    keys = config.keys()
    assert sorted((key.account, key.conference) for key in keys) == sorted(CONFERENCES)
    assert {entry.account: config.token(entry.account) for entry in config.accounts} == dict(TOKENS)
    assert missing_tokens(config) == ()
    for token in TOKENS.values():
        assert token not in repr(config)


def test_sandbox_elsewhere_is_not_served_here(tmp_path: Path) -> None:
    environ = {SANDBOX_VARIABLE: "1", URL_VARIABLE: "http://localhost:9999/feed/v1", DATA_VARIABLE: "x"}
    config = load(environ, tmp_path)
    assert (config.is_sandbox, config.uses_sandbox_content) == (False, True)
    assert (config.feed.url, config.data) == ("http://localhost:9999/feed/v1", tmp_path / "x")


def test_variable_goes_before_the_sandbox_token(tmp_path: Path) -> None:
    first = load({}, tmp_path, sandbox=True).accounts[0]
    assert load({first.token_env: SECRET}, tmp_path, sandbox=True).token(first.account) == SECRET


def test_defaults_are_the_process_environment_and_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / DEFAULT_FILE).write_text(ACCOUNT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in (FILE_VARIABLE, URL_VARIABLE, DATA_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLANION_TOKEN_AAA", SECRET)
    assert load().token("AAA") == SECRET
