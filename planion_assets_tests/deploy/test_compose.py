"""deploy/compose.yaml: what its schema and these tests say of it, and its services started without an engine."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

from planion_assets_tests.deploy import compose_run
from planion_assets_tests.deploy.compose_file import DEPLOY, Service, document, filled_in, services
from planion_assets_tests.deploy.containers import may_run
from planion_assets_tests.postgres import programs
from planion_assets_tests.runs import SMALL

OURS = {"migrate", "code", "daemon", "webserver"}
PG_PASSWORD = "a password with \"quotes', a $, a @ and a blank"


@pytest.fixture(scope="module")
def read() -> dict[str, Service]:
    return services(DEPLOY, {})


def test_it_holds_to_the_schema_of_compose_files() -> None:
    schema = get_builtin_schema("vendor.compose-spec")
    jsonschema.validators.validator_for(schema)(schema).validate(document())


@pytest.mark.parametrize(
    ("text", "variables", "value"),
    [
        ("${A}", {"A": "1"}, "1"),
        ("${A}", {}, ""),
        ("${A:-b}", {"A": ""}, "b"),
        ("${A-b}", {"A": ""}, ""),
        ("${A-b}", {}, "b"),
        ("x${A:-}y", {}, "xy"),
        ("$$HOME", {"HOME": "1"}, "$HOME"),
        ("${A}${B}", {"A": "1", "B": "2"}, "12"),
    ],
)
def test_variables_are_filled_in_as_compose_does(text: str, variables: dict[str, str], value: str) -> None:
    assert filled_in({"key": [text]}, variables) == {"key": [value]}


def test_what_is_ours_runs_in_one_image_without_rights_and_writes_in_volumes_alone(read: dict[str, Service]) -> None:
    assert {name for name, service in read.items() if service.image == "planion-assets"} == OURS
    for name in OURS:
        settings = read[name].settings
        assert (settings["read_only"], settings["cap_drop"], settings["tmpfs"]) == (True, ["ALL"], ["/tmp"]), name
        assert settings["security_opt"] == ["no-new-privileges:true"], name
        assert "user" not in settings  # that of the image


def test_only_the_proxy_is_reached_from_elsewhere(read: dict[str, Service]) -> None:
    assert [name for name, service in read.items() if service.ports] == ["proxy"]
    assert {name for name, service in read.items() if "outside" in service.networks} == {"proxy", "code"}
    assert document()["networks"]["inside"] == {"internal": True}


def test_secrets_are_files_for_those_who_need_them(read: dict[str, Service]) -> None:
    tokens = {name for name, service in read.items() if any("TOKEN" in secret for secret in service.secrets)}
    assert tokens == {"code"}
    assert {name for name, service in read.items() if "DAGSTER_PG_PASSWORD" in service.secrets} == OURS | {"postgres"}
    assert {name for name, service in read.items() if "UI_USERS" in service.secrets} == {"proxy"}
    for service in read.values():
        for name, value in service.environment.items():
            assert ("PASSWORD" in name or "TOKEN" in name) == value.startswith("/run/secrets/"), name
    assert all(file.parent == DEPLOY / "secrets" for service in read.values() for file in service.secrets.values())


def test_settings_and_secrets_of_a_person_are_not_committed() -> None:
    ignored = (DEPLOY / ".gitignore").read_text().split()
    assert {"/settings/", "/secrets/", "/.env"} <= set(ignored)


def test_every_service_that_goes_on_has_a_health_check_and_is_started_again(read: dict[str, Service]) -> None:
    for name, service in read.items():
        goes_on = name != "migrate"
        assert bool(service.health) == goes_on, name
        assert service.settings["restart"] == ("unless-stopped" if goes_on else "no"), name
        waited = {other for other, how in service.waits_for.items() if how == "service_healthy"}
        assert all(read[other].health for other in waited)


def test_health_checks_that_open_the_instance_have_the_password(read: dict[str, Service]) -> None:
    # An engine runs them without the image's entry point.
    assert read["daemon"].health[0] == "with-secrets"


def test_every_volume_and_network_that_is_named_is_there(read: dict[str, Service]) -> None:
    whole = document()
    assert {volume for service in read.values() for volume in service.volumes.values()} == set(whole["volumes"])
    assert {network for service in read.values() for network in service.networks} == set(whole["networks"])
    assert {secret for service in read.values() for secret in service.secrets} == set(whole["secrets"])


def test_tables_go_to_a_bucket_where_a_variable_says_so() -> None:
    code = services(DEPLOY, {"PLANION_DATA": "s3://bucket/prefix", "PLANION_IMAGE": "registry/planion:1"})["code"]
    assert (code.environment["PLANION_DATA"], code.image) == ("s3://bucket/prefix", "registry/planion:1")


def test_no_password_stands_in_the_instance_s_settings() -> None:
    settings = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    address = settings["storage"]["postgres"]["postgres_db"]
    assert address["password"] == {"env": "DAGSTER_PG_PASSWORD"}
    assert address["scheme"] == "postgresql+psycopg2"
    assert settings["telemetry"] == {"enabled": False}


def prepared(folder: Path) -> None:
    """Copy the files, and add the settings and secrets that docs/how-to/deploy.md describes, for a feed on loopback."""
    deploy = folder / "deploy"
    shutil.copytree(DEPLOY, deploy, ignore=shutil.ignore_patterns("settings", "secrets", ".env"))
    secrets = deploy / "secrets"
    secrets.mkdir(mode=0o700)
    caddy = Path(sys.executable).parent / "caddy"
    command = [str(caddy), "hash-password", "--algorithm", "bcrypt", "--plaintext", compose_run.PASSWORD]
    hashed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for name, content in (
        ("DAGSTER_PG_PASSWORD", PG_PASSWORD + "\n"),
        ("PLANION_TOKEN_AAA", "sandbox-token-AAA\n"),
        ("UI_USERS", f"{compose_run.USER} {hashed}"),
    ):
        (secrets / name).write_text(content)
        (secrets / name).chmod(0o644)
    (deploy / "settings").mkdir()
    account, conference = SMALL.split("|")
    (deploy / "settings" / "planion.yaml").write_text(
        f'feed: {{url: "http://127.0.0.1:{compose_run.SANDBOX_PORT}/feed/v1"}}\n'
        f"accounts: [{{account: {account}, token_env: PLANION_TOKEN_AAA, "
        f"conferences: [{{conference: {conference}}}]}}]\n"
    )
    (folder / "hosts").write_text("127.0.0.1 localhost postgres code webserver\n")


def started(folder: Path, *root: str) -> dict[str, object]:
    """What happened to the services of a prepared folder."""
    namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    program = [sys.executable, "-m", "planion_assets_tests.deploy.compose_run", str(folder), *root]
    done = subprocess.run([*namespaces, *program], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report: dict[str, object] = json.loads(done.stdout)
    return report


def needed() -> None:
    """Skip where services cannot be started; fail where a test must run."""
    reason = may_run() or (
        None if programs() else "no PostgreSQL server is installed; on Debian: apt-get install postgresql"
    )
    if reason:
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def expected(report: dict[str, object], folder: Path, read: dict[str, Service]) -> None:
    """A log-in, a run, health and a quick end are as the file promises, and no secret was told to anybody."""
    assert (report["none"], report["wrong"], report["right"]) == (401, 401, 200)
    assert report["run"] == "SUCCESS"
    assert report["healthy"] == sorted(name for name, service in read.items() if service.health)
    stopped = report["stopped"]
    assert isinstance(stopped, dict)
    assert stopped["code"] < 30
    tables = folder / "volumes" / "tables"
    file = tables / "data" / "sessions" / "AAA" / "AM2036.parquet"
    assert (file.stat().st_uid, stat.S_IMODE(tables.stat().st_mode) & 0o700) == (10001, 0o700)
    logs = "".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
    assert not [secret for secret in ("sandbox-token-AAA", PG_PASSWORD, compose_run.PASSWORD) if secret in logs]


@pytest.mark.deploy
def test_its_services_start_and_refresh_a_conference_behind_a_log_in(tmp_path: Path, read: dict[str, Service]) -> None:
    needed()
    prepared(tmp_path)
    expected(started(tmp_path), tmp_path, read)
