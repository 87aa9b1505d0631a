"""This machine in the place of the images that compose.yaml names: its files, and what their entry points would do.

Belongs here: root folder, environment and command of each service. Does not belong here: when what is started.
"""

import os
import pwd
import subprocess
import sys
from pathlib import Path

from planion_assets_tests.deploy.compose_file import Service
from planion_assets_tests.deploy.containers import Container
from planion_assets_tests.deploy.dockerfile import DOCKERFILE, Settings, settings_of, stages
from planion_assets_tests.deploy.image_build import carry_out
from planion_assets_tests.postgres import programs

CHECKOUT = DOCKERFILE.parents[1]
_ENVIRONMENT = Path(sys.prefix)
# What the entry point of the image postgres does before it starts the server.
_POSTGRES = """umask 077
initdb -D "$PGDATA" -U "$POSTGRES_USER" -A scram-sha-256 --pwfile="$POSTGRES_PASSWORD_FILE" -N -E UTF8 --locale=C >&2
echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
echo "CREATE DATABASE \\"$POSTGRES_DB\\"" | postgres --single -D "$PGDATA" template1 >&2
exec postgres -D "$PGDATA" -F -c listen_addresses='*' -c unix_socket_directories=/tmp"""


class Machine:
    """Containers for the services of the file.

    `image` is the root folder of the project's image; without it the machine's files and `sys.prefix` are in its place.
    """

    def __init__(self, folder: Path, image: Path | None) -> None:
        self._folder = folder
        self._here = _overlay(folder / "here")
        self._image = image or self._here
        stage = stages(DOCKERFILE.read_text(encoding="utf-8"))[-1]
        self._settings = settings_of(stage.instructions)
        if image is None:
            for place, instruction in enumerate(stage.instructions):
                # What the build made of the locks is the environment of this process.
                if instruction.flag("from") is None:
                    carry_out(instruction, settings_of(stage.instructions[:place]), self._here)

    def container(self, service: Service) -> Container:
        """What the service sees: the image, its own files, secrets and volumes."""
        settings, root = self._settings_of(service)
        mounts = {"/etc/hosts": self._folder / "hosts", **service.files}
        if root == self._here:
            mounts |= {str(CHECKOUT): CHECKOUT, "/opt/planion": _ENVIRONMENT}
        mounts |= {f"/run/secrets/{name}": file for name, file in service.secrets.items()}
        mounts |= {place: self._volume(volume, root, place, settings) for place, volume in service.volumes.items()}
        return Container(
            root,
            {**settings.environment, **service.environment},
            settings.user,
            settings.folder,
            mounts,
            rights=service.settings.get("cap_add", ()),
        )

    def arguments(self, service: Service) -> tuple[str, ...]:
        """The command of the service behind the entry point of its image."""
        if service.image.startswith("postgres:"):
            return ("/bin/sh", "-euc", _POSTGRES)
        settings, _ = self._settings_of(service)
        return (*settings.entry_point, *(service.arguments or settings.arguments))

    def _settings_of(self, service: Service) -> tuple[Settings, Path]:
        match service.image.partition(":")[0]:
            case "postgres":
                entry = pwd.getpwnam("postgres")
                path = {"PATH": f"{programs()}:{os.defpath}", "PGDATA": "/var/lib/postgresql/data"}
                return Settings(path, f"{entry.pw_uid}:{entry.pw_gid}"), self._here
            case "caddy":
                path = {"PATH": f"{_ENVIRONMENT}/bin:{os.defpath}"}
                return Settings({**path, "XDG_CONFIG_HOME": "/config", "XDG_DATA_HOME": "/data"}), self._here
        return self._settings, self._image

    def _volume(self, name: str, root: Path, place: str, settings: Settings) -> Path:
        """A volume is made with the owner of what the image has at its place, or that of the service."""
        volume = self._folder / "volumes" / name
        if not volume.exists():
            volume.mkdir(parents=True)
            user, _, group = settings.user.partition(":")
            in_image = root / place.lstrip("/")
            if in_image.exists():
                user, group = (str(number) for number in (in_image.stat().st_uid, in_image.stat().st_gid))
            os.chown(volume, int(user), int(group))
        return volume


def _overlay(folder: Path) -> Path:
    """A root folder that is this machine's, of which nothing that is written reaches the machine."""
    folder.mkdir()
    # In memory: a layer cannot lie below another, and / is one.
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], check=True)
    upper, work, root = (folder / name for name in ("upper", "work", "root"))
    for place in (upper, work, root):
        place.mkdir()
    options = f"lowerdir=/,upperdir={upper},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, str(root)], check=True)
    # The environment and its Python may lie where only the superuser enters.
    for program in (_ENVIRONMENT, Path(sys.executable).resolve(), CHECKOUT):
        for parent in program.parents[:-1]:
            place = root / str(parent).lstrip("/")
            place.chmod(place.stat().st_mode | 0o555)
    return root
