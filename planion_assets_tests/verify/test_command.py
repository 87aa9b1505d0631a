"""`planion verify` as a person runs it: what it prints, its exit codes, and one command that mends whatever is lost."""

import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets.sandbox import TOKENS
from planion_assets.storage import locks
from planion_assets.storage.last_read import last_verified
from planion_assets_tests.forks import fork, planion
from planion_assets_tests.instances import copy_instance
from planion_assets_tests.verify import damage
from planion_assets_tests.verify.stored import KEYS, Folder

FIRST, MESS = KEYS


@pytest.fixture
def here(folder: Folder, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The folder as the current directory, with the token and a Dagster instance of its own."""
    monkeypatch.chdir(folder.path)
    monkeypatch.setenv("PLANION_TOKEN_AAA", TOKENS["AAA"])
    monkeypatch.setenv("DAGSTER_HOME", str(folder.path / ".dagster"))
    copy_instance(folder.path / ".dagster")
    return folder


def _verify(*arguments: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(main, ["verify", *arguments])


def test_a_mistake_is_a_line_and_exit_code_2(here: Folder) -> None:
    for arguments, said in ((["AAA"], "is not a partition key"), (["AAA|NONE"], "neither configured nor stored: AAA|")):
        done = _verify(*arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert said in done.stderr


def test_one_command_mends_a_raw_table_and_what_was_made_from_it(here: Folder) -> None:
    for name in ("raw_sessions", "sessions"):
        damage.flip_in_values(damage.Harm(here, damage.luck(1), here.store.path(name, MESS)))
    done = _verify(str(MESS))
    assert done.exit_code == 1
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == [
        "data/raw_sessions/AAA/MESS.parquet",
        "data/sessions/AAA/MESS.parquet",
    ]
    assert done.stdout.startswith("1 conferences and ")
    assert ", 2 damaged; " in done.stdout
    assert last_verified(here.store.files) is None, "not all were verified"
    done = _verify("--repair")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "what only the feed has is lost of 1 conferences and set aside: reading the feed\n" in done.stdout
    assert "mended: data/raw_sessions/AAA/MESS.parquet: damaged: it is not a readable Parquet file" in done.stdout
    assert ", 0 damaged, 2 mended; " in done.stdout.splitlines()[-1]
    assert last_verified(here.store.files) is not None


def test_without_the_feed_what_is_lost_stays_told(here: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANION_TOKEN_AAA")
    here.store.path("raw_sessions", MESS).write_bytes(b"nothing")
    done = _verify("--repair", str(MESS))
    assert done.exit_code == 1
    assert "the environment variable PLANION_TOKEN_AAA is not set" in done.stderr
    assert "data/raw_sessions/AAA/MESS.parquet: missing: it is not there" in done.stderr
    assert (here.store.root / ".damaged/raw_sessions/AAA/MESS.parquet").read_bytes() == b"nothing"


def test_a_verification_that_is_stopped_claims_nothing_of_what_it_has_not_looked_at(here: Folder) -> None:
    damage.flip_in_values(damage.Harm(here, damage.luck(1), here.store.path("sessions", FIRST)))
    lock = here.store.root / f".locks/refresh/{MESS.account}/{MESS.conference}.lock"
    ours, theirs = os.pipe()
    with locks.acquire(lock, 0), fork(planion, "verify", str(FIRST), str(MESS), streams={2: theirs}) as process:
        os.close(theirs)
        with os.fdopen(ours) as errors:
            assert errors.readline().startswith("data/sessions/")
            process.kill(signal.SIGTERM)
            said = errors.read()
        assert process.wait() == 143
    assert said == (
        "stopped by SIGTERM: not everything was verified, and no file is mended by half; run the command again\n"
    )
