"""`planion register` makes partitions in a real instance, and nothing else."""

from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets.defs.partitions import conferences
from planion_assets_tests.freshness.stored import configure


def _register(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setenv("DAGSTER_HOME", str(Path(".dagster").absolute()))
    return CliRunner(catch_exceptions=False).invoke(main, ["register", *arguments])


def _partitions() -> list[str]:
    with dg.DagsterInstance.get() as instance:
        return sorted(instance.get_dynamic_partitions(str(conferences.name)))


def test_a_configuration_that_cannot_be_used_is_exit_code_2_and_makes_no_instance(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workplace / "planion.yaml").write_text("accounts: []")
    done = _register(monkeypatch)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "planion.yaml: accounts: lists none; give at least one" in done.stderr
    assert not (workplace / ".dagster").exists()


def test_an_instance_that_cannot_be_used_is_exit_code_2(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(workplace, "C1")
    (workplace / ".dagster").write_text("no folder")
    done = _register(monkeypatch)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"the Dagster instance in {workplace / '.dagster'} cannot be used: ")


def test_a_storage_that_fails_is_a_line_and_exit_code_1(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise OSError("disk I/O error")

    configure(workplace, "C1")
    monkeypatch.setattr(dg.DagsterInstance, "add_dynamic_partitions", failing)
    done = _register(monkeypatch)
    assert (done.exit_code, done.stdout) == (1, "")
    said = f"the partitions could not be made in {workplace / '.dagster'}: disk I/O error"
    assert done.stderr == f"{said}; see `planion explain dagster-storage`\n"


def test_partitions_are_added_once_and_those_not_configured_are_named_and_stay(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(workplace, "C1", "C2")
    first = _register(monkeypatch)
    assert first.exit_code == 0
    assert first.stdout.startswith(
        "added: AAA|C1\nadded: AAA|C2\n2 conferences configured, 2 partitions added, 0 there"
    )
    configure(workplace, "C2", "C3")
    second = _register(monkeypatch)
    assert second.stdout.splitlines()[:2] == [
        "added: AAA|C3",
        "there and not configured: AAA|C1 (its tables and its partition stay; `planion forget` deletes them)",
    ]
    assert _register(monkeypatch).stdout.splitlines()[-1].startswith("2 conferences configured, 0 partitions added, 1 ")
    assert _partitions() == ["AAA|C1", "AAA|C2", "AAA|C3"]
    assert not (workplace / "data").exists()
    with dg.DagsterInstance.get() as instance:
        assert instance.get_runs_count() == 0
