"""An account or conference of any name is refused by the configuration, or stored inside the data directory."""

import json
from pathlib import Path

import pytest

from planion_assets.config import ConfigError, load
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.published_changes import PUBLISHED_CHANGES
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.conftest import write_config
from planion_assets_tests.faults.conference import WRITTEN, client
from planion_assets_tests.feed.server import ScriptedServer, item, page_of

NAMES = {
    "parent": "..",
    "path": "a/b",
    "device": "CON",
    "long": "x" * 300,
    "encoded": "%2e%2e",
    "emoji": "🎪" * 16,
    "many_emoji": "🎪" * 17,
    "backslash": "..\\..",
    "nul": "a\0b",
    "hidden": ".locks",
}
REFUSED = {"long": "too long for a file name", "many_emoji": "too long for a file name", "nul": "unprintable"}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_is_refused_by_the_configuration_or_stored_inside_the_data_directory(workplace: Path, case: str) -> None:
    name = NAMES[case]
    config = {"account": name, "token_env": "PLANION_TOKEN_A", "conferences": [{"conference": name}]}
    write_config(workplace, json.dumps({"accounts": [config]}, ensure_ascii=False))
    if case in REFUSED:
        with pytest.raises(ConfigError) as caught:
            load()
        assert REFUSED[case] in str(caught.value) or "control character" in str(caught.value)
        return
    settings = load()
    (key,) = settings.keys()
    store = LocalStore(Path(settings.data))
    outside = {path for path in workplace.rglob("*") if path.is_file()}
    row = item("1") | {"account": name, "conference": name}
    with ScriptedServer(lambda request: page_of([row], request.page)) as server, client(server.url) as feed:
        (outcome,) = refresh([key], WRITTEN, store, lambda _: feed, lambda _: RefreshOptions())
        assert server.requests[0].where == {"account": name, "conference": name}
    assert isinstance(outcome, Refreshed)
    files = {path for path in workplace.rglob("*") if path.is_file()} - outside
    root = Path(settings.data).resolve()
    assert files
    assert all(path.resolve().is_relative_to(root) for path in files)
    # A folder per table and account, a file per conference: nothing deeper, nothing higher.
    folders = {path.resolve().parent.parent for path in files if path.suffix == ".parquet"}
    changes = {store.folder(log.location, key).parent for log in (SESSION_CHANGES, PUBLISHED_CHANGES)}
    assert folders == {root / table.location for table in WRITTEN} | changes
    assert store.keys("sessions") == [key]
