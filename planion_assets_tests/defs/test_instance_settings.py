"""What `planion check` says of a dagster.yaml that hands out a password or that a newer SQLAlchemy cannot open."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from planion_assets.defs.instance_settings import SETTINGS_FILE, VARIABLE, problems
from planion_assets_tests.cli.checked import check

SECRET = "meow=secret"
SCHEME = "scheme: postgresql+psycopg2"
ENV = {"env": "DAGSTER_PG_PASSWORD"}


@pytest.fixture
def settings(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (workplace / "home").mkdir()
    monkeypatch.setenv(VARIABLE, str(workplace / "home"))
    return workplace / "home" / SETTINGS_FILE


def _places(settings: Path, content: object) -> list[str]:
    """The places that the problems are about; none tells the secret."""
    settings.write_text(yaml.safe_dump(content))
    found = problems()
    assert all(problem.startswith(f"{settings}: ") for problem in found)
    assert SECRET not in str(found)
    return [problem.removeprefix(f"{settings}: ").split()[0] for problem in found]


def _storage(**address: object) -> dict[str, Any]:
    return {"storage": {"postgres": {"postgres_db": {"scheme": "postgresql+psycopg2", **address}}}}


def _launcher(**config: object) -> dict[str, Any]:
    return {"run_launcher": {"config": config}}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (_storage(password=SECRET), "storage.postgres.postgres_db.password"),
        (_storage(password=12345), "storage.postgres.postgres_db.password"),
        (_storage(params={"sslpassword": SECRET}), "storage.postgres.postgres_db.params.sslpassword"),
        ({"postgres_url": f"postgresql+psycopg2://me:{SECRET}@host/db"}, "postgres_url"),
        ({"postgres_url": f"postgresql+psycopg2://host/db?user=me&password={SECRET}"}, "postgres_url"),
        ({"mysql_db": {"password": SECRET}}, "mysql_db.password"),
        ({"custom": {"mysql_url": f"mysql+mysqlconnector://me:{SECRET}@host/db"}}, "custom.mysql_url"),
        ({"event_log_storage": {"config": _storage(password=SECRET)}}, "event_log_storage.config.storage.postgres"),
        (_launcher(broker=f"redis://:{SECRET}@host:6379/0"), "run_launcher.config.broker"),
        (_launcher(env_vars=["A", f"DAGSTER_PG_PASSWORD={SECRET}"]), "run_launcher.config.env_vars[1]"),
        (_launcher(env_vars=[f"PLANION_TOKEN_AAA={SECRET}"]), "run_launcher.config.env_vars[0]"),
        (_launcher(env_vars=[f"BROKER=redis://:{SECRET}@host"]), "run_launcher.config.env_vars[0]"),
        (_launcher(env=[{"name": "PLANION_TOKEN_AAA", "value": SECRET}]), "run_launcher.config.env[0].value"),
        ({"compute_logs": {"config": {"secret_key": SECRET}}}, "compute_logs.config.secret_key"),
    ],
)
def test_a_secret_in_clear_text_is_a_line_that_says_where(settings: Path, content: object, place: str) -> None:
    (named,) = _places(settings, content)
    assert named.startswith(place)


@pytest.mark.parametrize(
    "content",
    [
        _storage(password=ENV),
        _storage(password="", scheme="postgresql+psycopg"),
        {"storage": {"postgres": {"postgres_url": ENV}}},
        {"storage": {"postgres": {"postgres_url": "postgresql+psycopg2://me@host:5432/db"}}},
        _launcher(postgres_password_secret="dagster-postgresql-secret", broker="redis://redis:6379/0"),
        _launcher(env_secrets=["planion-tokens"], env_vars=["PLANION_TOKEN_AAA", "A=b"]),
        {"compute_logs": {"config": {"url": "https://host:443/a?b=c@d"}}},
        {},
        None,
        [1],
        "text",
    ],
)
def test_what_names_a_secret_and_what_is_none_is_no_problem(settings: Path, content: object) -> None:
    assert _places(settings, content) == []


@pytest.mark.parametrize("scheme", [{}, {"scheme": "postgresql"}])
def test_an_address_without_the_driver_that_is_there_is_a_line(settings: Path, scheme: dict[str, str]) -> None:
    assert _places(settings, {"storage": {"postgres": {"postgres_db": {"password": ENV, **scheme}}}}) == [
        "storage.postgres.postgres_db"
    ]
    assert SCHEME in problems()[0]
    assert _places(settings, {"storage": {"postgres": {"postgres_url": "postgres://me@host/db"}}}) == [
        "storage.postgres.postgres_url"
    ]


@pytest.mark.parametrize("content", [b"storage: [", b"\xff\xfe\x00", b"[" * 700, b"a: &a [*a]"])
def test_a_file_that_cannot_be_read_is_left_to_who_opens_the_instance(settings: Path, content: bytes) -> None:
    settings.write_bytes(content)
    assert problems() == []


def test_the_command_warns_and_does_not_fail_for_it(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANION_SANDBOX", "1")
    settings.write_text(yaml.safe_dump(_storage(password=SECRET)))
    done = check("TOS|WS2027")
    assert done.exit_code == 0
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"warning: {settings}: storage.postgres.postgres_db.password holds a password")
    assert "{env: NAME}" in line
    assert SECRET not in done.output
