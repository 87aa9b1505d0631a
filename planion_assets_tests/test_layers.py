"""The walls between the layers hold: imports planted through each of them are found."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PLANTED = {
    "feed": ["refresh.change_log", "cli.main", "config", "tables.model", "storage.store"],
    "tables": ["refresh.change_log", "storage.store", "feed.client", "config"],
    "tables.quality": ["storage.store", "defs.checks.specs"],
    "config": ["refresh.change_log", "storage.store", "feed.client"],
    "freshness": ["refresh.change_log", "refresh.conference", "defs.assets.specs"],
    "storage": ["refresh.conference", "feed.client", "defs.assets.specs", "tables.catalog"],
    "sandbox": ["feed.page", "tables.model", "config"],
    "refresh": ["defs.assets.specs", "verify.run", "freshness.survey"],
    "verify": ["defs.assets.specs", "cli.main"],
    "defs.assets": ["cli.refresh"],
    "defs.automation": ["cli.refresh_report", "definitions"],
}
"""By layer what it must not import, each planted in a module that no list names."""


def test_a_module_of_any_name_cannot_import_through_a_wall_and_a_folder_has_a_place(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "planion_assets"
    shutil.copytree(ROOT / "planion_assets", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "attic").mkdir()
    (package / "attic/__init__.py").touch()
    for layer, forbidden in PLANTED.items():
        code = "".join(f"import planion_assets.{module}\n" for module in forbidden)
        (package.joinpath(*layer.split(".")) / "planted.py").write_text(code)
    # One process for all that is planted: what it takes is to build the graph of imports.
    program = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", program, "--no-cache", "--no-logo"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    for layer, forbidden in PLANTED.items():
        for module in forbidden:
            assert f"planion_assets.{layer}.planted -> planion_assets.{module} " in done.stdout
    assert "planion_assets.attic" in done.stdout


@pytest.mark.parametrize(
    ("place", "modules"),
    [
        ("planion_assets/tables/planted.py", ["dagster", "requests"]),
        ("planion_assets/cli/planted.py", ["dagster", "requests", "urllib3"]),
        ("planion_assets/refresh/planted.py", ["dagster", "requests"]),
        ("planion_assets/attic/planted.py", ["dagster", "requests"]),
    ],
)
def test_only_defs_imports_dagster_and_only_feed_speaks_http(place: str, modules: list[str]) -> None:
    code = '"""Planted."""\n\n' + "".join(f"import {module}\n" for module in modules)
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--output-format", "concise"]
    done = subprocess.run(
        [*command, "--stdin-filename", place, "-"], input=code, capture_output=True, text=True, cwd=ROOT, check=False
    )
    found = [line for line in done.stdout.splitlines() if "TID251" in line]
    assert len(found) == len(modules), done.stdout + done.stderr


def test_nothing_is_imported_from_a_private_module_of_dagster() -> None:
    sources = list((ROOT / "planion_assets").rglob("*.py")) + list((ROOT / "planion_assets_tests").rglob("*.py"))
    private = "dagster" + "._"
    found = [
        str(path)
        for path in sources
        if f"from {private}" in path.read_text() or f"import {private}" in path.read_text()
    ]
    assert found == []
    assert len(sources) > 40
