"""What is wrong with an instance's dagster.yaml that Dagster does not say: read as a file, without Dagster."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

VARIABLE = "DAGSTER_HOME"
DEFAULT_FOLDER = ".dagster"
SETTINGS_FILE = "dagster.yaml"
SCHEME = "postgresql+psycopg2"
"""The driver that dagster-postgres brings, as SQLAlchemy names it in an address."""
# Not what names a secret: `postgres_password_secret`, `password_env`.
_SECRET = re.compile(
    r"(passw(or)?d|pwd|token|secret_key|secret_access_key|client_secret|api_key|account_key|private_key)$|^planion_token_",
    re.IGNORECASE,
)
_PASSWORD_IN_URL = re.compile(r"^[a-z0-9+.-]+://([^/@\s]*:[^/@\s]+@|\S*[?&](ssl)?password=[^&\s])", re.IGNORECASE)
_BARE = re.compile(r"^postgres(ql)?://", re.IGNORECASE)
_ASSIGNED = re.compile(r"^(\w+)=(.+)$", re.DOTALL)
_CLEAR_TEXT = (
    "holds a password or token in clear text, and a launcher may hand it on: K8sRunLauncher writes it into the "
    "arguments of each Job; write `{env: NAME}` in its place, or name a secret of the launcher's"
)


def problems() -> list[str]:
    """A line for each thing to change in the instance's dagster.yaml; none where the file cannot be read."""
    try:
        path = Path(os.environ.get(VARIABLE) or DEFAULT_FOLDER).expanduser() / SETTINGS_FILE
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [f"{path}: {problem}" for problem in _problems(content, "", "")]
    except (OSError, RuntimeError, ValueError, yaml.YAMLError):  # opening the instance says it
        return []


def _problems(value: Any, name: str, place: str) -> Iterator[str]:
    """The problems of a value that stands at that place under that name."""
    if isinstance(value, Mapping):
        if name == "postgres_db" and value.get("scheme", "postgresql") in ("postgresql", "postgres"):
            yield (
                f"{place} needs `scheme: {SCHEME}`: SQLAlchemy 2.1 asks for another driver than the one that "
                "dagster-postgres brings"
            )
        for key, inner in value.items():
            # Kubernetes has variables as a list of `name` and `value`.
            called = value.get("name", key) if key == "value" else key
            yield from _problems(inner, str(called), f"{place}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _problems(inner, name, f"{place}[{number}]")
    elif isinstance(value, str | int) and not isinstance(value, bool):
        if _is_secret(name, str(value)):
            yield f"{place} {_CLEAR_TEXT}"
        if name == "postgres_url" and _BARE.match(str(value)):
            yield f"{place} has to begin with `{SCHEME}://`, for SQLAlchemy 2.1 and the driver of dagster-postgres"


def _is_secret(name: str, text: str) -> bool:
    """Whether a text is a secret: by the name that it has, as an address with one, or as NAME=VALUE of either kind."""
    if _SECRET.search(name):
        return bool(text)
    assigned = _ASSIGNED.match(text)
    return _is_secret(assigned[1], assigned[2]) if assigned else bool(_PASSWORD_IN_URL.match(text))
