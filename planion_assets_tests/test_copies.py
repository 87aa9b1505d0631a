"""The copies of a conference that the bench makes: files and events as the one has them, under the others' keys."""

from pathlib import Path

import dagster as dg

from benchmarks.copies import copy_events, link_files
from planion_assets.defs.dagster_internals import DATA_VERSION_TAG, latest_data_versions
from planion_assets.defs.instance import opened
from planion_assets.keys import ConferenceKey
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.instances import copy_instance

ONE, OTHERS = ConferenceKey("AAA", "A.1"), [ConferenceKey("AAA", "B"), ConferenceKey("B/B", "A.1")]
ASSET = dg.AssetKey("sessions")


def test_every_file_is_there_under_the_other_keys_and_no_lock(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    names = [store.path("sessions", ONE), store.path("published/sessions", ONE), store.folder("log", ONE) / "1.parquet"]
    for path in [*names, tmp_path / store.note_file(ONE), tmp_path / ".locks/refresh/AAA/A.1.lock"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
    link_files(tmp_path, ONE, OTHERS)
    for key in OTHERS:
        assert store.path("sessions", key).read_text() == store.path("published/sessions", key).read_text()
        assert (store.folder("log", key) / "1.parquet").read_text() == "1.parquet"
        assert (tmp_path / store.note_file(key)).is_file()
    assert store.keys("sessions") == sorted([ONE, *OTHERS])
    assert len(list((tmp_path / ".locks").rglob("*.lock"))) == 1


def test_dagster_knows_the_others_as_it_knows_the_one(workplace: Path) -> None:
    copy_instance(workplace / ".dagster")
    keys = [str(key) for key in (ONE, *OTHERS)]
    with opened() as instance:
        instance.add_dynamic_partitions("conferences", [str(ONE)])
        for version in ("old", "latest"):
            tags = {DATA_VERSION_TAG: version}
            instance.report_runless_asset_event(dg.AssetMaterialization(ASSET, partition=str(ONE), tags=tags))
    copy_events(workplace / ".dagster", ONE, OTHERS)
    with opened() as instance:
        assert list(instance.get_dynamic_partitions("conferences")) == keys
        assert latest_data_versions(instance, ASSET, keys) == dict.fromkeys(keys, "latest")
        wanted = dg.AssetRecordsFilter(asset_key=ASSET, asset_partitions=keys[1:])
        records = instance.fetch_materializations(wanted, limit=10).records
        assert sorted(str(record.partition_key) for record in records) == sorted(keys[1:] * 2)
        assert {record.asset_materialization.partition for record in records if record.asset_materialization} == set(
            keys[1:]
        )
