"""`build_definitions` in projects of others: names, settings, and what it leaves alone. Runs are really launched."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest

from planion_assets.config import ConfigError, load
from planion_assets.defs.automation.prune import prune_runs
from planion_assets.defs.build_definitions import build_definitions
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource
from planion_assets_tests.defs import host_project
from planion_assets_tests.defs.automation.launching import Launcher, launching
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, body, item, page_of
from planion_assets_tests.pages import module_of, python_blocks
from planion_assets_tests.runs import CORE, only_checks, refreshing

# Dagster's own: of parameters in beta, and that two locations have an asset of the same key.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")

PACKAGE = Path(__file__).parents[2] / "planion_assets"
KEY = "AAA|C1"
HOST, STANDALONE_HOST = "host", "standalone_host"
LOCATIONS = {
    HOST: "planion_assets_tests.defs.host_project",
    STANDALONE_HOST: "planion_assets_tests.defs.standalone_host_project",
}
EAST, WEST = (
    Names(key_prefix=("east",), name_prefix="east_"),
    Names(key_prefix=("west", "coast"), name_prefix="west_coast_"),
)
CONFIG = """
feed: {{url: "{url}", max_attempts: 1}}
accounts: [{{account: AAA, token_env: PLANION_TOKEN_{name}, conferences: [{{conference: C1}}]}}]
"""
MAPPING = {
    "data": "elsewhere",
    "accounts": [
        {
            "account": "AAA",
            "token_env": "PLANION_TOKEN_AAA",
            "conferences": [{"conference": "C1", "active_until": date(2036, 2, 3)}],
        }
    ],
}


@dataclass
class Feed:
    """A feed of one conference, `AAA|C1`, whose sessions are named for it; `status` is what it answers with."""

    name: str
    count: int
    status: int = 200

    def answer(self, request: Request) -> Response:
        """A page of the sessions."""
        if self.status != 200:
            return body({}, self.status)
        names = [f"{self.name} {number}" for number in range(self.count)]
        rows = [item(str(number), conference="C1", sessionName=name) for number, name in enumerate(names)]
        return page_of(rows, request.page)


@dataclass
class Place:
    """A working directory with two configurations of feeds, and a launcher of the two hosts."""

    folder: Path
    launcher: Launcher
    feeds: dict[str, Feed]

    @property
    def instance(self) -> dg.DagsterInstance:
        """The instance that the runs are on."""
        return self.launcher.instance

    def refresh(self, names: Names) -> dg.DagsterRun:
        """A run of the job that reads conferences."""
        return self.launcher.launch(HOST, names.name("refresh_active"))

    def stored(self, name: str) -> list[Any]:
        """The names of the sessions that are stored for a feed."""
        table = pq.read_table(self.folder / name / "data/sessions/AAA/C1.parquet")
        return table.column("session_name").to_pylist()

    def noted(self, names: Names) -> dict[str, int]:
        """How many events of each asset and check of a set of definitions are noted."""
        found = {}
        for key, table in names.asset_keys.items():
            found[table] = len(self.instance.fetch_materializations(key, limit=100).records)
        history = self.instance.event_log_storage.get_asset_check_execution_history
        for table, check in (("sessions", "schedid_is_unique"), ("conference_status", "feed_is_read")):
            found[check] = len(history(names.check_key(table, check), limit=100))
        return found


@pytest.fixture
def place(judged_place: Place, only_tables: None) -> Place:
    """The same without verdicts and overviews."""
    return judged_place


@pytest.fixture
def judged_place(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    feeds = {"east": Feed("east", 2), "west": Feed("west", 5)}
    host_project.STORED.clear()
    host_project.EXECUTED.clear()
    with ScriptedServer(feeds["east"].answer) as one, ScriptedServer(feeds["west"].answer) as other:
        for name, server in (("east", one), ("west", other)):
            (workplace / name).mkdir()
            (workplace / name / "planion.yaml").write_text(CONFIG.format(url=server.url, name=name.upper()))
            monkeypatch.setenv(f"PLANION_TOKEN_{name.upper()}", "a token")
        tables = refreshing([*CORE, "rejected_items"])
        with tables, only_checks("schedid_is_unique"), launching(workplace / "home", locations=LOCATIONS) as launcher:
            yield Place(workplace, launcher, feeds)


def test_the_assets_of_the_host_keep_its_io_manager_and_executor(place: Place) -> None:
    assert place.refresh(EAST).is_success
    assert host_project.EXECUTED == [], "a job of ours has an executor of its own"
    ours = ["east/raw_sessions", "east/sessions"]
    run = place.launcher.launch(HOST, assets=ours, tags={"dagster/partition": KEY})
    assert run.is_success
    assert host_project.STORED == {}
    for assets in (["sessions"], ["sessions_and_logins"]):
        assert place.launcher.launch(HOST, assets=assets).is_success
    assert host_project.STORED == {"sessions": {"logins": 3}, "sessions_and_logins": 5}
    assert place.launcher.launch(HOST, "refresh").is_success
    # A run of the assets has no job of ours: the project's executor is that of every such run.
    assert host_project.EXECUTED == ["__ASSET_JOB"] * 3 + ["refresh"]


def test_a_host_with_other_names_merges_the_definitions_standing_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANION_CONFIG", "east/planion.yaml")
    assert place.launcher.launch(STANDALONE_HOST, assets=["logins"]).is_success
    assert (host_project.STORED, host_project.EXECUTED) == ({"logins": {"logins": 3}}, ["__ASSET_JOB"])
    assert place.launcher.launch(STANDALONE_HOST, "refresh_active").is_success
    assert place.stored("east") == ["east 0", "east 1"]
    assert host_project.EXECUTED == ["__ASSET_JOB"]


def test_two_configurations_of_one_location_refresh_each_its_own(judged_place: Place) -> None:
    place = judged_place
    assert place.refresh(EAST).is_success
    east = place.noted(EAST)
    assert east.items() >= {"sessions": 1, "conference_status": 1, "schedid_is_unique": 1, "feed_is_read": 1}.items()
    assert set(place.noted(WEST).values()) == {0}
    assert not (place.folder / "west/data").exists()
    assert place.refresh(WEST).is_success
    assert place.noted(EAST) == east
    assert place.noted(WEST) == east
    assert (place.stored("east"), len(place.stored("west"))) == (["east 0", "east 1"], 5)
    assert place.instance.get_dynamic_partitions("east_conferences") == [KEY]
    assert place.instance.get_dynamic_partitions("west_coast_conferences") == [KEY]
    status = pq.read_table(place.folder / "west/data/conference_status.parquet").to_pylist()
    assert [row["sessions"] for row in status] == [5]


def test_a_request_or_run_of_one_configuration_is_none_of_the_other(place: Place) -> None:
    def look(names: Names) -> Any:
        return place.launcher.look(names.name("refresh_active_conferences"), of=HOST)

    (request,) = look(EAST).run_requests
    assert request.job_name == "east_refresh_active"
    place.launcher.launch(HOST, request.job_name, tags=request.tags, config=request.run_config)
    assert "The last refresh was requested" in str(look(EAST).skip_message)
    assert [other.job_name for other in look(WEST).run_requests] == ["west_coast_refresh_active"]


def test_alerts_of_one_configuration_tell_nothing_of_the_other(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    place.refresh(EAST)
    place.feeds["west"].status = 403
    assert place.refresh(WEST).status == dg.DagsterRunStatus.FAILURE
    capfd.readouterr()
    place.launcher.look(EAST.name("alerts"), of=HOST)
    east_output = capfd.readouterr().err
    place.launcher.look(WEST.name("alerts"), of=HOST)
    west_output = capfd.readouterr().err
    # Sessions without `session_updated_at` are the only problem that the east has.
    assert "403" not in east_output
    assert "403" in west_output


def test_pruning_of_one_configuration_deletes_no_run_of_the_other_nor_of_the_host(place: Place) -> None:
    theirs = {
        place.refresh(WEST).run_id,
        place.launcher.launch(HOST, assets=["west/coast/sessions"], tags={"dagster/partition": KEY}).run_id,
        place.launcher.launch(HOST, assets=["sessions"]).run_id,
        place.launcher.launch(HOST, "refresh").run_id,
        place.launcher.launch(HOST, "prune").run_id,
    }
    first, last = place.refresh(EAST).run_id, place.refresh(EAST).run_id
    pruning = place.launcher.launch(HOST, "east_prune")
    assert pruning.is_success
    later = datetime.now(UTC) + timedelta(days=400)
    prune_runs(place.instance, load(given="east/planion.yaml"), EAST, pruning, later)
    left = {record.dagster_run.run_id for record in place.instance.get_run_records()}
    # The first refresh holds the newest materializations.
    assert left == theirs | {first}
    assert last not in left


def _names(definitions: dg.Definitions) -> Iterator[str]:
    """Every name of a set of definitions that another set in the same location must not have."""
    repository = definitions.get_repository_def()
    graph = repository.asset_graph
    for key in graph.get_all_asset_keys():
        yield key.to_user_string()
    for check in graph.asset_check_keys:
        yield check.asset_key.to_user_string()
    for job in repository.get_all_jobs():
        yield from (node.name for node in job.nodes)
        yield from (pool for node in job.nodes if (pool := getattr(node.definition, "pool", None)))
        if not job.name.startswith("__"):
            yield job.name
    yield from (one.name for one in repository.sensor_defs)
    yield from (one.name for one in repository.schedule_defs)
    yield from repository.get_top_level_resources()
    for assets in definitions.assets or ():
        assert isinstance(assets, dg.AssetsDefinition)
        yield assets.node_def.name
        if assets.partitions_def is not None:
            yield str(getattr(assets.partitions_def, "name", None))


@pytest.mark.parametrize(
    ("prefix", "key"),
    [
        ((), "planion_io_manager"),
        ("planion", "planion_io_manager"),
        ("events", "events_planion_io_manager"),
        (["events", "planion"], "events_planion_io_manager"),
    ],
)
def test_the_io_manager_has_a_key_of_its_own(prefix: str | Sequence[str], key: str) -> None:
    assert key in build_definitions({}, key_prefix=prefix).resources  # type: ignore[operator]


@pytest.mark.parametrize(("prefix", "names"), [("west", "west_"), (["west", "coast"], "west_coast_")])
def test_every_name_carries_the_prefix(prefix: str | Sequence[str], names: str) -> None:
    built = build_definitions(MAPPING, key_prefix=prefix, prune=True, alerts=True)
    keys = "west/" if prefix == "west" else "west/coast/"
    found = list(_names(built))
    assert len(found) > 50
    assert [name for name in found if not name.startswith((keys, names))] == []
    other = set(_names(build_definitions(MAPPING, prune=True, alerts=True)))
    assert other.isdisjoint(found)


def test_nothing_runs_in_a_host_unless_it_is_asked_for() -> None:
    build = partial(build_definitions, MAPPING, key_prefix="planion")
    repository = dg.Definitions.merge(host_project.own(), build()).get_repository_def()
    assert {one.default_status for one in repository.schedule_defs} == {dg.DefaultScheduleStatus.STOPPED}
    assert {one.default_status for one in repository.sensor_defs} == {dg.DefaultSensorStatus.STOPPED}
    names = set(_names(build()))
    assert {"planion_refresh", "planion_refresh_active_conferences"} <= names
    assert {"planion_prune", "planion_prune_old_runs", "planion_alerts"} & names == set()
    asked = build(schedules=True, prune=True, alerts=True).get_repository_def()
    assert {one.default_status for one in asked.schedule_defs} == {dg.DefaultScheduleStatus.RUNNING}
    assert {one.default_status for one in asked.sensor_defs} == {dg.DefaultSensorStatus.RUNNING}


def test_owners_tags_group_and_io_manager_are_those_that_are_asked_for() -> None:
    built = build_definitions(
        MAPPING,
        key_prefix="planion",
        name_prefix="events_",
        group_name="events",
        owners=["team:events"],
        tags={"tier": "gold"},
        io_manager_key="tables",
    )
    specs = list(built.resolve_all_asset_specs())
    assert {spec.group_name for spec in specs} == {"events"}
    assert {tuple(spec.owners) for spec in specs} == {("team:events",)}
    assert {spec.tags.get("tier") for spec in specs} == {"gold"}
    assert {spec.metadata["dagster/io_manager_key"] for spec in specs} == {"tables"}
    assert set(built.get_repository_def().get_top_level_resources()) == {"tables", "events_planion"}
    assert {spec.key.path[0] for spec in specs} == {"planion"}


def test_settings_are_those_of_the_mapping_or_path_whatever_the_environment_says(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = ("PLANION_CONFIG", "PLANION_DATA", "PLANION_FEED_URL", "PLANION_SANDBOX")
    for name, value in zip(variables, ("gone.yaml", "lost", "http://127.0.0.1:9", "1"), strict=True):
        monkeypatch.setenv(name, value)
    given = PlanionResource.of(MAPPING).settings()
    assert given.data == workplace / "elsewhere"
    assert given.accounts[0].conferences[0].active_until == date(2036, 2, 3)
    (workplace / "there").mkdir()
    file = workplace / "there" / "planion.yaml"
    file.write_text(CONFIG.format(url="http://127.0.0.1:8", name="AAA"))
    for path in (file, str(file), "there/planion.yaml"):
        settings = PlanionResource.of(path).settings()
        assert (settings.data, settings.feed.url) == (workplace / "there/data", "http://127.0.0.1:8")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"acounts": []}, "acounts: is not a known key; did you mean accounts?"),
        ({"refresh_interval": "often"}, "refresh_interval: "),
        ({"accounts": []}, "accounts: lists none"),
        ({"accounts": [{**MAPPING["accounts"][0], "conferences": [{"conference": 5}]}]}, "accounts[0].conferences[0]"),  # type: ignore[dict-item]
    ],
)
def test_a_mistake_in_the_mapping_names_the_key(workplace: Path, changed: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        PlanionResource.of({**MAPPING, **changed}).settings()
    assert f"the given settings: {key}" in str(caught.value)


def test_an_empty_mapping_is_a_mistake_and_no_wish_for_a_file(workplace: Path) -> None:
    with pytest.raises(ConfigError, match="the given settings: accounts: is not given"):
        PlanionResource.of({}).settings()


def test_the_samples_of_the_page_on_embedding_load() -> None:
    page = "docs/how-to/embed.md"
    merged, downstream, two = (module_of(code, page) for code in python_blocks(page))
    with_mine = dg.Definitions.merge(merged["defs"], dg.Definitions(assets=[downstream["number_of_rooms"]]))
    for definitions, prefixes in ((with_mine, {"planion", "number_of_rooms"}), (two["defs"], {"east", "west"})):
        dg.Definitions.validate_loadable(definitions)
        assert {key.path[0] for key in definitions.resolve_all_asset_keys()} == prefixes


def test_one_module_makes_keys() -> None:
    construction = re.compile(r"\b(AssetKey|AssetCheckKey|DynamicPartitionsDefinition)(\(|\.from)")
    found = {
        str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if construction.search(path.read_text("utf-8"))
    }
    assert found == {"defs/names.py"}
