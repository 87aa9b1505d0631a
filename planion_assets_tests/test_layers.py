"""The linter holds the walls between the layers: a forbidden import planted in each is found."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FORBIDDEN = {
    "planion_assets/tables/planted.py": ["dagster", "requests", "planion_assets.feed.client", "planion_assets.store"],
    "planion_assets/tables/quality/planted.py": ["dagster", "planion_assets.store", "planion_assets.checks"],
    "planion_assets/feed/planted.py": ["dagster", "planion_assets.tables.model", "planion_assets.config"],
    "planion_assets/sandbox/planted.py": ["dagster", "planion_assets.feed.page", "planion_assets.tables.model"],
    "planion_assets/config/planted.py": ["dagster", "requests", "planion_assets.store"],
    "planion_assets/freshness/planted.py": [
        "dagster",
        "requests",
        "planion_assets.feed.client",
        "planion_assets.assets",
    ],
    "planion_assets/verify/planted.py": ["dagster", "requests", "planion_assets.refresh", "planion_assets.assets"],
    "planion_assets/reads.py": ["dagster", "requests"],
    "planion_assets/store.py": ["dagster", "requests"],
    "planion_assets/refresh.py": ["dagster", "requests"],
    "planion_assets/build.py": ["dagster", "requests"],
    "planion_assets/shown.py": ["dagster", "requests"],
    "planion_assets/shrink_guard.py": ["dagster", "requests"],
    "planion_assets/outcomes.py": ["dagster", "requests"],
    "planion_assets/side_by_side.py": ["dagster", "requests"],
    "planion_assets/webhook.py": ["dagster", "requests"],
    "planion_assets/checks/planted.py": ["requests", "dagster._core.events"],
    "planion_assets/assets/planted.py": ["requests", "dagster._core.events"],
    "planion_assets/automation/planted.py": ["requests", "dagster._core.events"],
    "planion_assets/command/planted.py": ["requests", "dagster._core.events"],
}


@pytest.mark.parametrize("place", FORBIDDEN)
def test_an_import_through_a_wall_is_found(place: str) -> None:
    code = '"""Planted."""\n\n' + "".join(f"import {module}\n" for module in FORBIDDEN[place])
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--output-format", "concise"]
    done = subprocess.run(
        [*command, "--stdin-filename", place, "-"], input=code, capture_output=True, text=True, cwd=ROOT, check=False
    )
    found = [line for line in done.stdout.splitlines() if "TID251" in line]
    assert len(found) == len(FORBIDDEN[place]), done.stdout + done.stderr


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
