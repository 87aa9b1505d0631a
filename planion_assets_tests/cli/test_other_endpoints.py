"""Methods of the feed that only settings name, from planion.yaml over HTTP to files and Dagster's events.

Of each kind of run one; what becomes of failures is in `refresh/test_other_endpoints.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets.sandbox import TOKENS, Sandbox, SandboxServer
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, item, page_of
from planion_assets_tests.instances import copy_instance
from planion_assets_tests.runs import CORE, refreshing

CONFIG = """
    feed: {{url: '{url}', max_attempts: 1}}
    accounts:
      - account: AAA
        token_env: TOKEN_A
        endpoints: {endpoints}
        conferences: [{{conference: MESS}}]
      - account: TOS
        token_env: TOKEN_T
        endpoints: [sessions, abstracts, eposters]
        conferences: [{{conference: WS2027}}]
"""
OTHERS = ("abstracts", "disclosures", "posters", "eposters")
SOME = (*CORE, "published_sessions", *OTHERS, *(f"raw_{name}" for name in OTHERS))
ENDPOINTS = "[sessions, speakers, abstracts, disclosures, posters]"
PERSON = "Wolfeschlegelsteinhausen"
"""A name that is nowhere else."""


@pytest.fixture
def home(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """DAGSTER_HOME, with tokens and settings set."""
    copy_instance(workplace / ".dagster")
    monkeypatch.setenv("DAGSTER_HOME", str(workplace / ".dagster"))
    monkeypatch.setenv("TOKEN_A", TOKENS["AAA"])
    monkeypatch.setenv("TOKEN_T", TOKENS["TOS"])
    return workplace / ".dagster"


def _planion(*arguments: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(main, arguments)


def _rows(folder: Path, table: str, name: str) -> list[dict[str, Any]]:
    return pq.read_table(folder / "data" / table / f"{name}.parquet", partitioning=None).to_pylist()


def _materializations(instance: dg.DagsterInstance, asset: str) -> Iterator[dg.AssetMaterialization]:
    for record in instance.fetch_materializations(dg.AssetKey(asset), limit=10).records:
        assert record.asset_materialization
        yield record.asset_materialization


@pytest.mark.usefixtures("only_tables")
def test_a_refresh_stores_them_and_tells_dagster(workplace: Path, home: Path, sandbox: SandboxServer) -> None:
    write_config(workplace, CONFIG.format(url=sandbox.url, endpoints=ENDPOINTS))
    with refreshing(SOME):
        done = _planion("refresh")
    assert done.exit_code == 0, done.output
    listed = Sandbox().collection("disclosures", "AAA", "MESS")
    assert len(_rows(workplace, "raw_disclosures", "AAA/MESS")) == len(listed)
    found = _rows(workplace, "disclosures", "AAA/MESS")
    assert {(row["field"], row["value"]) for row in found} >= {("disclosed", "Yes"), ("disclosed", "No")}
    assert _rows(workplace, "raw_abstracts", "TOS/WS2027") == [], "there are none, and that is known"
    folders = {path.name for path in (workplace / "data").iterdir()}
    assert folders & {"posters", "raw_posters", "eposters", "raw_eposters"} == set()
    assert {path.name for path in (workplace / "data" / "published").iterdir()} & {"abstracts", "disclosures"} == set()
    with dg.DagsterInstance.get() as instance:
        materialized = {one.partition: one.metadata for one in _materializations(instance, "abstracts")}
        assert set(materialized) == {"AAA|MESS", "TOS|WS2027"}
        assert materialized["AAA|MESS"]["dagster/partition_row_count"].value == len(
            _rows(workplace, "abstracts", "AAA/MESS")
        )
        reasons = {one.partition: one.metadata["reason"].value for one in _materializations(instance, "raw_eposters")}
        assert (
            reasons["AAA|MESS"] == "the account's `endpoints` do not name eposters, so the feed is not asked for them"
        )
        assert str(reasons["TOS|WS2027"]).startswith("the contract does not include eposters: GET /feed/v1/eposters of")
        (missing,) = (one for one in _materializations(instance, "posters") if one.partition == "AAA|MESS")
        assert "answered 404" in str(missing.metadata["reason"].value)
    with refreshing(SOME):
        again = _planion("refresh")
    assert "2 read, 2 unchanged, 0 changed" in again.stdout
    with dg.DagsterInstance.get() as instance:
        assert len(list(_materializations(instance, "abstracts"))) == 2, "what is unchanged has no other event"


def test_what_they_hold_of_people_is_in_no_event_no_log_and_nothing_published(
    workplace: Path, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [{"title": PERSON, "authors": [{"name": PERSON}], "account": "AAA", "conference": "MESS"}, PERSON, [PERSON]]

    def answer(request: Request) -> Response:
        if request.path.endswith("/abstracts"):
            return page_of(rows[request.number % 2 :] if len(rows) > 3 else rows, request.page)
        return page_of([item("1", **request.where)] if request.path.endswith("/sessions") else [], request.page)

    with ScriptedServer(answer) as server:
        write_config(workplace, CONFIG.format(url=server.url, endpoints="[sessions, abstracts, disclosures]"))
        done = _planion("refresh", "AAA|MESS")
        rows[:] = [*rows, *rows]  # of which no walk agrees with the next
        failed = _planion("refresh", "AAA|MESS")
    assert done.exit_code == 0
    assert failed.exit_code == 1
    assert len([row for row in _rows(workplace, "abstracts", "AAA/MESS") if PERSON in str(row)]) == 4
    outputs = [done.output, *capfd.readouterr(), _planion("status").output, _planion("verify").output]
    assert not any(PERSON in text for text in outputs)
    holding = {
        path.relative_to(workplace / "data").parts[0]
        for path in (workplace / "data").rglob("*.parquet")
        if PERSON in str(pq.read_table(path, partitioning=None).to_pydict())
    }
    assert holding == {"raw_abstracts", "abstracts"}
    assert not any(PERSON.encode() in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_check_tells_what_the_contract_includes(workplace: Path, home: Path, sandbox: SandboxServer) -> None:
    write_config(workplace, CONFIG.format(url=sandbox.url, endpoints="[sessions, abstracts, posters]"))
    done = _planion("check")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["account", "token", "sessions", "speakers", "abstracts", "posters", "eposters"] in lines
    assert ["AAA", "accepted", *["included"] * 3, "not", *["included"] * 2] in lines
    assert "answered 404; nothing is served there" in done.stdout
    assert "without it, take posters out of `endpoints`" in done.stdout
    assert "eposters are included and not read; `endpoints: [sessions, abstracts, posters, eposters]` reads them" in (
        done.stdout
    )
