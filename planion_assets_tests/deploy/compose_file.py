"""compose.yaml as the tests see it: a service has arguments, an environment, secrets, volumes, a health check.

Belongs here: reading the file and filling in its variables. Does not belong here: running a service (containers.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?:(:?)-([^}]*))?\})")


@dataclass(frozen=True)
class Service:
    """A service of the file; paths of the machine are absolute."""

    name: str
    image: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    secrets: Mapping[str, Path]
    files: Mapping[str, Path]  # folders and files of the machine, by their place in the container
    volumes: Mapping[str, str]  # names of volumes, by their place in the container
    networks: frozenset[str]
    ports: tuple[str, ...]
    health: tuple[str, ...]
    waits_for: Mapping[str, str]
    settings: Mapping[str, Any]


def filled_in(value: Any, variables: Mapping[str, str]) -> Any:
    """What YAML has read, with `${NAME}`, `${NAME-default}` and `${NAME:-default}` replaced in it; `$$` is a dollar."""

    def of(match: re.Match[str]) -> str:
        name, also_blank, default = match.groups()
        if name is None:
            return "$"
        given = variables.get(name)
        return default or "" if given is None or (also_blank and not given) else given

    if isinstance(value, dict):
        return {key: filled_in(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [filled_in(one, variables) for one in value]
    return _VARIABLE.sub(of, value) if isinstance(value, str) else value


def document() -> dict[str, Any]:
    """The file as YAML reads it, its variables as they stand."""
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


def services(folder: Path, variables: Mapping[str, str]) -> dict[str, Service]:
    """All services, as compose runs them with the file in `folder` and these variables."""
    read = filled_in(document(), variables)
    secrets = {name: (folder / secret["file"]).resolve() for name, secret in read["secrets"].items()}
    return {name: _service(name, entry, folder, secrets) for name, entry in read["services"].items()}


def _service(name: str, entry: Mapping[str, Any], folder: Path, secrets: Mapping[str, Path]) -> Service:
    mounts = [mount.split(":") for mount in entry.get("volumes", ())]
    kind, *health = entry.get("healthcheck", {}).get("test", ("NONE",))
    assert kind in ("CMD", "NONE")
    return Service(
        name=name,
        image=entry["image"],
        arguments=tuple(entry.get("command", ())),
        environment={key: str(value) for key, value in entry.get("environment", {}).items()},
        secrets={secret: secrets[secret] for secret in entry.get("secrets", ())},
        files={target: (folder / source).resolve() for source, target, *_ in mounts if source.startswith(".")},
        volumes={target: source for source, target, *_ in mounts if not source.startswith(".")},
        networks=frozenset(entry.get("networks", ())),
        ports=tuple(entry.get("ports", ())),
        health=tuple(health),
        waits_for={other: how["condition"] for other, how in entry.get("depends_on", {}).items()},
        settings=entry,
    )
