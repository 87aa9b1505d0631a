"""Opening the Dagster instance: by several processes at once, where it is broken, and where it cannot be opened."""

import contextlib
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
import yaml

from planion_assets.cli.refresh import refresh_all
from planion_assets.config import load
from planion_assets.defs.instance import DATABASES, InstanceError, main, opened
from planion_assets.defs.instance_settings import SETTINGS_FILE, VARIABLE
from planion_assets.guide import without_see
from planion_assets.keys import ConferenceKey
from planion_assets_tests.forks import fork
from planion_assets_tests.runs import SINGLE

OLDER = "5771160a95ad"
"""The revision that Dagster notes for a database that has tables and no revision, as one has that is being made."""
NOBODY = 65534


def _open_at_once(number: int, folder: Path) -> list[str]:
    """What so many processes say that open the instance in a folder at the same moment: `ok`, or the error."""
    start, go = os.pipe()
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(number)]
        children = [
            stack.enter_context(fork(_open, str(folder), streams={0: start, 1: file.fileno()})) for file in files
        ]
        os.close(start)
        os.close(go)  # they wait for the end of this pipe
        assert [child.wait() for child in children] == [0] * number
        for file in files:
            file.seek(0)
        return [file.read() for file in files]


def _open(folder: str) -> None:
    """Open it, in a child: of root's it becomes the owner of the folder, since nothing is forbidden to root."""
    os.environ[VARIABLE] = folder
    sys.stdin.read()
    if os.geteuid() == 0 and Path(folder).exists():
        os.setuid(Path(folder).stat().st_uid)
    try:
        with opened() as instance:
            instance.get_run_records(limit=1)
            instance.get_asset_keys()
            instance.all_instigator_state()
        print("ok", end="")
    except InstanceError as error:
        print(error, end="")


