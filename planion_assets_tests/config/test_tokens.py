"""Tokens and what is asked for and not there: read from the environment, in no message and no repr."""

import pickle
from pathlib import Path

import pytest

from planion_assets.config import MissingTokenError, NotConfiguredError
from planion_assets.config.constants import DEFAULT_FILE
from planion_assets.keys import ConferenceKey
from planion_assets_tests.config.texts import ACCOUNT, SECRET, TWO_ACCOUNTS, account, missing_tokens, read


@pytest.mark.parametrize("value", [None, "", " \t"])
def test_missing_token_of_one_account_leaves_the_other_usable(tmp_path: Path, value: str | None) -> None:
    environ = {"PLANION_TOKEN_NO": SECRET} | ({} if value is None else {"PLANION_TOKEN_AAA": value})
    config = read(tmp_path, TWO_ACCOUNTS, environ)
    assert config.token("NO") == SECRET
    with pytest.raises(MissingTokenError) as caught:
        config.token("AAA")
    assert caught.value.args == missing_tokens(config)
    (line,) = caught.value.args
    assert line.startswith(f"{DEFAULT_FILE}: accounts[0].token_env: ")
    assert "PLANION_TOKEN_AAA is not set" in line
    assert "set it to the API token of account 'AAA'" in line


@pytest.mark.parametrize("token", [f"{SECRET}\nX: y", f"{SECRET}é", f"{SECRET}\x00"])
def test_token_that_no_header_can_carry_is_refused_without_showing_it(tmp_path: Path, token: str) -> None:
    config = read(tmp_path, ACCOUNT, {"PLANION_TOKEN_AAA": token})
    (line,) = missing_tokens(config)
    assert "holds a character that a header cannot carry; set it" in line
    assert SECRET not in line


def test_name_of_a_variable_that_may_be_a_token_is_not_shown(tmp_path: Path) -> None:
    (line,) = missing_tokens(read(tmp_path, account(token_env="deadbeef0123")))
    assert "deadbeef0123" not in line
    assert "accounts[0].token_env" in line


def test_token_is_read_when_asked_and_stripped(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    config = read(tmp_path, ACCOUNT, environ)
    assert len(missing_tokens(config)) == 1
    environ["PLANION_TOKEN_AAA"] = f" {SECRET}\r\n"
    assert config.token("AAA") == SECRET
    assert missing_tokens(config) == ()


def test_no_token_in_repr_or_dump(tmp_path: Path) -> None:
    config = read(tmp_path, ACCOUNT, {"PLANION_TOKEN_AAA": SECRET})
    assert config.token("AAA") == SECRET
    for text in (repr(config), str(config), repr(config.model_dump()), config.model_dump_json()):
        assert SECRET not in text


def test_unknown_account_or_conference_tells_what_there_is(tmp_path: Path) -> None:
    config = read(tmp_path, TWO_ACCOUNTS)
    with pytest.raises(NotConfiguredError, match=r"no account 'BBB'; add it, or use one .*: AAA, NO"):
        config.account("BBB")
    with pytest.raises(NotConfiguredError, match="no account 'BBB'"):
        config.token("BBB")
    with pytest.raises(KeyError):
        config.conference(ConferenceKey("BBB", "AM2024"))
    with pytest.raises(NotConfiguredError) as caught:
        config.conference(ConferenceKey("AAA", "AM2025"))
    (line,) = caught.value.args
    assert line.startswith(f"{DEFAULT_FILE}: accounts[0].conferences: no conference 'AM2025' in account 'AAA'; ")
    assert line.endswith("AM2024, 2018")


def test_long_list_of_what_there_is_is_cut(tmp_path: Path) -> None:
    many = ", ".join(f"{{conference: C{number}}}" for number in range(100))
    config = read(tmp_path, account(conferences=f"[{many}]"))
    with pytest.raises(NotConfiguredError, match=r"C19 and 80 more; see "):
        config.conference(ConferenceKey("AAA", "X"))


def test_errors_survive_a_process_boundary() -> None:
    error = NotConfiguredError("a: b: c; d", "e: f: g; h")
    assert pickle.loads(pickle.dumps(error)).args == error.args  # noqa: S301
