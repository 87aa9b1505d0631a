"""The units of deploy/systemd: systemd's own tools on them, and that what they start is there."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from planion_assets_tests.deploy.compose_file import DEPLOY
from planion_assets_tests.deploy.containers import may_run

SYSTEMD = DEPLOY / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
COMMON = SYSTEMD / "planion-.service.d" / "common.conf"
CHECKOUT = DEPLOY.parent
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


def _settings(*files: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names in their case
    parser.read(files, encoding="utf-8")
    return dict(parser["Service"])


@needs_systemd
@pytest.mark.skipif(may_run() is not None, reason="the checkout is mounted where the units look for it")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    shutil.copytree(SYSTEMD, tmp_path / "units")
    place = "/opt/planion/.venv"
    script = f"""mount --bind {sys.prefix} {tmp_path}/mounted
mount -t tmpfs tmpfs /opt
mkdir -p {place}
mount --bind {tmp_path}/mounted {place}
exec systemd-analyze verify --man=no {tmp_path}/units/{unit.name}"""
    (tmp_path / "mounted").mkdir()
    command = ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-euc", script]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_calls_it_well_protected(unit: Path) -> None:
    # Of 10; a unit without protection has 9.6.
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(unit)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-400:]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_starts_programs_of_the_environment_over_the_workspace_of_the_checkout(unit: Path) -> None:
    settings = _settings(COMMON, unit)
    for key in ("ExecStart", "ExecStartPre"):
        program = settings[key].split()[0]
        assert program.startswith("/opt/planion/.venv/bin/")
        assert (Path(sys.prefix) / "bin" / Path(program).name).exists()
    *_, option, workspace = settings["ExecStart"].split()
    assert (option, workspace) == ("--workspace", "/opt/planion/workspace.yaml")
    assert (CHECKOUT / "workspace.yaml").exists()


def test_both_are_another_user_s_and_write_in_one_folder() -> None:
    settings = _settings(COMMON)
    assert (settings["User"], settings["StateDirectory"], settings["ProtectSystem"]) == ("planion", "planion", "strict")
    assert "ReadWritePaths" not in settings
    text = COMMON.read_text(encoding="utf-8")
    for variable in ("PLANION_DATA=/var/lib/planion/", "DAGSTER_HOME=/var/lib/planion/"):
        assert f"Environment={variable}" in text


def test_only_the_daemon_has_the_tokens_and_the_ui_is_this_machine_s() -> None:
    with_tokens = [unit.stem for unit in UNITS if "EnvironmentFile" in unit.read_text(encoding="utf-8")]
    assert with_tokens == ["planion-daemon"]
    assert "--host 127.0.0.1" in _settings(SYSTEMD / "planion-webserver.service")["ExecStart"]
    assert os.fspath(COMMON.parent.name) == "planion-.service.d"  # systemd adds it to every planion-*.service
