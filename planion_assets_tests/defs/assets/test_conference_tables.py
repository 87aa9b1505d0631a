"""The multi-asset in a real instance against a real feed: what fails, what is made, what is said of it."""

import json
import os
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.defs.partitions import conferences
from planion_assets.defs.rendering.markdown import inert
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox import TOKENS, SandboxServer
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import Footer
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import ScriptedServer, item, page_of
from planion_assets_tests.runs import ALL, CORE, SINGLE, SMALL, failure, files, materializations, only_tables, run

pytestmark = pytest.mark.usefixtures("only_tables")
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
NO_TOKEN = """
      - account: BBB
        token_env: PLANION_TOKEN_BBB
        conferences:
          - conference: ONE
          - conference: TWO
"""


def _versions(event: dg.AssetMaterialization) -> dict[str, str]:
    """The tags that say which data, code and input a materialization is of."""
    return {name: value for name, value in (event.tags or {}).items() if "_version" in name}


def _advance(sandbox: SandboxServer) -> dict[str, dict[str, int]]:
    url = sandbox.url.removesuffix("/feed/v1") + "/sandbox/advance"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as response:
        changed: dict[str, dict[str, int]] = json.load(response)
        return changed


@dataclass
class _History:
    """What six runs did one after the other: each test reads one of them, and what was stored after it."""

    store: LocalStore
    runs: list[dg.DagsterRun] = field(default_factory=list)
    results: list[dg.ExecuteInProcessResult] = field(default_factory=list)
    materialized: list[dict[tuple[str, str | None], dg.AssetMaterialization]] = field(default_factory=list)
    pointers: list[dict[str, int]] = field(default_factory=list)
    """The storage ID of the newest materialization of each table of SMALL that a run made, after it."""
    stored: list[dict[str, tuple[int, bytes]]] = field(default_factory=list)
    changed: dict[str, int] = field(default_factory=dict)
    """How many sessions of SMALL the feed changed before the third run, by the kind of change."""
    payloads: list[str] = field(default_factory=list)
    """Those of SMALL after the first run."""
    footers: dict[str, Footer] = field(default_factory=dict)
    """Those of SMALL after the first run."""

    def add(self, instance: dg.DagsterInstance, keys: list[str], select: Sequence[str]) -> None:
        """Run the assets and remember what came of it."""
        result = run(instance, keys, select=select)
        dagster_run = instance.get_run_by_id(result.run_id)
        assert dagster_run is not None
        self.runs.append(dagster_run)
        self.results.append(result)
        self.materialized.append(materializations(result))
        newest = {}
        for name, _ in self.materialized[-1]:
            latest = dg.AssetRecordsFilter(asset_key=dg.AssetKey(name), asset_partitions=[SMALL])
            newest[name] = instance.fetch_materializations(latest, limit=1).records[0].storage_id
        self.pointers.append(newest)
        self.stored.append(files(self.store.root))


RANGE, UNCHANGED, CHANGED, CRASHED, AWAY, DERIVED = range(6)
DERIVE = ("sessions", "session_speakers")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, shared_instance: dg.DagsterInstance) -> _History:
    """The runs of two conferences, in their order."""
    folder = tmp_path_factory.mktemp("history")
    key = ConferenceKey.parse(SMALL)
    history = _History(LocalStore(folder / "data"))
    with only_tables(), pytest.MonkeyPatch.context() as patch, SandboxServer() as sandbox:
        for name in [name for name in os.environ if name.startswith("PLANION_")]:
            patch.delenv(name)
        for account in TOKENS:
            patch.setenv(f"PLANION_TOKEN_{account}", TOKENS[account])
        patch.chdir(folder)
        asking = "        endpoints: [sessions, speakers]\n        conferences:"
        config = TWO_ACCOUNTS.replace("        conferences:", asking, 1)
        write_config(folder, config.format(url=sandbox.url + "\n      max_attempts: 1"))
        history.add(shared_instance, [SMALL, SINGLE], ALL)
        history.payloads += map(str, history.store.read("raw_sessions", key)["payload"].to_pylist())
        history.footers |= {table.name: history.store.footer(table.location, key) for table in TABLES}
        history.add(shared_instance, [SMALL], ALL)
        path = history.store.path("sessions", key)
        old = path.read_bytes()
        history.changed |= _advance(sandbox)[SMALL]
        history.add(shared_instance, [SMALL], CORE)
        path.write_bytes(old)
        history.add(shared_instance, [SMALL], CORE)
        sandbox.close()
        history.add(shared_instance, [SMALL, SINGLE], CORE)
        for text in (SMALL, SINGLE):
            history.store.path("sessions", ConferenceKey.parse(text)).unlink()
        history.add(shared_instance, [SMALL, SINGLE], DERIVE)
    for text in (SMALL, SINGLE):
        shared_instance.delete_dynamic_partition(str(conferences.name), text)
    return history