@pytest.fixture
def home(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = workplace / "home"
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


@pytest.fixture(scope="module")
def instance_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an instance, for copies."""
    folder = tmp_path_factory.mktemp("instance") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        with opened():
            pass
    return folder


def _revisions(home: Path) -> list[set[str]]:
    """The revisions that are noted in each of the databases."""
    found = []
    for name in DATABASES:
        with contextlib.closing(sqlite3.connect(home / name)) as connection:
            found.append({row[0] for row in connection.execute("SELECT version_num FROM alembic_version")})
    return found


def _execute(database: Path, statement: str, *values: str) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement, values)


def _check_at_once(folder: Path, rounds: int, numbers: tuple[int, ...]) -> None:
    for turn in range(rounds):
        for number in numbers:
            home = folder / f"{turn}-{number}"
            if turn % 2:
                home.mkdir()  # there and empty
            assert _open_at_once(number, home) == ["ok"] * number
            assert [len(revisions) for revisions in _revisions(home)] == [1, 1, 1]
            assert _open_at_once(1, home) == ["ok"]


def test_an_instance_that_three_processes_make_at_once_is_whole(tmp_path: Path) -> None:
    _check_at_once(tmp_path, 1, (3,))
    # The same processes say what is wrong with a folder that its owner may not write to, nobody but root being asked.
    shut = tmp_path / "shut"
    shut.mkdir()
    if os.geteuid() == 0:
        tmp_path.chmod(0o755)
        os.chown(shut, NOBODY, NOBODY)
    shut.chmod(0o500)
    (said,) = _open_at_once(1, shut)
    assert "Permission denied" in said
    assert said.startswith(f"the Dagster instance in {shut} cannot be used: ")
    assert without_see(said).endswith("set DAGSTER_HOME to a folder that this user can write to")


@pytest.mark.soak
def test_an_instance_that_2_3_and_6_processes_make_at_once_is_whole_20_times(tmp_path: Path) -> None:
    _check_at_once(tmp_path, 20, (2, 3, 6))


def test_an_instance_that_was_made_twice_at_once_is_mended(instance_folder: Path, home: Path) -> None:
    shutil.copytree(instance_folder, home)
    whole = _revisions(home)
    assert OLDER not in whole[0]
    for name in DATABASES:
        _execute(home / name, "INSERT INTO alembic_version VALUES (?)", OLDER)
    # Without mending it is broken for good.
    with pytest.raises(Exception, match="more than one head"):
        dg.DagsterInstance.from_config(str(home))
    with opened() as instance:
        assert instance.get_run_records() == []
        assert instance.get_asset_keys() == []
    assert _revisions(home) == whole


def test_revisions_that_nobody_knows_are_a_line_with_the_cure(instance_folder: Path, home: Path) -> None:
    shutil.copytree(instance_folder, home)
    _execute(home / DATABASES[0], "UPDATE alembic_version SET version_num = 'f00'")
    _execute(home / DATABASES[0], "INSERT INTO alembic_version VALUES ('f01')")
    with pytest.raises(InstanceError) as caught:
        opened()
    assert caught.value.message == (
        f"the Dagster instance in {home / DATABASES[0]} cannot be used: two processes made it at once, and this "
        "Dagster knows neither revision of f00, f01; stop all of Dagster and move that file away: what it holds of "
        "runs is lost, no table is"
    )


@pytest.mark.parametrize("there", [False, True])
def test_a_new_instance_sends_no_telemetry(home: Path, there: bool, capfd: pytest.CaptureFixture[str]) -> None:
    if there:
        home.mkdir()
    with opened() as instance:
        assert not instance.telemetry_enabled
    assert yaml.safe_load((home / SETTINGS_FILE).read_text())["telemetry"] == {"enabled": False}
    assert capfd.readouterr() == ("", "")


def test_the_settings_of_an_instance_that_is_in_use_stay_as_they_are(instance_folder: Path, home: Path) -> None:
    shutil.copytree(instance_folder, home)
    (home / SETTINGS_FILE).write_text("nux: {enabled: false}\n")
    with opened():
        pass
    assert (home / SETTINGS_FILE).read_text() == "nux: {enabled: false}\n"
    (home / SETTINGS_FILE).unlink()
    with opened():
        pass
    assert not (home / SETTINGS_FILE).exists()


def _file(home: Path) -> None:
    home.touch()


def _folder_for_settings(home: Path) -> None:
    (home / SETTINGS_FILE).mkdir(parents=True)


def _settings(content: bytes) -> Callable[[Path], None]:
    def write(home: Path) -> None:
        home.mkdir()
        (home / SETTINGS_FILE).write_bytes(content)

    return write


def _no_database(home: Path) -> None:
    (home / DATABASES[0]).parent.mkdir(parents=True)
    (home / DATABASES[0]).write_text("this is no database, and long enough to be told from an empty one")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_file, r"File exists \(HOME\); set DAGSTER_HOME to a folder"),
        (_folder_for_settings, r"Is a directory \(HOME/dagster.yaml\); set DAGSTER_HOME"),
        (_settings(b"telemetry: ["), r"while parsing .*; correct HOME/dagster.yaml or what it names, or set"),
        (_settings(b"\xff\xfe\x00"), r"'utf-8' codec can't decode byte 0xff .*; correct HOME/dagster.yaml"),
        (_settings(b"[1, 2]"), r".*to parse to dictionary.*; correct HOME/dagster.yaml"),
        (_settings(b"storage: 5"), r".+; correct HOME/dagster.yaml"),
        (_settings(b"nonsense: true"), r'Received unexpected config entry "nonsense".*; correct HOME/dagster.yaml'),
        (
            _settings(b"storage: {sqlite: {base_dir: {env: UNSET_FOLDER}}}"),
            r'.*environment variable "UNSET_FOLDER" which is not set.*; correct HOME/dagster.yaml',
        ),
        (
            _settings(b"storage: {postgres: {postgres_url: 'postgresql://somebody:secret@127.0.0.1:1/none'}}"),
            r"too many retries for DB connection \(.*Connection refused.*\); correct HOME/dagster.yaml",
        ),
        (
            _settings(b"storage: {postgres: {postgres_url: 'postgresql+psycopg://somebody@127.0.0.1:1/none'}}"),
            r"No module named 'psycopg'; write `scheme: postgresql\+psycopg2` below `postgres_db` in HOME",
        ),
        (_no_database, r"file is not a database; stop all of Dagster and move that file away"),
    ],
)
def test_an_instance_that_cannot_be_used_is_one_line_and_exit_code_2(
    home: Path,
    make: Callable[[Path], None],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make(home)
    # Dagster asks a server that refuses ten times, a second apart.
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    # Dagster itself says of a folder that was in use that it has no settings.
    (line,) = [
        line for line in printed.err.replace(str(home), "HOME").splitlines() if "No dagster instance" not in line
    ]
    assert line.startswith("the Dagster instance in HOME")
    assert "secret" not in printed.err
    assert re.search("cannot be used: " + said, line), line


@pytest.mark.parametrize("named", ["home", "./home", "../home"])
def test_a_relative_home_is_refused_and_nothing_is_made(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv(VARIABLE, named)
    with pytest.raises(InstanceError, match=f"DAGSTER_HOME is '{named}', which is not an absolute path; begin it with"):
        opened()
    assert list(workplace.iterdir()) == []


def test_a_home_of_a_user_that_is_not_there_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "~no-such-user/dagster")
    with pytest.raises(InstanceError) as caught:
        opened()
    assert caught.value.message == (
        "DAGSTER_HOME is '~no-such-user/dagster', and there is no such user; begin it with / or ~/"
    )


def test_a_home_that_dagster_would_look_for_elsewhere_is_a_line_and_nothing_is_made(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(workplace / "what?" / "home"))
    with pytest.raises(InstanceError, match=r"/what\?/home cannot be used: .* to a folder without one; see "):
        opened()
    assert list(workplace.iterdir()) == []


def test_without_a_home_it_is_below_the_working_directory(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    with opened() as instance:
        assert instance.root_directory == str(workplace / ".dagster") == os.environ[VARIABLE]


@pytest.mark.parametrize("place", ["history/runs.db run_tags", "history/runs/index.db event_logs"])
def test_a_database_that_takes_nothing_more_is_one_line_and_a_failure(
    configured: Path, instance_folder: Path, home: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(instance_folder, home)
    database, table = place.split()
    refuse = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    _execute(home / database, f"CREATE TRIGGER full BEFORE INSERT ON {table} {refuse}")
    assert not refresh_all(load(), [ConferenceKey.parse(SINGLE)])
    said = capsys.readouterr().err
    assert (
        f"Dagster could not note the run in {home}: database or disk is full; see that there is room and that what "
        f"dagster.yaml names answers, then refresh again; see `planion explain dagster-storage`\n"
    ) in said
    assert "Traceback" not in said
