"""Where Spark cannot run, its tests say why, by name, and nothing fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from planion_assets_tests.readers.java import OLDEST, java_problem

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the whole PATH, on a machine without JAVA_HOME."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def _install(folder: Path, version: str, code: int = 0) -> None:
    java = folder / "java"
    java.write_text(f"#!/bin/sh\necho '{version}' >&2\nexit {code}\n")
    java.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "code", "reason"),
    [
        ('java version "1.8.0_292"', 0, f"is Java 8; Spark needs Java {OLDEST} or newer"),
        ('openjdk version "11.0.2" 2019-01-15', 0, f"is Java 11; Spark needs Java {OLDEST} or newer"),
        ("Unable to locate a Java Runtime.", 1, "does not say its version"),
        ("Unable to locate a Java Runtime.", 0, "does not say its version"),
    ],
)
def test_a_java_that_spark_cannot_use_is_named(bin_folder: Path, version: str, code: int, reason: str) -> None:
    _install(bin_folder, version, code)
    problem = java_problem()
    assert problem is not None
    assert f"{bin_folder}/java" in problem
    assert reason in problem


@pytest.mark.parametrize("version", ['openjdk version "17.0.15" 2025-04-15', 'openjdk version "21" 2023-09-19'])
def test_java_is_found_with_and_without_java_home(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    _install(bin_folder, version)
    assert java_problem() is None
    monkeypatch.setenv("PATH", "")
    assert java_problem() == f"there is no Java on the PATH; install Java {OLDEST} or newer"
    monkeypatch.setenv("JAVA_HOME", str(bin_folder.parent))
    assert java_problem() is None
    monkeypatch.setenv("JAVA_HOME", str(bin_folder))
    assert java_problem() == f"there is no Java in JAVA_HOME; install Java {OLDEST} or newer"


@pytest.mark.spark
def test_without_java_the_tests_of_spark_are_skipped_by_name_and_nothing_fails(bin_folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-m", "spark", "-rs", "--no-fold-skipped", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "planion_assets_tests/readers/test_spark.py"],
        capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "PATH": str(bin_folder)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    skipped = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert len(skipped) == 3
    assert all("test_spark.py::test_" in line and "there is no Java on the PATH" in line for line in skipped)
    assert "passed" not in done.stdout
