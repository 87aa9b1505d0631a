"""A setting is declared in the models: the example file, the feed's own limits and the docs say the same of it."""

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from planion_assets.config import AccountConfig, Config, duration_text
from planion_assets.config.model_base import Model
from planion_assets.config.models import (
    ERROR_UPDATE_AGE,
    WARN_UPDATE_AGE,
    ConferenceConfig,
    FeedConfig,
    File,
    MaxUpdateAge,
)
from planion_assets.config.problems import limits
from planion_assets.config.storage_config import StorageConfig
from planion_assets.feed.limits import Limits
from planion_assets_tests.config.texts import EXAMPLE, read

ROOT = EXAMPLE.parent
MODELS: dict[str, type[Model]] = {
    "": File,
    "feed.": FeedConfig,
    "storage.": StorageConfig,
    "max_update_age.": MaxUpdateAge,
    "accounts.": AccountConfig,
    "accounts.conferences.": ConferenceConfig,
    "accounts.conferences.max_update_age.": MaxUpdateAge,
}
DECLARED = {prefix + name: field for prefix, model in MODELS.items() for name, field in model.model_fields.items()}
# Where None says that another setting, or a default of all conferences, applies.
DEFAULTS = {
    "max_update_age.warn": WARN_UPDATE_AGE,
    "max_update_age.error": ERROR_UPDATE_AGE,
    "accounts.conferences.max_update_age": "those above",
    "accounts.conferences.max_update_age.warn": "that above",
    "accounts.conferences.max_update_age.error": "that above",
}


def _explained() -> dict[str, tuple[str, str]]:
    """By the path of each key of the example the comment above it and its value; of lists the first entry's."""
    found: dict[str, tuple[str, str]] = {}
    open_keys: list[tuple[int, str]] = []
    comment: list[str] = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        key = re.fullmatch(r"([ -]*)(\w+):(.*)", line)
        if line.strip().startswith("#"):
            comment.append(line.strip(" #"))
        elif key:
            open_keys = [(indent, name) for indent, name in open_keys if indent < len(key[1])] + [(len(key[1]), key[2])]
            found.setdefault(".".join(name for _, name in open_keys), (" ".join(comment), key[3].strip()))
            comment = []
        else:
            comment = []
    return found


def _text(value: Any) -> str:
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)


def test_the_example_has_every_key_and_no_other() -> None:
    assert set(_explained()) == set(DECLARED)


@pytest.mark.parametrize(("path", "field"), DECLARED.items(), ids=list(DECLARED))
def test_the_example_explains_a_key_with_its_default_and_its_limits(path: str, field: FieldInfo) -> None:
    comment, value = _explained()[path]
    assert field.description
    if field.is_required():
        assert "Default:" not in comment
    elif path in DEFAULTS or not isinstance(field.default, Model):
        default = _text(DEFAULTS.get(path, field.default))
        assert re.search(rf"Default: {re.escape(default)}(?![\w.]*\w)", comment), (default, comment)
        if not path.startswith("accounts."):
            assert value == ("" if default == "none" else default)
    least, most = limits(field)
    # The ages have their limits at the set of both.
    explained = comment + _explained()["max_update_age"][0] if path.startswith("max_update_age.") else comment
    if least and "accounts" not in path:
        assert f"{least} to {most}" in explained
        assert f"{least} to {most}" in field.description


def test_what_the_example_says_is_what_is_read_without_it(tmp_path: Path) -> None:
    config = read(tmp_path, EXAMPLE.read_bytes())
    for name, field in File.model_fields.items():
        if name not in ("accounts", "data", "max_update_age"):
            assert getattr(config, name) == field.default
    assert config.max_update_age == MaxUpdateAge(warn=WARN_UPDATE_AGE, error=ERROR_UPDATE_AGE)
    assert [name for name, field in Config.model_fields.items() if not field.description] == []


def test_the_feeds_own_limits_are_the_defaults() -> None:
    declared: dict[str, Any] = {name: field.default for name, field in FeedConfig.model_fields.items()}
    for name in ("page", "walk"):
        declared[f"max_{name}_bytes"] = declared[f"max_{name}_mib"] << 20
    # A client outside a run reads one page after the other.
    given = {field.name: field.default for field in fields(Limits) if field.name != "max_at_once"}
    assert given == {name: declared[name] for name in given}


def test_the_docs_name_only_settings_that_there_are() -> None:
    names = {path.rpartition(".")[2] for path in DECLARED} | {"max_results"}  # the feed's own parameter
    names |= {"statement_timeout", "max_connections"}  # of PostgreSQL
    like = re.compile(r"`(?:feed\.(\w+)|((?:max|min|keep)_\w+|\w+_(?:interval|timeout|env)))[:`]")
    for page in (ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")):
        mentioned = {"".join(match) for match in like.findall(page.read_text(encoding="utf-8"))}
        assert mentioned - names == set(), page
