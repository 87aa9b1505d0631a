"""An installed wheel has what a checkout has: away from it, in an environment of its own, without the extras.

That it refreshes is seen in `test_dist.py`.
"""

import json
import re
import subprocess
import sys
import sysconfig
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from trove_classifiers import classifiers

from planion_assets.config.constants import EXAMPLE_FILE
from planion_assets.version import __version__
from planion_assets_tests.wheels import run_away

ROOT = Path(__file__).parent.parent
WITHOUT_EXTRAS = "import sys\nfor name in ('dagster_webserver', 'dagster_graphql', 'rich'): sys.modules[name] = None\n"
LOADED = """
import importlib.metadata, json
from pathlib import Path
import dagster as dg
from click.testing import CliRunner
import planion_assets
from planion_assets.cli.main import main
from planion_assets.definitions import defs
from planion_assets.defs.component import PlanionComponent
from planion_assets.sandbox import Sandbox
assert Sandbox().items("TOS", "WS2027")
dg.Definitions.validate_loadable(defs)
(entry,) = importlib.metadata.entry_points(group="dagster_dg_cli.registry_modules", name="planion_assets")
assert entry.load().PlanionComponent is PlanionComponent
for spec in defs.resolve_all_asset_specs():
    for reference in spec.metadata["dagster/code_references"].code_references:
        assert Path(reference.file_path).is_relative_to(Path(planion_assets.__file__).parent)
commands = (["init", "--example"], ["schema"], ["explain", "lost-planionyaml"])
said = [CliRunner(catch_exceptions=False).invoke(main, command).stdout for command in commands]
print(json.dumps([str(Path(planion_assets.__file__).parent), *said]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The programs of an environment with the wheel. Its dependencies are those of this one, which saves a minute."""
    folder = wheel.parent / "environment"
    uv = [str(Path(sys.executable).with_name("uv")), "--quiet", "--offline"]
    subprocess.run([*uv, "venv", "--python", sys.executable, str(folder)], check=True)
    programs = folder / "bin"
    subprocess.run([*uv, "pip", "install", "--no-deps", "--python", str(programs / "python"), str(wheel)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # Behind its own packages; what is installed editable there is not looked for in this way.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    (packages / "sitecustomize.py").write_text(WITHOUT_EXTRAS)
    return programs


def test_an_installed_wheel_brings_its_files_the_code_location_and_the_component(
    installed: Path, tmp_path: Path
) -> None:
    assert run_away(tmp_path, installed / "planion", "--version").split() == ["planion,", "version", __version__]
    where, example, schema, explained = json.loads(
        run_away(tmp_path, installed / "python", "-W", "ignore", "-c", LOADED)
    )
    assert Path(where).is_relative_to(installed.parent)
    assert example == (ROOT / EXAMPLE_FILE).read_text("utf-8")
    assert schema.startswith("{\n")
    assert "PLANION_CONFIG" in explained


def test_the_page_of_the_wheel_points_at_nothing_that_is_not_there(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        (name,) = [name for name in opened.namelist() if name.endswith("/METADATA")]
        metadata = message_from_string(opened.read(name).decode())
    page = str(metadata.get_payload())
    assert page.startswith("# planion_assets")
    assert "![" not in page
    assert [link for link in re.findall(r"\]\(([^)]*)\)", page) if not link.startswith("https://")] == []
    assert set(metadata.get_all("Classifier", ())) <= classifiers
    assert set(metadata.get_all("Provides-Extra", ())) == {"cli", "object-store", "ui"}
