"""The schema of planion.yaml refuses what the loader refuses, as far as a schema can tell, and nothing else.

That it accepts every file which loads is checked wherever a test loads one (`texts.read`).
"""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from planion_assets.config.json_schema import json_schema
from planion_assets.config.models import File
from planion_assets_tests.config.editor import underlined
from planion_assets_tests.config.texts import ACCOUNT, EXAMPLE, account, feed, refused

AGES = "max_update_age: {warn: 1d}\n"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("data: x", "$"),
        ("accounts:", "$.accounts"),
        ("accounts: []", "$.accounts"),
        ("accounts: {AAA: x}", "$.accounts"),
        ("accounts: [AAA]", "$.accounts[0]"),
        ("acounts: []\n" + ACCOUNT, "$"),
        (feed(read_timout="3"), "$.feed"),
        ("feed: []\n" + ACCOUNT, "$.feed"),
        (account(token="x"), "$.accounts[0]"),
        (account(endpoints="[speakers]"), "$.accounts[0].endpoints"),
        (account(endpoints="[sessions, sessions]"), "$.accounts[0].endpoints"),
        (account(endpoints="[sessions, RAW_methods]"), "$.accounts[0].endpoints[1]"),
        (account(token_env=""), "$.accounts[0].token_env"),
        (account(token_env="a-token"), "$.accounts[0].token_env"),
        (account(account="'A|B'"), "$.accounts[0].account"),
        (account(account="' A'"), "$.accounts[0].account"),
        (account(account="A...B"), "$.accounts[0].account"),
        (account(conferences="[]"), "$.accounts[0].conferences"),
        (account(conferences="[AM2024]"), "$.accounts[0].conferences[0]"),
        (
            account(conferences="[{conference: A, active_until: tomorrow}]"),
            "$.accounts[0].conferences[0].active_until",
        ),
        (account(conferences="[{conference: A, time_zone: UTC}]"), "$.accounts[0].conferences[0]"),
        (feed(url="ftp://x"), "$.feed.url"),
        (feed(auth="bearer"), "$.feed.auth"),
        (feed(allow_http="maybe"), "$.feed.allow_http"),
        (feed(max_pages="0"), "$.feed.max_pages"),
        (feed(max_pages="1.5"), "$.feed.max_pages"),
        (feed(read_timeout="soon"), "$.feed.read_timeout"),
        (feed(min_rows_kept="1.5"), "$.feed.min_rows_kept"),
        ("refresh_interval: 15\n" + ACCOUNT, "$.refresh_interval"),
        ("refresh_interval: never\n" + ACCOUNT, "$.refresh_interval"),
        ("refresh_interval: 15 minutes\n" + ACCOUNT, "$.refresh_interval"),
        ("max_update_age: {warn: soon}\n" + ACCOUNT, "$.max_update_age.warn"),
        ("max_update_age: {warm: 1d}\n" + ACCOUNT, "$.max_update_age"),
        ("verify_interval: sometimes\n" + ACCOUNT, "$.verify_interval"),
    ],
)
def test_what_the_loader_refuses_is_underlined(tmp_path: Path, text: str, where: str) -> None:
    refused(tmp_path, text)
    assert where in underlined(text)


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE.read_text(encoding="utf-8"),
        "verify_interval: never\n" + AGES + ACCOUNT,
        account(conferences="[{conference: 2018, timezone: , active_until: 2027-06-30}, {conference: 1e3}]"),
        account(account="NO"),
    ],
)
def test_what_loads_is_not_underlined(text: str) -> None:
    assert underlined(text) == []


def test_the_schema_is_one_and_explains_every_key() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    for model in (schema, *schema["$defs"].values()):
        assert model["additionalProperties"] is False
        assert all(node["description"] for node in model["properties"].values())


def test_defaults_are_as_the_file_writes_them() -> None:
    properties: dict[str, Any] = json_schema()["properties"]
    defaults = {name: node["default"] for name, node in properties.items() if "default" in node}
    durations = {"refresh_interval": "15m", "keep_runs": "30d", "verify_interval": "7d"}
    numbers = {"refresh_runs": 1, "max_partitions_per_run": 100_000, "keep_change_files": 100}
    assert defaults == {"data": "data", **durations, **numbers}
    given = File.model_validate(
        {"accounts": [{"account": "A", "token_env": "A", "conferences": [{"conference": "C"}]}]}
    )
    for name, default in defaults.items():
        model = File.model_validate({**given.model_dump(include={"accounts"}), name: default})
        assert getattr(model, name) == getattr(given, name)
