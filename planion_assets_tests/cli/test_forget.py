"""`planion forget`: what it lists, asks and refuses, and that nothing of a conference is left in Dagster either."""

import re
import shlex
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets.defs.build_definitions import build_definitions
from planion_assets.defs.partitions import conferences
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.publish import LOCATIONS
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import WRITER
from planion_assets.tables.catalog import OVERVIEWS
from planion_assets_tests.cli.terminal import on_a_terminal
from planion_assets_tests.freshness.stored import configure, store_conference
from planion_assets_tests.instances import copy_instance
from planion_assets_tests.runs import failure, look, run, sensor

GONE, NAME = "AAA|GONE", str(conferences.name)


def _forget(*arguments: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(main, ["forget", *arguments])


@pytest.fixture
def removed(workplace: Path) -> Path:
    """A workplace with `AAA|KEPT` in planion.yaml, and `AAA|GONE` only in the data folder."""
    configure(workplace, "KEPT")
    for name in ("KEPT", "GONE"):
        store_conference(LocalStore(workplace / "data"), name, [{}, {}])
    return workplace


@pytest.fixture
def home(removed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an instance that has a partition of both."""
    monkeypatch.setenv("DAGSTER_HOME", str(removed / ".dagster"))
    copy_instance(removed / ".dagster")
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions(NAME, ["AAA|KEPT", GONE])
    return removed / ".dagster"


def _partitions(name: str = NAME) -> list[str]:
    with dg.DagsterInstance.get() as instance:
        return sorted(instance.get_dynamic_partitions(name))


def test_it_lists_deletes_and_leaves_nothing(removed: Path, home: Path) -> None:
    store, key = LocalStore(removed / "data"), ConferenceKey.parse(GONE)
    store.write("programme", key, store.read("sessions", key))
    done = _forget(GONE, "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    assert [re.sub(r"[\d.]+ KiB", "n KiB", line) for line in done.stdout.splitlines()] == [
        "AAA|GONE:",
        "  kept: programme: 1 file, 2 rows, n KiB (of another asset; --all deletes it)",
        "  session_speakers: 1 file, 0 rows, n KiB",
        "  sessions: 1 file, 2 rows, n KiB",
        f"  its partition in Dagster ({home})",
        "AAA|GONE  2 files deleted, its partition deleted",
    ]
    assert [str(key) for key in store.keys("sessions")] == ["AAA|KEPT"]
    assert _partitions() == ["AAA|KEPT"]
    for overview in OVERVIEWS:
        assert "GONE" not in store.read(overview.location, None)["conference"].to_pylist()
    assert "programme: 1 file" in _forget(GONE, "--yes", "--all").stdout
    again = _forget(GONE, "--yes")
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr.startswith(f"nothing is stored of AAA|GONE in {removed / 'data'}, and Dagster has no partition")


def test_the_sensor_and_register_do_not_bring_the_partition_back(removed: Path, home: Path) -> None:
    assert _forget(GONE, "--yes").exit_code == 0
    with dg.DagsterInstance.get() as instance:
        definition = sensor("configured_conferences")
        with dg.build_sensor_context(instance=instance, resources={"planion": PlanionResource()}) as context:
            assert isinstance(look(definition, context), dg.SkipReason)
    assert CliRunner().invoke(main, ["register"]).exit_code == 0
    assert _partitions() == ["AAA|KEPT"]


def test_without_an_instance_files_alone_go_and_none_is_made(removed: Path) -> None:
    done = _forget(GONE, "--yes")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "AAA|GONE  2 files deleted, no partition in Dagster")
    assert not (removed / ".dagster").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["AAA|KEPT"], r"AAA\|KEPT is configured in planion\.yaml, and the next refresh would bring it back: take it"),
        ([GONE, "AAA|TYPO"], r"nothing is stored of AAA\|TYPO in "),
        ([GONE, "TYPO"], r"'TYPO' is not a partition key: "),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_deleted(
    removed: Path, home: Path, arguments: list[str], reason: str
) -> None:
    done = _forget(*arguments, "--yes")
    assert (done.exit_code, done.stdout) == (2, "")
    assert re.match(reason, done.stderr)
    assert len(LocalStore(removed / "data").keys("sessions")) == 2
    assert len(_partitions()) == 2


def test_a_configured_one_goes_where_that_is_said(removed: Path, home: Path) -> None:
    done = _forget("AAA|KEPT", "--yes", "--configured")
    assert done.exit_code == 0
    assert "it is configured: the next refresh brings it back" in done.stdout
    assert _partitions() == [GONE]


def test_one_that_is_being_refreshed_fails_and_the_others_go(removed: Path, home: Path) -> None:
    store = LocalStore(removed / "data")
    store_conference(store, "GONE2", [{}])
    with store.exclusive(WRITER, ConferenceKey.parse(GONE), LOCATIONS):
        done = _forget(GONE, "AAA|GONE2", "--yes")
    assert done.exit_code == 1
    assert re.match(r"AAA\|GONE  not deleted: AAA\|GONE is being written by process \d+ on ", done.stderr)
    assert [str(key) for key in store.keys("sessions")] == [GONE, "AAA|KEPT"]
    assert _partitions() == [GONE, "AAA|KEPT"]


def test_a_storage_that_fails_is_a_line_and_the_command_completes_it_later(
    removed: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise OSError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(dg.DagsterInstance, "delete_dynamic_partition", failing)
        done = _forget(GONE, "--yes")
    assert (done.exit_code, done.stderr) == (
        1,
        f"AAA|GONE  2 files deleted, and its partition in {home} was not: disk I/O error; run the command again; "
        "see `planion explain dagster-storage`\n",
    )
    with monkeypatch.context() as patched:
        patched.setattr(dg.DagsterInstance, "get_dynamic_partitions", failing)
        done = _forget(GONE, "--yes")
    assert (done.exit_code, done.stderr) == (
        2,
        f"the partitions in {home} cannot be read: disk I/O error; see `planion explain dagster-instance`\n",
    )
    assert _forget(GONE, "--yes").stdout.splitlines()[-1] == "AAA|GONE  0 files deleted, its partition deleted"
    assert _partitions() == ["AAA|KEPT"]


def test_a_disk_that_refuses_is_a_line(removed: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(path: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refusing)
        done = _forget(GONE, "--yes")
    assert done.exit_code == 1
    assert re.fullmatch(
        r"AAA\|GONE  not deleted: the disk refused .*, then run the command again; see `planion explain \S+`\n",
        done.stderr,
    )
    assert len(_partitions()) == 2


def test_it_asks_on_a_terminal_and_not_without_one(removed: Path) -> None:
    done = _forget(GONE)
    assert (done.exit_code, done.stderr) == (
        2,
        "nothing was deleted: there is no terminal to ask on; say --yes; see `planion explain arguments`\n",
    )
    code, output = on_a_terminal("forget", GONE, typed="n\n")
    assert code == 1
    assert "Delete this? [y/N]: n" in output
    assert "nothing was deleted" in output
    assert len(LocalStore(removed / "data").keys("sessions")) == 2
    assert on_a_terminal("forget", GONE, typed="y\n")[0] == 0
    assert len(LocalStore(removed / "data").keys("sessions")) == 1


TYPED = ("AAA|TYPO", "BBB|AM2026", "no conference", "-x|y", "it's|'odd'", "$(date)|`x`")


def test_a_partition_typed_in_the_ui_goes_by_the_command_that_its_failure_names(home: Path) -> None:
    raw = dg.AssetKey("raw_sessions")
    with dg.DagsterInstance.get() as instance:
        result = run(instance, TYPED)
        statuses = instance.get_status_by_partition(raw, TYPED, conferences) or {}
        assert {status and status.value for status in statuses.values()} == {"FAILED"}
    description, reasons = failure(result)
    assert reasons[TYPED[0]] in description
    commands = [_named(reasons[typed]) for typed in TYPED]
    assert commands == [["forget", *(["--"] if typed.startswith("-") else []), typed] for typed in TYPED]
    left = {GONE, "AAA|KEPT", *TYPED}
    for command, *rest in commands[-3:]:
        done = CliRunner(catch_exceptions=False).invoke(main, [command, "--yes", *rest])
        assert (done.exit_code, done.stderr) == (0, "")
        left.remove(rest[-1])
        assert _partitions() == sorted(left)
    with dg.DagsterInstance.get() as instance:
        assert not set(TYPED) & instance.get_materialized_partitions(raw)


def _named(reason: str) -> list[str]:
    """The words of the command that a failure names, as a shell takes them, without the program."""
    found = re.search(r"; or delete the partition, with what is stored of it: `(planion forget .*)`$", reason)
    assert found, reason
    return shlex.split(found[1])[1:]


def test_in_a_project_with_a_prefix_the_command_names_its_partitions(home: Path) -> None:
    theirs = build_definitions(key_prefix="events")
    name = "events_conferences"
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions(name, ["AAA|TYPO"])
        job = theirs.resolve_job_def("events_refresh")
        result = job.execute_in_process(instance=instance, partition_key="AAA|TYPO", raise_on_error=False)
    words = _named(failure(result)[1]["AAA|TYPO"])
    assert words == ["forget", "--partitions", name, "AAA|TYPO"]
    assert CliRunner().invoke(main, [*words, "--yes"]).exit_code == 0
    assert (_partitions(name), _partitions()) == ([], [GONE, "AAA|KEPT"])


def test_a_removed_one_that_is_derived_again_needs_no_configuration(home: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        _, reasons = failure(run(instance, [GONE], select=["sessions"]))
    assert "materialize it first" in reasons[GONE]
    assert "planion forget" not in reasons[GONE]
