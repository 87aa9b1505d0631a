"""The multi-asset in a real instance against a real feed: what fails, what is made, what is said of it."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.defs.rendering.markdown import inert
from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import TOKENS, SandboxServer
from planion_assets.storage.store import Store
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import ScriptedServer, item, page_of
from planion_assets_tests.runs import ALL, CORE, EMPTY, SINGLE, SMALL, failure, files, materializations, run

TWO_ACCOUNTS = """
    feed:
      url: {url}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: AM2036
          - conference: AM2037
      - account: TOS
        token_env: PLANION_TOKEN_TOS
        conferences:
          - conference: WS2027
"""


def _versions(made: dg.AssetMaterialization) -> dict[str, str]:
    """The tags that say which data, code and input a materialization is of."""
    return {name: value for name, value in (made.tags or {}).items() if "_version" in name}


def _advance(sandbox: SandboxServer) -> dict[str, dict[str, int]]:
    url = sandbox.url.removesuffix("/feed/v1") + "/sandbox/advance"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as response:
        changed: dict[str, dict[str, int]] = json.load(response)
        return changed


def test_one_conference_that_fails_is_named_and_does_not_stop_the_others(
    workplace: Path, sandbox: SandboxServer, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(workplace, TWO_ACCOUNTS.format(url=sandbox.url))
    monkeypatch.setenv("PLANION_TOKEN_AAA", "wrong-token")
    monkeypatch.setenv("PLANION_TOKEN_TOS", TOKENS["TOS"])
    result = run(instance, [SMALL, SINGLE])
    assert not result.success
    description, metadata = failure(result)
    assert description.startswith("1 of 2 conferences failed:\nAAA|AM2036: GET /feed/v1/sessions of AAA|AM2036, page 1")
    assert "answered 401; the feed refused the token: check the variable PLANION_TOKEN_AAA" in description
    assert list(metadata) == [SMALL]
    assert "wrong-token" not in description
    assert set(materializations(result)) == {(name, SINGLE) for name in CORE}


def test_a_missing_token_fails_the_conferences_of_its_account_only(
    workplace: Path, sandbox: SandboxServer, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(workplace, TWO_ACCOUNTS.format(url=sandbox.url))
    monkeypatch.setenv("PLANION_TOKEN_TOS", TOKENS["TOS"])
    result = run(instance, [SMALL, EMPTY, SINGLE])
    description, metadata = failure(result)
    assert list(metadata) == [SMALL, EMPTY]
    assert "planion.yaml: accounts[0].token_env: the environment variable PLANION_TOKEN_AAA is not set" in description
    assert {partition for _, partition in materializations(result)} == {SINGLE}


def test_a_configuration_mistake_is_one_line(workplace: Path, instance: dg.DagsterInstance) -> None:
    write_config(workplace, TWO_ACCOUNTS.format(url="ftp://feed.test"))
    description, _ = failure(run(instance, [SMALL]))
    assert description.startswith("planion.yaml: feed.url: does not begin with https://")
    assert "\n" not in description


def test_a_conference_taken_out_of_the_file_says_so(configured: Path, instance: dg.DagsterInstance) -> None:
    description, _ = failure(run(instance, ["AAA|AM1999"]))
    assert "no conference 'AM1999' in account 'AAA'; add it" in description


def test_a_partition_that_names_no_conference_is_named_and_does_not_stop_the_others(
    configured: Path, instance: dg.DagsterInstance
) -> None:
    result = run(instance, [SINGLE, "oops", SMALL])
    description, metadata = failure(result)
    assert list(metadata) == ["oops"]
    assert "oops: 'oops' is not a partition key: it holds '|' 0 times" in description
    assert {partition for _, partition in materializations(result)} == {SINGLE, SMALL}


def test_a_feed_that_is_away_leaves_every_table_as_it_was(
    workplace: Path, sandbox: SandboxServer, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account in TOKENS:
        monkeypatch.setenv(f"PLANION_TOKEN_{account}", TOKENS[account])
    config = TWO_ACCOUNTS.format(url=sandbox.url + "\n      max_attempts: 1")
    write_config(workplace, config)
    assert run(instance, [SMALL, SINGLE]).success
    before = files(workplace / "data")
    sandbox.close()
    result = run(instance, [SMALL, SINGLE])
    assert set(failure(result)[1]) == {SMALL, SINGLE}
    assert materializations(result) == {}
    assert files(workplace / "data") == before


def test_nothing_stored_cannot_be_derived_and_says_what_to_do(configured: Path, instance: dg.DagsterInstance) -> None:
    description, _ = failure(run(instance, [SMALL], select=["sessions", "session_speakers"]))
    assert "AAA|AM2036: no table raw_sessions of AAA|AM2036 is stored at" in description
    assert "materialize it first" in description


def test_tables_are_derived_again_from_the_stored_snapshot_without_the_feed(
    configured: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(instance, [SMALL, SINGLE]).success
    before = files(configured / "data")
    store = Store(configured / "data")
    for key in (SMALL, SINGLE):
        store.path("sessions", ConferenceKey.parse(key)).unlink()
    monkeypatch.setenv("PLANION_FEED_URL", "http://127.0.0.1:9/feed/v1")
    result = run(instance, [SMALL, SINGLE], select=["sessions", "session_speakers"])
    assert result.success
    made = materializations(result)
    assert set(made) == {(name, key) for name in ("sessions", "session_speakers") for key in (SMALL, SINGLE)}
    assert {name: content for name, (_, content) in files(configured / "data").items()} == {
        name: content for name, (_, content) in before.items()
    }
    assert "requests" not in made["sessions", SMALL].metadata


def test_a_table_left_behind_by_a_crash_is_brought_up_although_the_feed_is_unchanged(
    configured: Path, sandbox: SandboxServer, instance: dg.DagsterInstance
) -> None:
    assert run(instance, [SMALL]).success
    path = Store(configured / "data").path("sessions", ConferenceKey.parse(SMALL))
    old = path.read_bytes()
    _advance(sandbox)
    assert run(instance, [SMALL]).success
    right = path.read_bytes()
    path.write_bytes(old)
    made = materializations(run(instance, [SMALL]))
    assert path.read_bytes() == right != old
    written = {name: made[name, SMALL].metadata["written"].value for name in CORE}
    assert written == {name: name == "sessions" for name in CORE}


def test_an_unchanged_conference_is_read_once_and_not_written(
    configured: Path, sandbox: SandboxServer, instance: dg.DagsterInstance
) -> None:
    first = materializations(run(instance, [SMALL]))
    before = files(configured / "data")
    second = materializations(run(instance, [SMALL]))
    assert files(configured / "data") == before
    walks = [made["raw_sessions", SMALL].metadata["walks"].value for made in (first, second)]
    assert walks == ["2", "1"]
    for name in CORE:
        one, two = first[name, SMALL], second[name, SMALL]
        assert _versions(one) == _versions(two)
        assert one.metadata["fetched_at"] == two.metadata["fetched_at"]


def test_a_changed_conference_has_another_version(
    configured: Path, sandbox: SandboxServer, instance: dg.DagsterInstance
) -> None:
    first = materializations(run(instance, [SMALL]))["sessions", SMALL]
    changed = _advance(sandbox)[SMALL]
    second = materializations(run(instance, [SMALL]))["sessions", SMALL]
    assert sum(changed.values()) > 0
    version = "dagster/data_version"
    assert (first.tags or {})[version] != (second.tags or {})[version]
    rows = [made.metadata["dagster/partition_row_count"].value for made in (first, second)]
    assert rows == [87, 87 + changed["added"] - changed["removed"]]
    newest: list[Any] = [made.metadata["newest_session_updated_at"].value for made in (first, second)]
    assert newest[0] < newest[1]


def test_a_range_of_keys_is_one_run_with_an_event_per_table_and_key(
    configured: Path, instance: dg.DagsterInstance
) -> None:
    keys = [SMALL, EMPTY, SINGLE]
    result = run(instance, keys, select=ALL)
    assert result.success
    made = materializations(result)
    assert set(made) == {(name, key) for name in ALL for key in keys}
    rows = [made["sessions", key].metadata["dagster/partition_row_count"].value for key in keys]
    assert rows == [87, 0, 1]
    tags = instance.get_run_by_id(result.run_id).tags  # type: ignore[union-attr]
    assert "planion/account" not in tags
    store = Store(configured / "data")
    for table in TABLES:
        # Of the two accounts one reads the speakers.
        stored = sorted(keys) if table.endpoint == "sessions" else [SMALL, EMPTY]
        assert [str(key) for key in store.keys(table.location)] == stored


@pytest.mark.parametrize("keys", [[SMALL], [SMALL, SINGLE]], ids=["one", "range"])
def test_a_materialization_names_the_versions_it_was_made_from(
    configured: Path, instance: dg.DagsterInstance, keys: list[str]
) -> None:
    made = materializations(run(instance, keys, select=ALL))
    for table in TABLES:
        event = made[table.name, SMALL]
        tags = event.tags or {}
        assert tags["dagster/data_version"] == event.metadata["snapshot"].value
        assert tags["dagster/code_version"] == table.fingerprint
        for upstream in table.upstream:
            latest = dg.AssetRecordsFilter(asset_key=dg.AssetKey(upstream), asset_partitions=[SMALL])
            record = instance.fetch_materializations(latest, limit=1).records[0]
            assert f"dagster/input_data_version/{upstream}" in tags
            assert tags[f"dagster/input_event_pointer/{upstream}"] == str(record.storage_id)


def test_a_run_about_one_conference_is_tagged_with_it(configured: Path, instance: dg.DagsterInstance) -> None:
    result = run(instance, [SINGLE])
    tags = instance.get_run_by_id(result.run_id).tags  # type: ignore[union-attr]
    assert (tags["planion/account"], tags["planion/conference"]) == ("TOS", "WS2027")


def test_a_materialization_says_all_that_people_need(
    configured: Path, sandbox: SandboxServer, instance: dg.DagsterInstance
) -> None:
    made = materializations(run(instance, [SMALL], select=ALL))
    store = Store(configured / "data")
    for table in TABLES:
        event = made[table.name, SMALL]
        footer = store.footer(table.location, ConferenceKey.parse(SMALL))
        values: dict[str, Any] = {name: value.value for name, value in event.metadata.items()}
        assert footer.provenance is not None
        assert values["snapshot"] == footer.provenance.snapshot == (event.tags or {})["dagster/data_version"]
        assert values["dagster/partition_row_count"] == footer.rows
        assert values["path"] == str(footer.path)
        assert values["dagster/uri"] == footer.path.as_uri()
        assert values["dagster/size_bytes"] == footer.size == footer.path.stat().st_size
        cost = {name: float(values[name]) for name in ("walks", "pages", "requests", "retries") if name in values}
        pages = 1 if table.endpoint == "sessions" else 3
        # Reading is the raw table's.
        assert cost == ({} if table.upstream else {"walks": 2, "pages": pages, "requests": 2 * pages, "retries": 0})
        assert ("seconds" in values) == (not table.upstream)
        if table.endpoint == "sessions":
            assert values["oldest_session_updated_at"] < values["newest_session_updated_at"] < values["fetched_at"]
        assert "derived" not in values
        # The definition's: they would be three quarters of every event.
        assert not {"dagster/column_schema", "dagster/column_lineage"} & set(values)
        assert values["preview"].count("\n") == (1 + min(footer.rows, 5) if footer.rows else 0)


def test_a_zone_that_is_configured_later_gives_instants_at_the_next_refresh(
    workplace: Path, sandbox: SandboxServer, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account in TOKENS:
        monkeypatch.setenv(f"PLANION_TOKEN_{account}", TOKENS[account])
    config = TWO_ACCOUNTS.format(url=sandbox.url)
    store = Store(workplace / "data")
    written = []
    for zone in ("", "\n            timezone: America/New_York"):
        write_config(workplace, config.replace("- conference: AM2036", "- conference: AM2036" + zone))
        made = materializations(run(instance, [SMALL]))
        written.append({name for name in CORE if made[name, SMALL].metadata["written"].value})
        sessions = store.read("sessions", ConferenceKey.parse(SMALL))
        instants = sessions.num_rows - sessions["starts_at"].null_count
        assert instants == (sessions.num_rows - sessions["starts_at_local"].null_count if zone else 0)
    assert written == [set(CORE), {"sessions"}]


def test_values_that_cannot_be_read_are_counted_with_examples_though_nothing_changes(
    configured: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [item(str(n), published="maybe", conference="AM2036") for n in range(4)]
    with ScriptedServer(lambda request: page_of(rows, request.page)) as server:
        monkeypatch.setenv("PLANION_FEED_URL", server.url)
        for _ in range(2):
            metadata = materializations(run(instance, [SMALL]))["sessions", SMALL].metadata
            assert metadata["unreadable_values"].value == "4"
            noted = {"count": 4, "examples": ['"maybe"'] * 3, "schedids": ["0", "1", "2"]}
            assert metadata["unreadable_columns"].value == {"published": noted}


def test_a_preview_shows_nothing_personal(
    configured: Path, sandbox: SandboxServer, instance: dg.DagsterInstance
) -> None:
    made = materializations(run(instance, [SMALL], select=ALL))
    rows = [json.loads(text) for text in _payloads(configured)]
    personal = {
        inert(speaker[name])
        for row in rows
        for speaker in row.get("speakers") or []
        for name in ("affil", "cargo", "description", "fname", "lname", "email", "title")
        if str(speaker.get(name) or "").strip()
    } - {inert(row["sessionName"]) for row in rows}  # the title of a talk may be that of its session
    assert len(personal) > 100
    previews = [str(made[table.name, SMALL].metadata["preview"].value) for table in TABLES]
    cells = {cell.strip() for preview in previews for cell in preview.replace("\n", "|").split("|")}
    assert cells & personal == set()


def _payloads(root: Path) -> list[str]:
    raw = Store(root / "data").read("raw_sessions", ConferenceKey.parse(SMALL))
    return [str(payload) for payload in raw["payload"].to_pylist()]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("<script>alert(1)</script>", r"&lt;script&gt;alert\(1\)&lt;\/script&gt;"),
        ("![x](http://a.b/c)", r"\!\[x\]\(http\:\/\/a\.b\/c\)"),
        ("a | b\n# c", r"a \| b \# c"),
        ("zero\u200bwidth \x1b[31m", r"zerowidth \[31m"),
        ("x" * 100, "x" * 59 + "…"),
    ],
)
def test_text_of_the_feed_is_inert_in_a_preview(value: str | None, shown: str) -> None:
    assert inert(value) == shown
