"""The wheel holds what messages and commands name: the example of the settings, away from any checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from planion_assets.config import EXAMPLE_FILE

ROOT = Path(__file__).parent.parent


def test_an_installed_wheel_prints_the_example_and_the_schema(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    for arguments, shown in ((["init", "--example"], (ROOT / EXAMPLE_FILE).read_text("utf-8")), (["schema"], "{\n")):
        command = [sys.executable, "-m", "planion_assets", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(shown)
    where = [sys.executable, "-c", "import planion_assets; print(planion_assets.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    assert Path(found.strip()).is_relative_to(installed)
