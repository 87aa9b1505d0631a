"""The Speakers method through real runs: accounts without it, feeds that refuse it, links without a person."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.feed.client import FeedClient
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox import TOKENS
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, item, page_of
from planion_assets_tests.recording_server import RecordingServer
from planion_assets_tests.runs import SINGLE, SMALL, failure, files, materializations, only_checks, run

PEOPLE = ("raw_speakers", "speakers")
SELECT = ("raw_sessions", "session_speakers", *PEOPLE, "published_speakers")
CONFIG = """
    feed:
      url: {url}
      max_attempts: 1
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        endpoints: [sessions, speakers]
        conferences:
          - conference: AM2026
"""
KEY = "AAA|AM2026"
LINKS = [{"pslinkid": "1", "pid": "7", "published": True}, {"pslinkid": "2", "pid": 8}, {"pslinkid": "3"}]
SESSIONS = [item("1", speakers=LINKS)]
OWNER = {"account": "AAA", "conference": "AM2026"}


def _feed(speakers: Response | list[dict[str, Any]], fails: Sequence[Response] = ()) -> ScriptedServer:
    """A feed of those sessions and people; while `fails` holds an answer, that is what comes in place of people."""

    def answer(request: Request) -> Response:
        if request.path.endswith("/sessions"):
            return page_of(SESSIONS, request.page)
        people = fails[0] if fails else speakers
        return people if isinstance(people, Response) else page_of(people, request.page)

    return ScriptedServer(answer)


def _refresh(
    server: ScriptedServer, folder: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> dg.ExecuteInProcessResult:
    write_config(folder, CONFIG.format(url=server.url))
    monkeypatch.setenv("PLANION_TOKEN_AAA", "token")
    with only_checks("links_have_person"):
        return run(instance, [KEY], select=SELECT)


def _checks(result: dg.ExecuteInProcessResult) -> list[dg.AssetCheckEvaluation]:
    """Its verdicts of the one check that is about people."""
    return [verdict for verdict in result.get_asset_check_evaluations() if verdict.check_name == "links_have_person"]


def test_a_contract_without_speakers_is_said_and_is_no_failure(
    workplace: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _feed(Response(b"", 404)) as server:
        result = _refresh(server, workplace, instance, monkeypatch)
    assert result.success
    materialized = materializations(result)
    assert set(materialized) == {(name, KEY) for name in SELECT}
    for name in PEOPLE:
        metadata = materialized[name, KEY].metadata
        assert metadata["included"].value is False
        asked = f"GET /feed/v1/speakers of {KEY}, page 1 (1 attempt)"
        reason = f"the contract does not include speakers: {asked}: answered 404;"
        assert str(metadata["reason"].value).startswith(reason)
        assert not (workplace / "data" / name).exists()
    assert _checks(result) == []


@pytest.mark.usefixtures("only_tables")
def test_sessions_that_are_refused_are_a_failure(
    workplace: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer(lambda _: Response(b"", 403)) as server:
        result = _refresh(server, workplace, instance, monkeypatch)
    assert "the contract does not include sessions: GET /feed/v1/sessions" in failure(result)[0]


def test_speakers_that_cannot_be_read_are_named_and_the_sessions_go_on(
    workplace: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails: list[Response] = []
    monkeypatch.setattr("planion_assets_tests.defs.assets.test_speakers.SESSIONS", [item("1", speakers=LINKS[:2])])
    with _feed([{"pid": "7", **OWNER}, {"pid": "8", **OWNER}], fails) as server:
        whole = _refresh(server, workplace, instance, monkeypatch)
        assert whole.success
        # Every link has its person.
        (check,) = _checks(whole)
        assert check.passed
        before = files(workplace / "data")
        fails.append(Response(b"", 503))
        result = _refresh(server, workplace, instance, monkeypatch)
    description, metadata = failure(result)
    assert f"{KEY}: GET /feed/v1/speakers of {KEY}, page 1 (1 attempt): answered 503;" in description
    assert list(metadata) == [KEY]
    read = ("raw_sessions", "session_speakers", "published_speakers")
    assert set(materializations(result)) == {(name, KEY) for name in read}
    assert files(workplace / "data") == before


@pytest.mark.parametrize("stranger", [{"account": "BBB"}, {"conference": "AM2027"}, {"account": None}])
def test_a_person_of_another_conference_is_refused(tmp_path: Path, stranger: dict[str, Any]) -> None:
    with (
        _feed([{"pid": "7", **OWNER}, {"pid": "8", **OWNER, **stranger}]) as server,
        FeedClient(server.url, "token") as client,
    ):
        options = RefreshOptions(endpoints=("sessions", "speakers"))
        wanted = [table for table in TABLES if table.name in SELECT]
        key = ConferenceKey.parse(KEY)
        (outcome,) = refresh([key], wanted, LocalStore(tmp_path), lambda _: client, lambda _: options)
    assert isinstance(outcome, Refreshed)
    (problem,) = outcome.problems
    assert f"speakers of {KEY}: item 2 of page 1 has" in problem
    assert not (tmp_path / "speakers").exists()


def test_a_link_whose_person_the_feed_does_not_list_is_reported(
    workplace: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A row may leave its owner out: no sample of a person is public.
    people: list[dict[str, Any]] = [
        {"pid": 7, "lname": "Seven", "bio": "<p>One</p>Two", "shoe": 44},
        {"lname": "Nobody"},
    ]
    with _feed(people) as server:
        result = _refresh(server, workplace, instance, monkeypatch)
    assert result.success
    (check,) = _checks(result)
    assert (check.asset_key.to_user_string(), check.partition) == ("session_speakers", KEY)
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert check.metadata["found"].value == "2"
    offenders = check.metadata["offenders"]
    assert isinstance(offenders, dg.TableMetadataValue)
    assert [record.data["pslinkid"] for record in offenders.records] == ["2", "3"]
    store, key = LocalStore(workplace / "data"), ConferenceKey.parse(KEY)
    assert store.read("raw_speakers", key)["pid"].to_pylist() == ["7", None]
    (person,) = store.read("speakers", key).to_pylist()
    assert (person["pid"], person["lname"], person["bio_text"]) == ("7", "Seven", "One\nTwo")
    assert json.loads(person["extra"]) == {"shoe": 44}


@pytest.mark.usefixtures("only_tables")
def test_an_account_that_does_not_ask_for_speakers_is_told_so_and_people_are_derived_again_without_the_feed(
    configured: Path, sandbox: RecordingServer, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(instance, [SINGLE, SMALL], select=SELECT)
    assert result.success
    materialized = materializations(result)
    assert set(materialized) == {(name, key) for name in SELECT for key in (SINGLE, SMALL)}
    raw, people = (dict(materialized[name, SINGLE].tags or {}) for name in PEOPLE)
    # Without the pointer Dagster calls the partition unsynced.
    assert people["dagster/input_data_version/raw_speakers"] == raw["dagster/data_version"]
    assert int(people["dagster/input_event_pointer/raw_speakers"]) > 0
    for name in PEOPLE:
        assert "the account's `endpoints` do not name speakers" in str(
            materialized[name, SINGLE].metadata["reason"].value
        )
        rows: Any = materialized[name, SMALL].metadata["dagster/partition_row_count"].value
        assert rows > 100
    asked = [request.where for request in sandbox.requests if request.path.endswith("/speakers")]
    assert {where["account"] for where in asked if where} == {"AAA"}
    assert not (configured / "data" / "speakers" / "TOS").exists()

    # Derived again from the stored snapshot, without the feed.
    path = LocalStore(configured / "data").path("speakers", ConferenceKey.parse(SMALL))
    right = path.read_bytes()
    path.unlink()
    monkeypatch.setenv("PLANION_FEED_URL", "http://127.0.0.1:9/feed/v1")
    for account in TOKENS:
        monkeypatch.delenv(f"PLANION_TOKEN_{account}", raising=False)
    assert run(instance, [SMALL], select=["speakers"]).success
    assert path.read_bytes() == right
