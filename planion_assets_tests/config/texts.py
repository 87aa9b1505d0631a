"""Texts of planion.yaml for tests, and reading one: as settings, or as the lines that say what is wrong with it."""

import re
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest

from planion_assets.config import Config, ConfigError, MissingTokenError, load
from planion_assets.config.constants import DATA_VARIABLE, DEFAULT_FILE, EXAMPLE_FILE, URL_VARIABLE
from planion_assets.guide import without_see
from planion_assets_tests.config.editor import underlined

EXAMPLE = Path(__file__).parents[2] / EXAMPLE_FILE
SECRET = "s3cr3t-me0wme0w"
ACCOUNT = "accounts: [{account: AAA, token_env: PLANION_TOKEN_AAA, conferences: [{conference: AM2024}]}]\n"
TWO_ACCOUNTS = """
accounts:
  - account: AAA
    token_env: PLANION_TOKEN_AAA
    conferences:
      - conference: AM2024
        timezone: America/Chicago
      - conference: 2018
        timezone:
  - {account: NO, token_env: PLANION_TOKEN_NO, conferences: [{conference: 1e3}, {conference: 2024_1}]}
"""


def read(folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None) -> Config:
    """The settings in a planion.yaml that holds `text`, which an editor that knows the schema takes too."""
    (folder / DEFAULT_FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    config = load({} if environ is None else environ, folder)
    if not environ or not {URL_VARIABLE, DATA_VARIABLE} & environ.keys():
        assert underlined(text) == []
    return config


def refused(folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The lines of the error for a planion.yaml that holds `text`, each in three parts, without a secret."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text, environ)
    traceback_text = "".join(traceback.format_exception(caught.value))
    assert SECRET not in traceback_text
    assert "pydantic" not in str(caught.value)
    assert "Input should" not in str(caught.value)
    assert without_see(str(caught.value)) == "\n".join(caught.value.args) != str(caught.value)
    for line in caught.value.args:
        assert line.isprintable()
        assert re.fullmatch(r"[^:]+: [^:]+: .+; .+", line), line
    return caught.value.args


def account(**values: str) -> str:
    """A file with one account, in which `values` (YAML text) replace or join the usual ones."""
    usual = {"account": "AAA", "token_env": "PLANION_TOKEN_AAA", "conferences": "[{conference: AM2024}]"}
    entries = ", ".join(f"{key}: {value}" for key, value in {**usual, **values}.items())
    return f"accounts: [{{{entries}}}]\n"


def feed(**values: str) -> str:
    """A file with a usable account and `values` under feed."""
    return "feed: {" + ", ".join(f"{key}: {value}" for key, value in values.items()) + "}\n" + ACCOUNT


def missing_tokens(config: Config) -> tuple[str, ...]:
    """One line for each account without a usable token."""
    lines: list[str] = []
    for entry in config.accounts:
        try:
            config.token(entry.account)
        except MissingTokenError as error:
            lines += error.args
    return tuple(lines)