def test_conferences_that_fail_are_named_each_with_its_reason_and_stop_no_other(
    workplace: Path, sandbox: SandboxServer, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(workplace, TWO_ACCOUNTS.format(url=sandbox.url) + NO_TOKEN)
    monkeypatch.setenv("PLANION_TOKEN_AAA", "wrong-token")
    monkeypatch.setenv("PLANION_TOKEN_TOS", TOKENS["TOS"])
    result = run(instance, [SMALL, "oops", "AAA|AM1999", SINGLE, "BBB|ONE", "BBB|TWO"])
    assert not result.success
    description, metadata = failure(result)
    assert description.startswith("5 of 6 conferences failed:\n")
    assert set(metadata) == {SMALL, "oops", "AAA|AM1999", "BBB|ONE", "BBB|TWO"}
    assert "\nAAA|AM2036: GET /feed/v1/sessions of AAA|AM2036, page 1" in description
    assert "answered 401; the feed refused the token: check the variable PLANION_TOKEN_AAA" in description
    assert "wrong-token" not in description
    # A missing token fails the conferences of its account only.
    assert "planion.yaml: accounts[2].token_env: the environment variable PLANION_TOKEN_BBB is not set" in description
    # A conference that was taken out of the file.
    assert "no conference 'AM1999' in account 'AAA'; add it" in description
    assert "oops: 'oops' is not a partition key: it holds '|' 0 times" in description
    assert set(materializations(result)) == {(name, SINGLE) for name in CORE}


def test_a_configuration_mistake_is_one_line(workplace: Path, instance: dg.DagsterInstance) -> None:
    write_config(workplace, TWO_ACCOUNTS.format(url="ftp://feed.test"))
    description, _ = failure(run(instance, [SMALL]))
    assert description.startswith("planion.yaml: feed.url: does not begin with https://")
    assert "\n" not in description


def test_nothing_stored_cannot_be_derived_and_says_what_to_do(configured: Path, instance: dg.DagsterInstance) -> None:
    description, _ = failure(run(instance, [SMALL], select=["sessions", "session_speakers"]))
    assert "AAA|AM2036: no table raw_sessions of AAA|AM2036 is stored at" in description
    assert "materialize it first" in description


def test_a_feed_that_is_away_leaves_every_table_as_it_was(history: _History) -> None:
    assert set(failure(history.results[AWAY])[1]) == {SMALL, SINGLE}
    assert history.materialized[AWAY] == {}
    assert history.stored[AWAY] == history.stored[CRASHED]


def test_tables_are_derived_again_from_the_stored_snapshot_without_the_feed(history: _History) -> None:
    assert history.results[DERIVED].success
    materialized = history.materialized[DERIVED]
    assert set(materialized) == {(name, key) for name in DERIVE for key in (SMALL, SINGLE)}
    before, after = (
        {name: content for name, (_, content) in history.stored[number].items()} for number in (AWAY, DERIVED)
    )
    assert after == before
    assert "requests" not in materialized["sessions", SMALL].metadata


def test_a_table_left_behind_by_a_crash_is_brought_up_although_the_feed_is_unchanged(history: _History) -> None:
    old, right, repaired = (_content(history, number, "sessions") for number in (UNCHANGED, CHANGED, CRASHED))
    assert repaired == right != old
    written = {name: history.materialized[CRASHED][name, SMALL].metadata["written"].value for name in CORE}
    assert written == {name: name == "sessions" for name in CORE}


def _content(history: _History, number: int, table: str) -> bytes:
    """The bytes of a table of SMALL after that run."""
    path = history.store.path(table, ConferenceKey.parse(SMALL))
    return history.stored[number][str(path.relative_to(history.store.root))][1]


def test_an_unchanged_conference_is_read_once_and_not_written(history: _History) -> None:
    first, second = history.materialized[RANGE], history.materialized[UNCHANGED]
    assert history.stored[UNCHANGED] == history.stored[RANGE]
    walks = [materialized["raw_sessions", SMALL].metadata["walks"].value for materialized in (first, second)]
    assert walks == ["2", "1"]
    for table in TABLES:
        one, two = first[table.name, SMALL], second[table.name, SMALL]
        for tag in ("dagster/data_version", "dagster/code_version"):
            assert (one.tags or {})[tag] == (two.tags or {})[tag]
        assert one.metadata["fetched_at"] == two.metadata["fetched_at"]
    # The versions of inputs too, which Dagster gives in other words where a run is of a range.
    for name in CORE:
        one, two = (history.materialized[number][name, SMALL] for number in (CHANGED, CRASHED))
        assert _versions(one) == _versions(two)
        assert one.metadata["fetched_at"] == two.metadata["fetched_at"]


def test_a_changed_conference_has_another_version(history: _History) -> None:
    first, second = (history.materialized[number]["sessions", SMALL] for number in (UNCHANGED, CHANGED))
    changed = history.changed
    assert sum(changed.values()) > 0
    version = "dagster/data_version"
    assert (first.tags or {})[version] != (second.tags or {})[version]
    rows = [event.metadata["dagster/partition_row_count"].value for event in (first, second)]
    assert rows == [87, 87 + changed["added"] - changed["removed"]]
    counts = [second.metadata[f"sessions_{kind}"].value for kind in ("added", "removed", "changed")]
    assert counts == [str(changed[kind]) for kind in ("added", "removed", "edited")]
    newest: list[Any] = [event.metadata["newest_session_updated_at"].value for event in (first, second)]
    assert newest[0] < newest[1]


def test_a_range_of_keys_is_one_run_with_an_event_per_table_and_key(history: _History) -> None:
    keys = [SMALL, SINGLE]
    assert history.results[RANGE].success
    materialized = history.materialized[RANGE]
    assert set(materialized) == {(name, key) for name in ALL for key in keys}
    rows = [materialized["sessions", key].metadata["dagster/partition_row_count"].value for key in keys]
    assert rows == [87, 1]
    assert "planion/account" not in history.runs[RANGE].tags
    for table in TABLES:
        # Of the two accounts one reads the speakers.
        stored = keys if table.endpoint == "sessions" else [SMALL]
        assert [str(key) for key in history.store.keys(table.location)] == stored


@pytest.mark.parametrize("number", [UNCHANGED, RANGE], ids=["one", "range"])
def test_a_materialization_names_the_versions_it_was_made_from(history: _History, number: int) -> None:
    for table in TABLES:
        event = history.materialized[number][table.name, SMALL]
        tags = event.tags or {}
        assert tags["dagster/data_version"] == event.metadata["snapshot"].value
        assert tags["dagster/code_version"] == table.fingerprint
        for upstream in table.upstream:
            assert f"dagster/input_data_version/{upstream}" in tags
            assert tags[f"dagster/input_event_pointer/{upstream}"] == str(history.pointers[number][upstream])


def test_a_run_about_one_conference_is_tagged_with_it(history: _History) -> None:
    tags = history.runs[CHANGED].tags
    assert (tags["planion/account"], tags["planion/conference"]) == ("AAA", "AM2036")


def test_a_materialization_says_all_that_people_need(history: _History) -> None:
    for table in TABLES:
        event = history.materialized[RANGE][table.name, SMALL]
        footer = history.footers[table.name]
        values: dict[str, Any] = {name: value.value for name, value in event.metadata.items()}
        assert footer.provenance is not None
        assert values["snapshot"] == footer.provenance.snapshot == (event.tags or {})["dagster/data_version"]
        assert values["dagster/partition_row_count"] == footer.rows
        assert values["path"] == str(footer.address)
        assert values["dagster/uri"] == Path(footer.address).as_uri()
        assert values["dagster/size_bytes"] == footer.size == len(_content(history, RANGE, table.location))
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
    workplace: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account in TOKENS:
        monkeypatch.setenv(f"PLANION_TOKEN_{account}", TOKENS[account])
    config = TWO_ACCOUNTS.format(url=sandbox.url)
    store = LocalStore(workplace / "data")
    wanted = [table for table in TABLES if table.name in CORE]
    written = []
    for zone in ("", "\n            timezone: America/New_York"):
        write_config(workplace, config.replace("- conference: AM2036", "- conference: AM2036" + zone))
        planion = PlanionResource()
        (outcome,) = refresh([ConferenceKey.parse(SMALL)], wanted, store, planion.client, planion.options)
        assert isinstance(outcome, Refreshed)
        written.append({stored.table.name for stored in outcome.tables if stored.written})
        sessions = store.read("sessions", ConferenceKey.parse(SMALL))
        instants = sessions.num_rows - sessions["starts_at"].null_count
        assert instants == (sessions.num_rows - sessions["starts_at_local"].null_count if zone else 0)
    assert written == [set(CORE), {"sessions", "session_speakers"}]


def test_values_that_cannot_be_read_are_counted_with_examples_though_nothing_changes(
    configured: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [item(str(n), published="maybe", conference="AM2036") for n in range(4)]
    with ScriptedServer(lambda request: page_of(rows, request.page)) as server:
        monkeypatch.setenv("PLANION_FEED_URL", server.url)
        for _ in range(2):
            metadata = materializations(run(instance, [SMALL], select=CORE[:2]))["sessions", SMALL].metadata
            assert metadata["unreadable_values"].value == "4"
            noted = {"count": 4, "examples": ['"maybe"'] * 3, "schedids": ["0", "1", "2"]}
            assert metadata["unreadable_columns"].value == {"published": noted}


def test_a_preview_shows_nothing_personal(history: _History) -> None:
    materialized = history.materialized[RANGE]
    rows = [json.loads(text) for text in history.payloads]
    personal = {
        inert(speaker[name])
        for row in rows
        for speaker in row.get("speakers") or []
        for name in ("affil", "cargo", "description", "fname", "lname", "email", "title")
        if str(speaker.get(name) or "").strip()
    } - {inert(row["sessionName"]) for row in rows}  # the title of a talk may be that of its session
    assert len(personal) > 100
    previews = [str(materialized[table.name, SMALL].metadata["preview"].value) for table in TABLES]
    cells = {cell.strip() for preview in previews for cell in preview.replace("\n", "|").split("|")}
    assert cells & personal == set()


@pytest.mark.parametrize(
    ("value", "inert_text"),
    [
        (None, ""),
        ("<script>alert(1)</script>", r"&lt;script&gt;alert\(1\)&lt;\/script&gt;"),
        ("![x](http://a.b/c)", r"\!\[x\]\(http\:\/\/a\.b\/c\)"),
        ("a | b\n# c", r"a \| b \# c"),
        ("zero\u200bwidth \x1b[31m", r"zerowidth \[31m"),
        ("x" * 100, "x" * 59 + "…"),
    ],
)
def test_text_of_the_feed_is_inert_in_a_preview(value: str | None, inert_text: str) -> None:
    assert inert(value) == inert_text
