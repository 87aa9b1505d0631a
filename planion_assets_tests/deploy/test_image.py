"""The image of deploy/Dockerfile, built by its own instructions in folders that debootstrap begins, and started."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from planion_assets_tests.deploy.compose_file import DEPLOY, services
from planion_assets_tests.deploy.containers import Container, may_run
from planion_assets_tests.deploy.dockerfile import Settings
from planion_assets_tests.deploy.image_build import build
from planion_assets_tests.deploy.test_compose import expected, needed, prepared, started

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settings]:
    reason = may_run() or (None if shutil.which("debootstrap") else "on Debian: apt-get install debootstrap")
    if reason:
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return build(tmp_path_factory.mktemp("image"))


def _ran(image: tuple[Path, Settings], *arguments: str, **variables: str) -> tuple[int, str]:
    root, settings = image
    environment = {**settings.environment, **variables}
    done = Container(root, environment, settings.user, settings.folder).run([*settings.entry_point, *arguments])
    return done.returncode, done.stderr + done.stdout


def test_it_runs_as_another_user_than_root_who_can_write_two_folders(image: tuple[Path, Settings]) -> None:
    root, settings = image
    user = int(settings.user.partition(":")[0])
    paths = (path for folder in ("etc", "opt", "usr", "var") for path in (root / folder).rglob("*"))
    status = {f"/{path.relative_to(root)}": path.lstat() for path in paths if not path.is_symlink()}
    writable = {path for path, one in status.items() if one.st_uid == user or one.st_mode & stat.S_IWOTH}
    assert writable - {"/var/tmp"} == {"/var/lib/dagster", "/var/lib/planion"}
    code, said = _ran(image, "sh", "-c", "touch /etc/x /opt/planion/x /var/lib/planion/x; touch /tmp/x && id -u")
    assert (code, said.count("Read-only file system"), said.splitlines()[-1]) == (0, 3, str(user))


def test_it_has_what_runs_and_not_what_builds(image: tuple[Path, Settings]) -> None:
    root, _ = image
    programs = {
        path.name for folder in ("opt/planion/bin", "usr/bin", "usr/local/bin") for path in (root / folder).iterdir()
    }
    assert {"dagster", "dagster-daemon", "dagster-webserver", "planion", "with-secrets"} <= programs
    assert programs & {"uv", "pip", "pip3", "gcc", "git", "hatchling"} == set()
    assert not [name for name in ("src", "build", "dist") if (root / name).exists()]
    code, said = _ran(image, "planion", "--version")
    assert (code, said.split(",")[0]) == (0, "planion")


def test_it_refreshes_the_sandbox_where_only_memory_can_be_written(image: tuple[Path, Settings]) -> None:
    code, said = _ran(
        image, "planion", "refresh", "--sandbox", "TOS|WS2027", PLANION_DATA="/tmp/data", DAGSTER_HOME="/tmp/home"
    )
    assert code == 0, said
    assert "1 read, 0 unchanged, 1 changed (TOS|WS2027), 0 failed" in said


def test_the_services_of_compose_yaml_start_in_it(image: tuple[Path, Settings], tmp_path: Path) -> None:
    needed()
    prepared(tmp_path)
    expected(started(tmp_path, str(image[0])), tmp_path, services(DEPLOY, {}))
