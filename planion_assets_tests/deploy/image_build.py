"""Carries out the instructions of deploy/Dockerfile in root folders, of which debootstrap makes the first.

    python -m planion_assets_tests.deploy.image_build FOLDER

`debian:trixie-slim` is what debootstrap makes of that suite, less documentation. The mirror is the one that this
machine is set up with, and so are the index, the certificates and the proxy of the programs that fetch packages.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from planion_assets_tests.deploy.containers import Container
from planion_assets_tests.deploy.dockerfile import DOCKERFILE, Instruction, Settings, Stage, settings_of, stages

CONTEXT = DOCKERFILE.parents[1]
_FETCHING = re.compile(r"(PIP|UV)_\w+|SSL_CERT_FILE|(https?|no)_proxy", re.I)
_SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")
_MIRROR = re.compile(r"(?:^URIs:|^deb(?: \[.*\])?)\s+(\S+/debian)/?\s", re.M)


def build(folder: Path) -> tuple[Path, Settings]:
    """The root folder of the image, made in `folder`, and its settings."""
    roots: dict[str, Path] = {}
    root, stage = folder, Stage("", "", ())
    for number, stage in enumerate(stages(DOCKERFILE.read_text(encoding="utf-8"))):
        root = folder / f"{number}-{stage.name or 'image'}"
        if stage.base in roots:
            subprocess.run(["cp", "-a", "--reflink=auto", str(roots[stage.base]), str(root)], check=True)
        else:
            _debootstrap(stage.base, root)
        roots[stage.name] = root
        for place, instruction in enumerate(stage.instructions):
            carry_out(instruction, settings_of(stage.instructions[:place]), root, roots, folder / "cache")
    return root, settings_of(stage.instructions)


def _debootstrap(image: str, root: Path) -> None:
    matched = re.fullmatch(r"debian:(\w+)-slim", image)
    assert matched, image
    command = ["debootstrap", "--variant=minbase", matched[1], str(root), *mirrors()]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def mirrors() -> list[str]:
    """The address of Debian's mirror as this machine's apt is set up; none where debootstrap's own is to be asked."""
    for place in map(Path, _SOURCES):
        if place.exists() and (found := _MIRROR.search(place.read_text(encoding="utf-8"))):
            return [found[1]]
    return []


def carry_out(
    instruction: Instruction,
    settings: Settings,
    root: Path,
    roots: Mapping[str, Path] = MappingProxyType({}),
    cache: Path | None = None,
) -> None:
    """Do what an instruction says, in a root folder; `settings` are those before it."""
    match instruction.name:
        case "RUN":
            _run(instruction, settings, root, cache)
        case "COPY":
            _copy(instruction, settings, root, roots)
        case "WORKDIR":
            (root / instruction.text.lstrip("/")).mkdir(parents=True, exist_ok=True)


def _run(instruction: Instruction, settings: Settings, root: Path, cache: Path | None) -> None:
    mounts = {"/etc/resolv.conf": Path("/etc/resolv.conf").resolve()}
    fetching = {name: value for name, value in os.environ.items() if _FETCHING.fullmatch(name)}
    for name, value in fetching.items():
        if (file := Path(value)).is_file():
            # Certificates: at a place of their own, since a package may bring the same file.
            fetching[name] = f"/run/machine/{name}"
            mounts[fetching[name]] = file.resolve()
    if cache and (mounted := instruction.flag("mount")):
        options = dict(option.split("=", 1) for option in mounted.split(","))
        assert options["type"] == "cache", mounted
        cache.mkdir(exist_ok=True)
        mounts[options["target"]] = cache
    container = Container(
        root,
        {**fetching, **settings.environment},
        settings.user,
        settings.folder,
        mounts,
        (),
        read_only=False,
        rights=("all",),
    )
    done = container.run(["/bin/sh", "-c", instruction.text])
    assert done.returncode == 0, f"RUN {instruction.text}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"


def _copy(instruction: Instruction, settings: Settings, root: Path, roots: Mapping[str, Path]) -> None:
    *sources, target = instruction.words
    stage, mode = instruction.flag("from"), instruction.flag("chmod")
    place = root / os.path.join(settings.folder, target).lstrip("/")  # noqa: PTH118 - an absolute target goes before
    many = target.endswith("/") or len(sources) > 1
    for source in sources:
        what = (roots[stage] if stage else CONTEXT) / source.lstrip("/")
        where = place / what.name if many and not what.is_dir() else place
        where.parent.mkdir(parents=True, exist_ok=True)
        if what.is_dir():
            shutil.copytree(
                what, where, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(what, where)
            where.chmod(int(mode, 8) if mode else 0o644)


if __name__ == "__main__":
    print(build(Path(sys.argv[1]).resolve()))
