"""deploy/Dockerfile: what can be said of it without building, and how it is read."""

import fnmatch
import re
from pathlib import Path

import pytest

from planion_assets_tests.deploy.dockerfile import DOCKERFILE, Instruction, Stage, settings_of, stages

CHECKOUT = DOCKERFILE.parents[1]


@pytest.fixture(scope="module")
def read() -> list[Stage]:
    return stages(DOCKERFILE.read_text(encoding="utf-8"))


def _instructions(read: list[Stage], name: str) -> list[Instruction]:
    return [instruction for stage in read for instruction in stage.instructions if instruction.name == name]


def test_stages_instructions_and_flags_are_read() -> None:
    text = """# syntax=docker/dockerfile:1
FROM debian:trixie-slim AS one
# A comment.
RUN --mount=type=cache,target=/root/.cache a \\
    # within
    && b "c d"

ENV A=1 B="2 3" \\
    C=4
FROM one
COPY --from=one --chmod=755 /a /b/
USER 10:11
WORKDIR /w
ENTRYPOINT ["x"]
CMD ["y", "z z"]
"""
    one, image = stages(text)
    assert (one.name, one.base, image.name, image.base) == ("one", "debian:trixie-slim", "", "one")
    run, _ = one.instructions
    assert (run.flag("mount"), run.text.split()) == ("type=cache,target=/root/.cache", ["a", "&&", "b", '"c', 'd"'])
    environment = settings_of(one.instructions).environment
    assert {name: environment[name] for name in "ABC"} == {"A": "1", "B": "2 3", "C": "4"}
    copy = image.instructions[0]
    assert (copy.flag("from"), copy.flag("chmod"), copy.flag("chown"), copy.words) == (
        "one",
        "755",
        None,
        ("/a", "/b/"),
    )
    settings = settings_of(image.instructions)
    assert (settings.user, settings.folder) == ("10:11", "/w")
    assert (settings.entry_point, settings.arguments) == (("x",), ("y", "z z"))


def test_it_ends_as_a_user_by_number_behind_the_entry_point(read: list[Stage]) -> None:
    settings = settings_of(read[-1].instructions)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", settings.user)  # a number: Kubernetes proves from it that it is not root
    assert settings.entry_point == ("with-secrets",)
    names = [instruction.name for instruction in read[-1].instructions]
    assert "RUN" not in names[names.index("USER") :]


def test_packages_come_from_locks_by_their_hashes(read: list[Stage]) -> None:
    installs = [
        command
        for instruction in _instructions(read, "RUN")
        for command in instruction.text.split("&&")
        if "pip install" in command
    ]
    assert len(installs) == 3
    for command in installs:
        assert ("--require-hashes" in command and ".lock" in command) or (
            "--no-deps" in command and "/dist/" in command
        )
    for name in ("bootstrap", "deploy"):
        lock = (CHECKOUT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z].*?(?=^[a-z]|\Z)", lock, re.M | re.S)
        assert pins
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_what_the_image_has_is_what_is_tested() -> None:
    pinned = {
        name: set((CHECKOUT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").split("\n"))
        for name in ("deploy", "dev")
    }
    pins = {name: {line for line in lines if re.match(r"[a-z].*==", line)} for name, lines in pinned.items()}
    assert pins["deploy"] - pins["dev"] == set()
    named = {line.split("==")[0] for line in pins["deploy"]}
    assert {"dagster-webserver", "dagster-postgres", "psycopg2-binary", "dagster-k8s", "obstore", "rich"} <= named


def test_the_build_is_sent_what_it_copies_and_nothing_else(read: list[Stage]) -> None:
    everything, *let_in = (
        line.removeprefix("!")
        for line in DOCKERFILE.with_name("Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    assert everything == "*"
    copied = [
        source.rstrip("/")
        for instruction in _instructions(read, "COPY")
        if instruction.flag("from") is None
        for source in instruction.words[:-1]
    ]
    assert sorted(copied) == sorted(set(let_in) - {"**/__pycache__"})
    assert [source for source in copied if not (CHECKOUT / source).exists()] == []
    assert not [name for name in ("planion.yaml", "data", ".git") if any(fnmatch.fnmatch(name, one) for one in let_in)]


def test_no_secret_is_a_variable_of_the_image(read: list[Stage]) -> None:
    names = [name for stage in read for name in settings_of(stage.instructions).environment]
    assert [name for name in names if re.search("TOKEN|PASSWORD|SECRET|KEY", name)] == []
    assert _instructions(read, "ARG") == []


def test_the_version_that_the_pages_name_is_the_chart_s_and_the_lock_s() -> None:
    lock = (CHECKOUT / "requirements" / "deploy.lock").read_text(encoding="utf-8")
    version = re.search(r"^dagster==(\S+)", lock, re.M)
    assert version
    for page in (Path("deploy/helm-values.yaml"), Path("docs/how-to/deploy.md")):
        named = re.findall(r"--version (\S+)", (CHECKOUT / page).read_text(encoding="utf-8"))
        assert set(named) <= {version[1]}, page
