"""DuckDB, pandas, Polars and pyarrow read a bucket as they read the folder, and find nothing that is hidden there."""

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import obstore
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest

from planion_assets.sandbox import CONFERENCES
from planion_assets_tests.pages import python_blocks
from planion_assets_tests.readers.answer import Answer, differences
from planion_assets_tests.readers.readers import GLOB, read_files, read_pandas, read_polars
from planion_assets_tests.readers.stored import Stored, store_everything
from planion_assets_tests.servers.azurite import ACCOUNT, KEY
from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.duckdb_answers import environment_of_duckdb

pytestmark = pytest.mark.servers
_HIDDEN = (".heads/AAA/AM2026.json", ".staged/AAA/AM2026/0123456789abcdef/raw_sessions.staged", ".status/.feed.json")
_BLOCKS = python_blocks("docs/how-to/read-from-a-bucket.md")
_READERS = [block for block in _BLOCKS if "pyspark" not in block]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `data` has every table."""
    return tmp_path_factory.mktemp("readers")


@pytest.fixture(scope="module")
def stored(folder: Path) -> dict[str, Stored]:
    """Every table of the catalog and the awkward values, by name."""
    return store_everything(folder)


@pytest.fixture
def below(bucket: Bucket, folder: Path, stored: dict[str, Stored], monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """The files of the folder in a bucket, below a prefix, with what is hidden beside them."""
    found = bucket.below("planion")
    store, data = found.open(), folder / "data"
    for path in data.rglob("*.parquet"):
        obstore.put(store, str(path.relative_to(data)), path.read_bytes())
    for name in _HIDDEN:
        obstore.put(store, name, b"PAR1")
    for name, value in bucket.conventions.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return found


def _pandas(bucket: Bucket, path: str) -> Answer:
    return read_pandas(pd.read_parquet(path, filesystem=bucket.files, dtype_backend="pyarrow"))


def _pyarrow(bucket: Bucket, path: str) -> Answer:
    return read_files(ds.dataset(path, filesystem=bucket.files).to_table())


def _polars(bucket: Bucket, path: str) -> Answer:
    return read_polars(pl.scan_parquet(f"{bucket.address.partition('://')[0]}://{path}/{GLOB}").collect())


@pytest.mark.long
@pytest.mark.parametrize("reader", [_pandas, _pyarrow, _polars])
def test_a_reader_gives_the_rows_types_instants_and_nulls_of_the_folder(
    below: Bucket, folder: Path, stored: Mapping[str, Stored], reader: Callable[[Bucket, str], Answer]
) -> None:
    found = {}
    for name, table in stored.items():
        path = f"{below.address.partition('://')[2]}/{table.folder.relative_to(folder / 'data')}"
        found[name] = differences(table.expected, reader(below, path))
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.long
def test_duckdb_gives_the_rows_types_instants_and_nulls_of_the_folder(
    below: Bucket, folder: Path, stored: Mapping[str, Stored], tmp_path: Path
) -> None:
    tables = {name: str(table.folder.relative_to(folder / "data")) for name, table in stored.items()}
    command = [sys.executable, "-m", "planion_assets_tests.servers.duckdb_answers", _secret(below), below.address]
    done = subprocess.run(
        command,
        input="\n".join(tables.values()).encode(),
        env={**os.environ, **environment_of_duckdb(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    answers: dict[str, Answer] = pickle.loads(done.stdout)  # noqa: S301 - a program of this test
    found = {name: differences(stored[name].expected, answers[folder]) for name, folder in tables.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def _secret(bucket: Bucket) -> str:
    endpoint = str(bucket.storage["endpoint"])
    if bucket.address.startswith("s3"):
        host = endpoint.removeprefix("http://")
        return f"CREATE SECRET (TYPE s3, PROVIDER credential_chain, ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)"
    keys = f"AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint}"
    return f"CREATE SECRET (TYPE azure, CONNECTION_STRING 'DefaultEndpointsProtocol=http;{keys}')"


@pytest.mark.parametrize("code", _READERS, ids=lambda code: code.split()[1])
@pytest.mark.parametrize("bucket", ["s3"], indirect=True)
def test_what_the_documents_show_sees_every_conference(below: Bucket, code: str, tmp_path: Path) -> None:
    assert "s3://my-bucket/planion/" in code
    code = code.replace("s3://my-bucket/planion", below.address)
    code = code.replace("CREATE SECRET (TYPE s3, PROVIDER credential_chain)", _secret(below))
    environment = {**os.environ, "COLUMNS": "200"}
    if "duckdb" in code:
        environment |= environment_of_duckdb(tmp_path)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    seen = {conference for _, conference in CONFERENCES if re.search(rf"\b{conference}\b", done.stdout)}
    assert len(seen) >= 5


def test_there_are_four_readers_and_spark() -> None:
    assert (len(_READERS), len(_BLOCKS)) == (4, 5)
