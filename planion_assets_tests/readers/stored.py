"""Every table as it lies on disk for all conferences, and what its files hold.

Made by the real refresh from the feed of a sandbox, so that whatever is in the catalog is here.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pytest

from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox import SandboxServer
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import tables_of
from planion_assets.tables.sessions import SESSIONS as SESSIONS_TABLE
from planion_assets_tests.readers.answer import Answer
from planion_assets_tests.readers.awkward import KEYS, awkward
from planion_assets_tests.readers.readers import read_files
from planion_assets_tests.small_sandbox import small_sandbox

AWKWARD, OTHER = "awkward", "abstracts"
ALL = tables_of([OTHER])
"""The catalog's tables, and those of an endpoint that only settings name."""


SESSIONS = 40
"""Of a conference at most: what a reader can get wrong is in the values and in the number of files."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A table of all conferences: the folder that its readers are given, and what they must answer."""

    folder: Path
    expected: Answer


def store_everything(folder: Path) -> dict[str, Stored]:
    """Store every table of `ALL`, and the awkward values, in that folder; by name of the table."""
    with pytest.MonkeyPatch.context() as patch, SandboxServer(small_sandbox(SESSIONS)) as server:
        for name in [name for name in os.environ if name.startswith("PLANION_")]:
            patch.delenv(name)
        patch.chdir(folder)
        patch.setenv("PLANION_SANDBOX", "1")
        patch.setenv("PLANION_FEED_URL", server.url)
        patch.setenv("PLANION_DATA", "data")
        resource = PlanionResource()
        store, keys = LocalStore(Path(resource.settings().data)), resource.settings().keys()
        outcomes = list(refresh(keys, ALL, store, resource.client, lambda key: _with_abstracts(resource, key)))
        resource.close()
    assert [outcome for outcome in outcomes if isinstance(outcome, Failed)] == []
    for key in KEYS:
        store.write(AWKWARD, key, awkward(key))
    assert store.keys(SESSIONS_TABLE.location) == sorted(keys)
    stored = {table.name: _stored(store, table.location) for table in ALL}
    return {**stored, AWKWARD: _stored(store, AWKWARD)}


def _with_abstracts(resource: PlanionResource, key: ConferenceKey) -> RefreshOptions:
    options = resource.options(key)
    return replace(options, endpoints=(*options.endpoints, OTHER))


def _stored(store: LocalStore, table: str) -> Stored:
    keys = store.keys(table)
    path = store.path(table, keys[0])
    path.with_name(f".{path.name}.0123456789ab.tmp").write_bytes(b"PAR1")  # as a writer that was killed leaves it
    rows = pa.concat_tables([store.read(table, key).replace_schema_metadata(None) for key in keys])
    assert rows.num_rows, f"no conference of the sandbox has a row of {table}: write one into sandbox/mess.py"
    return Stored(path.parent.parent, read_files(rows))
