"""Methods of the feed that only settings name, as Dagster has them: assets, jobs, runs, what is downstream."""

from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from planion_assets.defs.build_definitions import build_definitions
from planion_assets.defs.names import STANDALONE, Names
from planion_assets.defs.partitions import conferences
from planion_assets.defs.resources import PlanionResource
from planion_assets.tables.catalog import ASSETS
from planion_assets.tables.endpoint_tables import endpoint_tables
from planion_assets_tests.feed.server import Response, ScriptedServer, item, page_of
from planion_assets_tests.refresh.other_feed_methods import entry
from planion_assets_tests.runs import materializations, run

pytestmark = pytest.mark.usefixtures("only_tables")
KEYS = ("AAA|AM2026", "BBB|AM2026")
OTHERS = ("raw_abstracts", "abstracts", "raw_eposters", "eposters")


def _config(url: str = "https://feed.example/v1", **endpoints: list[str]) -> dict[str, Any]:
    """Two accounts: the first reads abstracts too, the second also electronic posters, unless `endpoints` says else."""
    read = {"AAA": ["sessions", "abstracts"], "BBB": ["sessions", "eposters", "abstracts"], **endpoints}
    accounts = [
        {"account": account, "token_env": "TOKEN", "endpoints": names, "conferences": [{"conference": "AM2026"}]}
        for account, names in read.items()
    ]
    return {"feed": {"url": url, "max_attempts": 1}, "data": "data", "accounts": accounts}


def _assets(definitions: dg.Definitions) -> set[str]:
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    return {key.to_user_string() for key in keys}


def test_each_name_of_any_account_has_two_assets_and_no_other_has(workplace: Path) -> None:
    without = build_definitions(_config(AAA=["sessions"], BBB=["sessions", "speakers"]))
    definitions = build_definitions(_config())
    assert _assets(definitions) - _assets(without) == set(OTHERS)
    assert _assets(without) <= _assets(definitions)
    job = definitions.resolve_job_def("refresh")
    assert {key.to_user_string() for key in job.asset_layer.selected_asset_keys} == {
        *(declared.name for declared in ASSETS),
        *OTHERS,
    }
    prefixed = build_definitions(_config(), key_prefix="events")
    assert {"events/raw_eposters", "events/abstracts"} <= _assets(prefixed)


def test_an_asset_says_what_it_is(workplace: Path) -> None:
    graph = build_definitions(_config()).resolve_asset_graph()
    for table in endpoint_tables("abstracts"):
        node = graph.get(dg.AssetKey(table.name))
        schema = node.metadata["dagster/column_schema"]
        tagged = {column.name for column in schema.columns if "personal" in column.tags}
        assert tagged == {column.name for column in table.columns if column.personal}
        assert node.code_version == table.fingerprint
        assert "`abstracts`" in str(node.description)
        references = node.metadata["dagster/code_references"].code_references
        builder_file = "endpoint_tables.py" if table.upstream else "selection.py"
        assert [Path(one.file_path).name for one in references] == ["endpoint_tables.py", builder_file]
        assert all(Path(one.file_path).exists() for one in references)
    fields = graph.get(dg.AssetKey("abstracts"))
    assert fields.parent_keys == {dg.AssetKey("raw_abstracts")}
    lineage = fields.metadata["dagster/column_lineage"].deps_by_column
    assert {column: [dep.column_name for dep in deps] for column, deps in lineage.items()} == {
        **{name: [name] for name in ("account", "conference", "item_id", "digest")},
        **{name: ["payload"] for name in ("field", "value", "extra")},
    }


def test_a_mistake_in_the_settings_prevents_no_load(workplace: Path) -> None:
    usual = _assets(build_definitions(_config(AAA=["sessions"], BBB=["sessions"])))
    mistakes: tuple[Any, ...] = (_config(AAA=["sessions", "../x"]), {"accounts": []}, "missing.yaml")
    for config in mistakes:
        assert PlanionResource.of(config).settings_at_load() is None
        assert _assets(build_definitions(config)) == usual


def test_pruning_and_own_runs_know_their_keys() -> None:
    names = Names(key_prefix=("a",), endpoints=("sessions", "speakers", "abstracts"))
    added = {key.to_user_string() for key in names.asset_keys} - {
        f"a/{key.to_user_string()}" for key in STANDALONE.asset_keys
    }
    assert added == {"a/raw_abstracts", "a/abstracts"}


def test_a_run_of_the_assets_reads_reports_and_derives_them(
    workplace: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "token")

    @dg.asset(partitions_def=conferences, io_manager_key=STANDALONE.io_manager_key)
    def titles(abstracts: pa.Table) -> pa.Table:
        return abstracts.filter([name == "title" for name in abstracts["field"].to_pylist()])

    def answer(request: Any) -> Response:
        method = request.path.rpartition("/")[2]
        if method == "eposters":
            return Response(b"", 403)
        rows = [item("1")] if method == "sessions" else [entry(number) for number in range(3)]
        return page_of([{**row, **request.where} for row in rows], request.page)

    with ScriptedServer(answer) as server:
        definitions = dg.Definitions.merge(build_definitions(_config(server.url)), dg.Definitions(assets=[titles]))
        select = ("raw_sessions", "sessions", *OTHERS)
        materialized = materializations(run(instance, KEYS, select=select, definitions=definitions))
        assert set(materialized) == {(name, key) for name in select for key in KEYS}
        asked = len(server.requests)
        path = workplace / "data" / "abstracts" / "BBB" / "AM2026.parquet"
        pq.write_table(pa.table({"field": ["title"]}), path)
        other = run(instance, KEYS[1:], select=("titles",), definitions=definitions)
        derived = run(instance, KEYS[:1], select=("abstracts", "titles"), definitions=definitions)
        assert derived.success
        assert len(server.requests) == asked
    (failed,) = (event.step_failure_data.error for event in other.all_events if event.is_step_failure)
    assert "other columns or types than this code gives table abstracts" in str(failed)
    reason = "the account's `endpoints` do not name eposters, so the feed is not asked for them"
    assert materialized["eposters", KEYS[0]].metadata["reason"].value == reason
    assert str(materialized["eposters", KEYS[1]].metadata["reason"].value).startswith(
        "the contract does not include eposters"
    )
    assert materialized["raw_abstracts", KEYS[0]].metadata["dagster/partition_row_count"].value == 3
    preview = str(materialized["abstracts", KEYS[0]].metadata["preview"].value)
    assert "title" in preview
    assert "value" not in preview
    assert materializations(derived)["titles", KEYS[0]].metadata["dagster/partition_row_count"].value == 3
