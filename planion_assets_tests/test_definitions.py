"""The code location holds exactly this, and every asset has a table."""

import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from planion_assets.definitions import defs
from planion_assets.defs.assets.specs import column_lineage, table_specs
from planion_assets.defs.names import STANDALONE
from planion_assets.tables.catalog import ASSETS, OVERVIEWS, table
from planion_assets_tests.conftest import write_config

SPECS = table_specs(STANDALONE)


def test_the_code_location_holds_exactly_this() -> None:
    repository = defs.get_repository_def()
    assert {key.to_user_string() for key in defs.resolve_all_asset_keys()} == {
        "raw_sessions",
        "sessions",
        "session_speakers",
        "session_tracks",
        "session_credits",
        "session_custom_fields",
        "session_learning_objectives",
        "speaker_resources",
        "rejected_items",
        "raw_speakers",
        "speakers",
        "rejected_people",
        "published_sessions",
        "published_session_speakers",
        "published_session_tracks",
        "published_session_credits",
        "published_session_custom_fields",
        "published_session_learning_objectives",
        "published_speaker_resources",
        "published_speakers",
        "conferences",
        "published_conferences",
        "conference_status",
        "session_changes",
        "speaker_changes",
        "published_changes",
    }
    assert {job.name for job in defs.resolve_all_job_defs()} - {"__ASSET_JOB"} == {
        "refresh",
        "refresh_active",
        "check_freshness",
        "prune",
        "verify",
    }
    assert {sensor.name for sensor in repository.sensor_defs} == {
        "configured_conferences",
        "refresh_active_conferences",
        "alerts",
    }
    assert {schedule.name for schedule in repository.schedule_defs} == {
        "freshness",
        "prune_old_runs",
        "verify_tables",
    }
    assert set(repository.get_top_level_resources()) == {"planion_io_manager", "planion"}
    checks = {(key.asset_key.to_user_string(), key.name) for key in repository.asset_graph.asset_check_keys}
    assert checks == {
        ("conference_status", "session_updated_at_is_fresh"),
        ("conference_status", "feed_is_read"),
        ("raw_sessions", "conference_is_refreshed"),
        ("rejected_items", "schedid_is_present"),
        ("rejected_items", "nothing_is_rejected"),
        ("sessions", "schedid_is_unique"),
        ("sessions", "values_are_readable"),
        ("sessions", "fields_are_known"),
        ("sessions", "dates_are_plausible"),
        ("sessions", "session_ends_after_start"),
        ("sessions", "session_has_length"),
        ("sessions", "session_lasts_a_day_at_most"),
        ("sessions", "published_session_is_placed"),
        ("sessions", "room_is_not_double_booked"),
        ("session_speakers", "person_is_in_one_session_at_a_time"),
        ("session_speakers", "links_have_session"),
        ("session_speakers", "links_have_person"),
        ("session_speakers", "roles_have_person"),
        ("session_speakers", "sessions_have_speakers"),
        ("rejected_people", "no_person_is_rejected"),
        ("speakers", "people_are_named"),
        ("session_speakers", "declined_is_not_published"),
    }
    dg.Definitions.validate_loadable(defs)


def test_every_asset_has_a_table_and_every_table_an_asset() -> None:
    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    declarations = {declared.name: declared for declared in (*ASSETS, *OVERVIEWS)}
    assert set(specs) == set(declarations)
    assert {declared.name for declared in ASSETS} == {spec.key.to_user_string() for spec in SPECS}
    for name, spec in specs.items():
        declared = declarations[name]
        assert {dep.asset_key.to_user_string() for dep in spec.deps} == set(declared.upstream)
        schema = spec.metadata["dagster/column_schema"]
        assert [(c.name, c.description) for c in schema.columns] == [(c.name, c.description) for c in declared.columns]
        lineage = spec.metadata.get("dagster/column_lineage")
        assert (lineage is None) == (not declared.upstream)
        if lineage:
            assert set(lineage.deps_by_column) == {column.name for column in declared.columns}
        assert spec.code_version == declared.fingerprint


def test_the_code_of_each_asset_is_where_its_page_says() -> None:
    for spec in defs.resolve_all_asset_specs():
        declaration, rows = spec.metadata["dagster/code_references"].code_references
        name = spec.key.to_user_string()
        assert f'name="{name}"' in Path(declaration.file_path).read_text("utf-8")
        lines = Path(rows.file_path).read_text("utf-8").splitlines()
        assert rows.line_number is None or re.search(r"def |lambda", lines[rows.line_number - 1])


def test_what_reads_the_feed_is_in_a_pool_without_a_limit_of_its_own() -> None:
    ops = {node.name: node.definition for job in defs.resolve_all_job_defs() for node in job.graph.nodes}
    assert {name: op.pool for name, op in ops.items() if isinstance(op, dg.OpDefinition) and op.pool} == {
        "conference_tables": "planion_feed",
        "refresh_conferences": "planion_feed",
    }


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.key.to_user_string())
def test_an_asset_page_reads_as_documentation(spec: dg.AssetSpec) -> None:
    assert spec.description is not None
    assert len(spec.description) > 100
    assert spec.group_name == "planion"
    assert spec.owners
    assert {"python", "parquet"} <= spec.kinds
    assert spec.partitions_def is not None
    assert spec.partitions_def.name == "conferences"  # type: ignore[attr-defined]


def test_lineage_names_columns_that_exist() -> None:
    for declared in ASSETS:
        for deps in column_lineage(declared, STANDALONE).deps_by_column.values():
            for dep in deps:
                assert table(dep.asset_key.to_user_string()).column(dep.column_name)


def test_the_catalog_names_what_exists_when_asked_for_what_does_not() -> None:
    with pytest.raises(KeyError, match="there is no table 'session', only raw_sessions, sessions, session_speakers, "):
        table("session")


LOADED = """
import sys
from planion_assets.definitions import defs
print([name for name in ("pandas", "pyarrow", "requests", "sqlalchemy") if name in sys.modules])
print(defs.get_repository_def().get_sensor_def("refresh_active_conferences").default_status.value)
"""


def test_the_code_location_loads_without_the_heavy_libraries_and_with_a_mistake_in_the_file(workplace: Path) -> None:
    write_config(workplace, "feed: [not what it should be")
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.returncode) == (["[]", "RUNNING"], 0), done.stderr
