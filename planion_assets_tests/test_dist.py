"""What `make dist` builds: whole, and enough for an environment that has nothing else."""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from planion_assets.version import __version__
from planion_assets_tests.wheels import run_away

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
WHEEL = DIST / f"planion_assets-{__version__}-py3-none-any.whl"
UV = [str(Path(sys.executable).with_name("uv")), "--quiet", "--system-certs"]

pytestmark = pytest.mark.dist


def test_a_wheel_alone_refreshes_and_serves_the_code_location(tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([*UV, "venv", "--python", sys.executable, str(environment)], check=True)
    python = environment / "bin" / "python"
    locked = ["--constraints", "requirements/run.lock"]
    subprocess.run([*UV, "pip", "install", "--python", str(python), *locked, str(WHEEL)], cwd=ROOT, check=True)
    planion = environment / "bin" / "planion"
    assert run_away(tmp_path, planion, "--version").split() == ["planion,", "version", __version__]
    assert "1 read, 0 unchanged, 1 changed (TOS|WS2027), 0 failed" in run_away(
        tmp_path, planion, "refresh", "--sandbox", "TOS|WS2027"
    )
    rows = "import pandas; print(len(pandas.read_parquet('sandbox-data/sessions/TOS/WS2027.parquet')))"
    assert int(run_away(tmp_path, python, "-c", rows)) > 0
    validate = [str(environment / "bin" / "dagster"), "definitions", "validate", "-m", "planion_assets.definitions"]
    subprocess.run(validate, cwd=tmp_path, check=True, capture_output=True)


def test_the_source_builds_the_same_wheel(tmp_path: Path) -> None:
    (source,) = DIST.glob("*.tar.gz")
    with tarfile.open(source) as opened:
        opened.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=unpacked, check=True, capture_output=True)
    assert _content(tmp_path / WHEEL.name) == _content(WHEEL)


def _content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize("lock", ["run", "deploy"])
def test_the_bill_of_materials_lists_what_is_locked_with_its_digests(lock: str) -> None:
    listed = json.loads((DIST / f"{lock}.cdx.json").read_text("utf-8"))
    pins = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;]+)", (ROOT / f"requirements/{lock}.lock").read_text(), re.M)
    assert {(part["name"], part["version"]) for part in listed["components"]} == set(pins)
    assert all(part["externalReferences"][0]["hashes"] for part in listed["components"])
    assert (listed["metadata"]["component"]["name"], len(pins) > 50) == ("planion-assets", True)
