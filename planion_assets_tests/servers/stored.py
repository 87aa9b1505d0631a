"""The sandbox's tables, refreshed into a folder and into a bucket, and the same tables as a reader finds them."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg
import pytest

from planion_assets.defs.resources import PlanionResource
from planion_assets.refresh.outcomes import Failed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox import SandboxServer
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.servers.buckets import Bucket

CLOUDS = ("AWS_", "AZURE_", "GOOGLE_")


@contextlib.contextmanager
def sandbox_in(data: str, feed: SandboxServer, folder: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """Settings that read the sandbox into `data`, in the environment and working directory of this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PLANION_", "DAGSTER_HOME", *CLOUDS))]:
            patch.delenv(name)
        patch.chdir(folder)
        given = {"PLANION_SANDBOX": "1", "PLANION_FEED_URL": feed.url, "PLANION_DATA": data, **variables}
        for name, value in given.items():
            patch.setenv(name, value)
        yield


def store_sandbox() -> None:
    """Refresh every conference of the sandbox, where the environment says."""
    resource = PlanionResource()
    keys = resource.settings().keys()
    outcomes = list(refresh(keys, TABLES, resource.writable_store(), resource.client, resource.options))
    resource.teardown_after_execution(dg.build_init_resource_context())
    assert [outcome for outcome in outcomes if isinstance(outcome, Failed)] == []


def tables_of(bucket: Bucket) -> dict[str, bytes]:
    """The files of all tables by name."""
    return {name: content for name, content in bucket.content().items() if name.endswith(".parquet")}
