"""Fixtures that more than one test module needs: a sandbox feed, a workplace of its own, a Dagster instance."""

import contextlib
import gc
import importlib
import os
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
from hypothesis import HealthCheck, settings

from planion_assets.defs.dagster_internals import share_migrations
from planion_assets.defs.partitions import conferences
from planion_assets.sandbox import SandboxServer
from planion_assets_tests import forks
from planion_assets_tests.instances import copy_databases_of_runs
from planion_assets_tests.recording_server import RecordingServer
from planion_assets_tests.runs import only_tables, refreshing

# The same few examples every time; `make soak` asks for the other profile. No deadline: a busy machine is no failure.
settings.register_profile(
    "few", max_examples=15, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("many", settings.get_profile("few"), max_examples=500, derandomize=False)
settings.load_profile("few")


def pytest_configure() -> None:
    """Read Dagster's migrations once for all tests of the process."""
    share_migrations()
    copy_databases_of_runs()
    gc.disable()  # until all is imported: a tenth of that


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Have each worker import another share of the files first: all compile each at once where nothing is compiled yet.

    That takes 6 s of CPU, and what one has compiled the others read. A file that cannot be imported is collected in
    vain, and reported then.
    """
    workers, name = (os.environ.get(f"PYTEST_XDIST_WORKER{what}", "") for what in ("_COUNT", ""))
    folder = Path(__file__).parent
    if not name or [Path(argument).resolve() for argument in session.config.args] != [folder]:
        return
    files = sorted(folder.rglob("test_*.py"))
    for path in files[int(name.removeprefix("gw")) :: int(workers)]:
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(path.relative_to(folder.parent).with_suffix("").parts))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with long tests at the beginnings of the workers' shares: started last, one would run alone.

    Whole files, for what the tests of one share is made once for each worker that has some of them.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    files = sorted({item.path for item in items if item.get_closest_marker("long")})
    others = [item for item in items if item.path not in files]
    share = len(items) // workers
    first = [[item for item in items if item.path in files[worker::workers]] for worker in range(workers)]
    items.clear()
    for worker, long in enumerate(first):
        rest = max(0, share - len(long)) if worker < workers - 1 else len(others)
        items += long + others[:rest]
        others = others[rest:]


def pytest_collection_finish() -> None:
    """Spare each search for garbage what all tests have imported: 6 s of two minutes."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Fork what tests start their processes from, when all is imported and no test has begun a thread."""
    forks.start()


def pytest_sessionfinish() -> None:
    """Free at the end what commands that ran in this process kept for good: DuckDB complains of its own among it."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()  # for pytest, which collects twice
    forks.stop()


@pytest.fixture(scope="session", autouse=True)
def _unsynced() -> Iterator[None]:
    """Let no test wait for the disk: what survives a power failure none of them can tell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Collect no garbage while text is read that is nested too deep: what is freed there finds no stack to end on."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def sandbox() -> Iterator[RecordingServer]:
    """A sandbox feed on a port of its own."""
    with RecordingServer() as server:
        yield server


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory without any PLANION_ variable; data goes to its folder `data`."""
    for name in [name for name in os.environ if name.startswith("PLANION_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def configured(workplace: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workplace whose configuration is the sandbox's, read from the `sandbox` fixture into the folder `data`."""
    monkeypatch.setenv("PLANION_SANDBOX", "1")
    monkeypatch.setenv("PLANION_DATA", "data")
    monkeypatch.setenv("PLANION_FEED_URL", sandbox.url)
    return workplace


@pytest.fixture(scope="session")
def shared_instance() -> Iterator[dg.DagsterInstance]:
    """A real Dagster instance whose SQLite is in memory: an event costs a fifth of what it does on disk.

    The tests of commands, of `dagster dev`, of kills and of secrets have instances on disk.
    """
    with instance_in_memory() as instance:
        yield instance


@contextlib.contextmanager
def instance_in_memory() -> Iterator[dg.DagsterInstance]:
    """Such an instance, for tests that count what is in it."""
    with dg.DagsterInstance.ephemeral() as instance:
        for storage in (instance.run_storage, instance.event_log_storage):
            _keep_connections(storage)
        _one_thread_at_a_time(instance.event_log_storage)
        _store_few_kinds(instance.event_log_storage)
        yield instance


def _keep_connections(storage: Any) -> None:
    """Let a storage in memory keep its connections: by default it makes five for an event, a third of what it costs."""
    storage._engine = sqlalchemy.create_engine(
        storage._engine.url, poolclass=sqlalchemy.QueuePool, connect_args={"check_same_thread": False}
    )


def _store_few_kinds(events: Any) -> None:
    """Do not store what a run notes of its steps, which no test asks for: a third of its events."""
    store = events.store_event
    steps = ("RESOURCE_INIT_", "STEP_WORKER_", "LOGS_CAPTURED", "STEP_OUTPUT", "HANDLED_OUTPUT", "LOADED_INPUT")

    def store_event(event: dg.EventLogEntry) -> None:
        if not (event.is_dagster_event and str(event.get_dagster_event().event_type_value).startswith(steps)):
            store(event)

    events.store_event = store_event


def _one_thread_at_a_time(events: Any) -> None:
    """Lock what older releases of Dagster do not: SQLite in memory refuses a thread while another one writes."""
    lock: Any = getattr(events, "_db_lock", None) or threading.Lock()

    @contextlib.contextmanager
    def locked() -> Iterator[Any]:
        with lock, events._engine.begin() as connection:
            yield connection

    events._connect = locked


@pytest.fixture
def instance(shared_instance: dg.DagsterInstance) -> Iterator[dg.DagsterInstance]:
    """The instance without any partition registered. Events of earlier tests stay, as they would in real life."""
    yield shared_instance
    name = str(conferences.name)
    for key in shared_instance.get_dynamic_partitions(name):
        shared_instance.delete_dynamic_partition(name, key)


@pytest.fixture
def core_tables() -> Iterator[None]:
    """Jobs that make and report the few tables of `CORE`, for what is not about all of them."""
    with refreshing():
        yield


@pytest.fixture(name="only_tables")
def _only_tables() -> Iterator[None]:
    """Runs that report only the tables, for what is about neither verdicts nor overviews."""
    with only_tables():
        yield


def write_config(folder: Path, text: str) -> Path:
    """Write planion.yaml into a folder."""
    path = folder / "planion.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path
