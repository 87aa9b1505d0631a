"""The entry point of the image: files become variables, and whatever else lies there does not."""

import os
import subprocess
from pathlib import Path

import pytest

from planion_assets_tests.deploy.compose_file import DEPLOY

PROGRAM = str(DEPLOY / "with-secrets")


def _run(folder: Path, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.defpath, "CREDENTIALS_DIRECTORY": str(folder), **variables}
    return subprocess.run([PROGRAM, *command], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("sandbox-token\n", "sandbox-token"),
        ("no line end", "no line end"),
        ("two\nlines\n\n", "two\nlines"),
        ("quote ' and \" and $HOME and `id` and \\n", "quote ' and \" and $HOME and `id` and \\n"),
        ("  blanks around  ", "  blanks around  "),
        ("a=b=c", "a=b=c"),
        ("-n", "-n"),
        ("*", "*"),
        ("", ""),
        ("é and 😀", "é and 😀"),
    ],
)
def test_a_file_becomes_the_variable_of_its_name(tmp_path: Path, content: str, value: str) -> None:
    (tmp_path / "PLANION_TOKEN_AAA").write_text(content, encoding="utf-8")
    assert _run(tmp_path, "sh", "-c", 'printf %s "$PLANION_TOKEN_AAA"').stdout == value


def test_a_file_goes_before_a_variable_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "PLANION_TOKEN_AAA").write_text("of the file")
    done = _run(tmp_path, "sh", "-c", 'printf %s "$PLANION_TOKEN_AAA"', PLANION_TOKEN_AAA="of the environment")
    assert done.stdout == "of the file"


def test_what_is_no_variable_s_name_and_no_file_is_left_alone(tmp_path: Path) -> None:
    for name in ("tls.crt", "a-b", "1A", ".hidden", "with space", "é"):
        (tmp_path / name).write_text("secret")
    (tmp_path / "FOLDER").mkdir()
    (tmp_path / "DANGLING").symlink_to("nothing")
    (tmp_path / "..data").mkdir()
    done = _run(tmp_path, "env")
    assert (done.returncode, done.stderr) == (0, "")
    assert "secret" not in done.stdout
    assert {line.split("=")[0] for line in done.stdout.splitlines()} <= {"PATH", "CREDENTIALS_DIRECTORY", "PWD", "_"}


@pytest.mark.parametrize("folder", ["nothing", "empty"])
def test_without_secrets_the_command_runs_as_it_is(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    done = _run(tmp_path / folder, "sh", "-c", 'echo "$@"; exit 7', "sh", "an argument", "*")
    assert (done.returncode, done.stdout, done.stderr) == (7, "an argument *\n", "")


def test_a_link_to_a_file_as_kubernetes_mounts_secrets_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "PLANION_TOKEN_AAA").write_text("token")
    (tmp_path / "PLANION_TOKEN_AAA").symlink_to("..data/PLANION_TOKEN_AAA")
    assert _run(tmp_path, "sh", "-c", 'printf %s "$PLANION_TOKEN_AAA"').stdout == "token"


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed, who may not read the file")
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    file = tmp_path / "PLANION_TOKEN_AAA"
    file.write_text("token")
    file.chmod(0o600)
    # Through a descriptor: the user may not enter the folders above.
    opened = os.open(tmp_path, os.O_RDONLY)
    environment = {"PATH": os.defpath, "CREDENTIALS_DIRECTORY": f"/proc/self/fd/{opened}"}
    command = ["/bin/sh", "-c", Path(PROGRAM).read_text(encoding="utf-8"), "with-secrets", "true"]
    done = subprocess.run(
        command, env=environment, user=10001, pass_fds=[opened], capture_output=True, text=True, check=False
    )
    os.close(opened)
    assert done.returncode == 78
    assert done.stderr.count("\n") == 1
    assert "cannot be read by user 10001" in done.stderr
