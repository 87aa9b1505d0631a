"""What `data` may be: a folder, or an address in an object store. Errors are ValueError, in words that follow the key.

How a store is reached is in storage_config.py, opening one in `planion_assets.storage`.
"""

import os
import re
from pathlib import Path
from typing import Any

from planion_assets.config.model_base import TEXT

DATA: dict[str, Any] = {**TEXT, "pattern": r"^(?:(?:[Ss]3|[Gg][Ss]|[Aa][Zz])://[^/]+(?:/.*)?|(?!.*://)(?!~).*)$"}
"""The schema of `data`."""
LIKE = "s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
_SCHEMES = ("s3", "gs", "az")
_ALIASES = {
    "s3a": "s3", "s3n": "s3", "gcs": "gs", "azure": "az", "abfs": "az", "abfss": "az", "adl": "az", "wasb": "az",
    "wasbs": "az",
}  # fmt: skip
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)(://|:/?(?!/))(.*)", re.DOTALL)
_SECRET = "not shown, it may be a secret"  # noqa: S105 - the words of a message
_NAME_MAX = 255  # bytes of a file's or folder's name, on nearly every file system
_PATH_MAX = 4096  # bytes of a path on Linux
_KEY_MAX = 1024  # bytes of a key in an object store: S3, Google Cloud Storage and Azure alike
_ROOM_BELOW = 700  # bytes of the longest path below: table, account, conference, change, lock or staged object


def checked_data(data: object) -> Path | str:
    """The path of a folder, which need not exist, or an address without a slash at its end."""
    if isinstance(data, Path):
        return data
    if not isinstance(data, str):
        raise ValueError(f"is not one piece of text; write the path of a folder, or {LIKE}")
    if not data.isprintable() or data != data.strip():
        raise ValueError("holds an unprintable character, or white space at an end; take it out")
    match = _ADDRESS.fullmatch(data)
    if match and is_address(data):
        return _checked_address(match[1].lower(), match[2], match[3])
    if "://" in data:
        raise ValueError(f"holds '://' and is no address; write a folder, or {LIKE}")
    if data.startswith("~"):
        raise ValueError("begins with '~', which only a shell understands; write the path out")
    return Path(data)


def is_address(data: str) -> bool:
    """Whether that is meant as an address, with or without mistakes, and not as the path of a folder."""
    match = _ADDRESS.fullmatch(data)
    return bool(match and (match[2] == "://" or match[1].lower() in (*_SCHEMES, *_ALIASES)))


def _checked_address(scheme: str, separator: str, rest: str) -> str:
    if known := _ALIASES.get(scheme):
        raise ValueError(f"begins with {scheme}:, which is written {known}:// here; write an address like {LIKE}")
    if scheme not in _SCHEMES:
        raise ValueError(f"is an address of no store that is known here; write a folder, or {LIKE}")
    if separator != "://":
        raise ValueError(f"is no address, and no folder; write {scheme}://, with two slashes")
    bucket, _, prefix = rest.partition("/")
    if "@" in bucket:
        raise ValueError(f"holds a user name or password ({_SECRET}); take it out, secrets are in variables")
    if "?" in rest or "#" in rest:
        raise ValueError("holds a query or fragment ('?' or '#'); end it before that")
    if not bucket:
        raise ValueError(f"names no {_container(scheme)}; write an address like {LIKE}")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]", bucket):
        raise ValueError(
            f"names no {_container(scheme)} that there can be: 3 letters in lower case and digits at least, with "
            "hyphens and dots; correct the name"
        )
    prefix = prefix.rstrip("/")
    _check_prefix(prefix)
    return f"{scheme}://{bucket}/{prefix}" if prefix else f"{scheme}://{bucket}"


def _container(scheme: str) -> str:
    return "container" if scheme == "az" else "bucket"


def _check_prefix(prefix: str) -> None:
    """Raise ValueError for a prefix that stores or readers would have to encode, or that is too long."""
    if not re.fullmatch(r"[A-Za-z0-9._=/-]*", prefix):
        raise ValueError(
            "holds a character in its prefix that readers would have to encode; use letters, digits and ._=-"
        )
    if any(part in ("", ".", "..") for part in prefix.split("/")) and prefix:
        raise ValueError("has an empty part, or one of dots alone, in its prefix; take it out")
    if len(prefix) > _KEY_MAX - _ROOM_BELOW:
        raise ValueError(
            f"is too long, with {len(prefix)} bytes of prefix and {_KEY_MAX - _ROOM_BELOW} at most; shorten the prefix"
        )


def folder_problem(path: Path) -> str | None:
    """Why tables could not be stored below an absolute path, in words that follow a key; None when they can."""
    names = [len(os.fsencode(name)) for name in path.parts]
    if max(names) > _NAME_MAX:
        return f"holds a name of {max(names)} bytes, and disks take {_NAME_MAX}; give a folder with shorter names"
    if (length := len(os.fsencode(path))) > _PATH_MAX - _ROOM_BELOW:
        return f"is too long, {length} bytes with {_PATH_MAX - _ROOM_BELOW} at most; give a folder with a shorter path"
    return None
