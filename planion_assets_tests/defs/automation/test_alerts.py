"""The sensor of alerts: what it tells, to whom, how often, and what it never tells. Webhooks are real, on loopback."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.config import Config, ConfigError, load
from planion_assets.definitions import defs
from planion_assets.defs.automation.alert_message import MAX_LINES, MAX_NAMES, REASON_CHARACTERS
from planion_assets.defs.automation.run_tags import data_tag
from planion_assets.defs.automation.webhook import WebhookError, post
from planion_assets.defs.names import STANDALONE
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import TOKENS, SandboxServer
from planion_assets.storage.last_read import note_failure, note_read
from planion_assets.storage.local_files import LocalFiles
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.quality.feed import nothing_is_rejected, schedid_is_present
from planion_assets.tables.quality.model import Check
from planion_assets_tests.conftest import write_config
from planion_assets_tests.freshness.stored import store_conference, text
from planion_assets_tests.runs import look, sensor

TOKEN = "feed token/of-AAA"
ENCODED = base64.b64encode(f"{TOKEN}:".encode()).decode()
CONFIG = """
    failure_webhook_env: PLANION_FAILURE_WEBHOOK
    dagster_url: https://dagster.example.com/
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: C0
          - conference: C1
          - conference: C2
"""
KEYS = [ConferenceKey("AAA", f"C{number}") for number in range(3)]
REFUSED = "page 1 of sessions answered 401; the feed refused the token: check the variable PLANION_TOKEN_AAA"


class _Webhook(HTTPServer):
    """Notes what is posted to it and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.got: list[Any] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook/secret-path?sig=secret-sig"


class _Handler(BaseHTTPRequestHandler):
    server: _Webhook

    def do_POST(self) -> None:
        """Note the message."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """What a redirect that is followed would ask."""
        self.server.got.append((self.path, None, None))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def webhook(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Webhook]:
    server = _Webhook()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("PLANION_FAILURE_WEBHOOK", server.url)
    monkeypatch.setenv("PLANION_TOKEN_AAA", TOKEN)
    write_config(workplace, CONFIG)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class _Sensor:
    """The sensor as the daemon asks it: with the cursor that it gave last, which a look that fails does not move."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: str | None = None

    def look(self) -> str:
        """Why nothing is to be launched. Raises what the look raises."""
        resources = {"planion": PlanionResource()}
        with dg.build_sensor_context(self.instance, self.cursor, resources=resources) as context:
            result = look(sensor("alerts"), context)
            self.cursor = context.cursor
        assert isinstance(result, dg.SkipReason)
        return str(result.skip_message)

    def forget_the_look(self) -> None:
        """Let the next look be one at everything, as a quarter of an hour later."""
        self.cursor = re.sub(r'"looked":\d+', '"looked":1', str(self.cursor))


@pytest.fixture
def watching(webhook: _Webhook, instance: dg.DagsterInstance) -> _Sensor:
    """The sensor over three conferences that are fresh and read, of which it has told nothing."""
    store = LocalStore(Path(load().data))
    for key in KEYS:
        store_conference(store, key.conference, [{"session_updated_at": text(datetime.now(UTC))}])
        _succeed(key)
    sensor = _Sensor(instance)
    sensor.look()
    assert webhook.got == []
    return sensor


def _fail(*keys: ConferenceKey, reason: str = REFUSED) -> None:
    for key in keys:
        note_failure(LocalFiles(Path(load().data)), key, datetime.now(UTC), reason)


def _succeed(*keys: ConferenceKey) -> None:
    for key in keys:
        note_read(LocalFiles(Path(load().data)), key, datetime.now(UTC))


def _texts(webhook: _Webhook) -> list[str]:
    return [message["text"] for _, _, message in webhook.got]


@dg.op
def fail(context: dg.OpExecutionContext) -> None:
    """Fail as a refresh does, or as a bug would, by the run's tags."""
    if "bug" in context.run.tags:
        raise ValueError(f"a library's message with {TOKEN}")
    raise dg.Failure("1 of 3 conferences failed", metadata={str(KEYS[0]): REFUSED}, allow_retries=False)


def _failed_run(instance: dg.DagsterInstance, **tags: str) -> str:
    job = dg.GraphDefinition(name="refresh_active", node_defs=[fail]).to_job(executor_def=dg.in_process_executor)
    result = job.execute_in_process(instance=instance, tags={**data_tag(load()), **tags}, raise_on_error=False)
    return result.run_id


def test_a_webhook_that_refuses_is_an_error_without_its_address(webhook: _Webhook) -> None:
    for status in (500, 404, 302, 307):
        webhook.status = status
        with pytest.raises(WebhookError, match=f"answered {status}") as caught:
            post(webhook.url, {"text": "x"})
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None
    assert len(webhook.got) == 4, "a redirect was followed"


def test_what_the_webhook_refused_is_told_by_the_next_look(watching: _Sensor, webhook: _Webhook) -> None:
    _fail(KEYS[0])
    webhook.status = 503
    for _ in range(2):
        with pytest.raises(WebhookError, match="answered 503"):
            watching.look()
    webhook.status = 200
    assert "1 changes told" in watching.look()
    assert "Nothing was refreshed or checked since" in watching.look()
    assert len(webhook.got) == 3
    assert len(set(_texts(webhook))) == 1


def test_a_webhook_that_nobody_serves_or_that_never_answers_is_an_error(workplace: Path) -> None:
    silent = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # listens and never accepts
    address = f"http://127.0.0.1:{silent.server_address[1]}/secret"
    with pytest.raises(WebhookError, match="cannot be reached") as caught:
        post(address, {"text": "x"}, timeout=0.05)
    silent.server_close()
    assert "secret" not in str(caught.value)
    with pytest.raises(WebhookError, match="cannot be reached"):
        post(address, {"text": "x"}, timeout=1)


def test_one_wrong_token_is_one_message_however_often_it_fails(watching: _Sensor, webhook: _Webhook) -> None:
    for _ in range(3):
        _fail(KEYS[0])
        watching.look()
    _fail(KEYS[0], KEYS[1])
    watching.look()
    _succeed(KEYS[0])
    watching.look()
    texts = _texts(webhook)
    assert [text.splitlines()[0] for text in texts] == ["planion: 1 new", "planion: 1 new", "planion: 1 recovered"]
    assert texts[0].splitlines()[1].startswith(f"NEW refresh of AAA|C0: {REFUSED} (once, at ")
    assert texts[1].splitlines()[1].startswith("NEW refresh of AAA|C1: ")
    assert texts[2].splitlines()[1] == "RECOVERED refresh of AAA|C0, after 0 min"


def test_an_alarm_has_the_same_in_parts_with_the_run_that_says_more(watching: _Sensor, webhook: _Webhook) -> None:
    _fail(KEYS[0])
    run_id = _failed_run(watching.instance)
    watching.look()
    ((path, kind, message),) = webhook.got
    assert (path, kind) == ("/hook/secret-path?sig=secret-sig", "application/json")
    assert set(message) == {"text", "alarms"}
    (part,) = message["alarms"]
    assert datetime.fromisoformat(part.pop("since")).tzinfo
    assert part == {
        "change": "new",
        "kind": "refresh",
        "of": ["AAA|C0"],
        "reason": REFUSED,
        "level": "warn",
        "attempts": 1,
        "run_id": run_id,
        "run_url": f"https://dagster.example.com/runs/{run_id}",
    }
    assert message["text"].endswith(f"UTC) https://dagster.example.com/runs/{run_id}")


@pytest.mark.usefixtures("core_tables", "only_tables")
def test_a_refresh_that_fails_for_one_of_two_conferences_is_one_alarm_with_that_run(
    webhook: _Webhook,
    workplace: Path,
    sandbox: SandboxServer,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLANION_TOKEN_TOS", TOKENS["TOS"])
    feed = f"    feed:\n      url: {sandbox.url}\n"
    account = "      - account: TOS\n        token_env: PLANION_TOKEN_TOS\n        conferences:\n"
    more = f"{account}          - conference: WS2027\n"
    write_config(workplace, feed + CONFIG.replace("conference: C0", "conference: AM2036") + more)
    config = {"ops": {"refresh_conferences": {"config": {"conferences": ["AAA|AM2036", "TOS|WS2027"]}}}}
    job = defs.resolve_job_def("refresh_active")
    result = job.execute_in_process(instance=instance, run_config=config, tags=data_tag(load()))
    _Sensor(instance).look()
    ((_, _, message),) = webhook.got
    alarms = [(part["kind"], part["of"], part["run_id"]) for part in message["alarms"]]
    assert [alarm for alarm in alarms if alarm[0] != "content"] == [("refresh", ["AAA|AM2036"], result.run_id)]


def test_without_an_address_of_the_ui_the_run_is_named(watching: _Sensor, webhook: _Webhook, workplace: Path) -> None:
    write_config(workplace, re.sub("dagster_url.*", "", CONFIG))
    _fail(KEYS[0])
    run_id = _failed_run(watching.instance)
    watching.look()
    assert _texts(webhook)[0].endswith(f"UTC) run {run_id}")
    assert webhook.got[0][2]["alarms"][0]["run_url"] is None


def test_all_conferences_that_fail_for_one_reason_are_one_line(watching: _Sensor, webhook: _Webhook) -> None:
    for key in KEYS:
        _fail(key, reason=f"page 1 of sessions of {key} answered 503; try again later")
    watching.look()
    _succeed(*KEYS)
    watching.look()
    first, last = (text.splitlines() for text in _texts(webhook))
    assert first[0] == "planion: 3 new"
    assert len(first) == 2
    assert first[1].startswith("NEW refresh of 3 conferences (AAA|C0, AAA|C1, AAA|C2): page 1 of sessions of AAA|C0")
    assert last[1].startswith("RECOVERED refresh of 3 conferences")


def test_many_alarms_are_cut_in_the_text_and_whole_in_the_parts(
    watching: _Sensor, webhook: _Webhook, workplace: Path
) -> None:
    names = [f"D{number}" for number in range(MAX_LINES + 3)]
    write_config(workplace, CONFIG + "".join(f"          - conference: {name}\n" for name in names))
    for number, name in enumerate(names):
        _fail(ConferenceKey("AAA", name), reason=f"reason {'x' * number}")
    watching.look()
    ((_, _, message),) = webhook.got
    assert message["text"].splitlines()[-1] == "and 3 more"
    assert len(message["alarms"]) == MAX_LINES + 3
    for name in names:
        _fail(ConferenceKey("AAA", name), reason="one reason")
    watching.look()
    assert f"CHANGED refresh of {len(names)} conferences (AAA|D0, " in _texts(webhook)[1]
    assert f" and {len(names) - MAX_NAMES} more): one reason (2 times since " in _texts(webhook)[1]


def test_no_token_is_told_in_any_form(watching: _Sensor, webhook: _Webhook) -> None:
    _fail(KEYS[0], reason=f"said {TOKEN} and {ENCODED} and feed%20token%2Fof-AAA and {webhook.url} " + "x" * 2000)
    _failed_run(watching.instance, bug="")
    watching.look()
    ((_, _, message),) = webhook.got
    reasons = {part["kind"]: part["reason"] for part in message["alarms"]}
    assert reasons["refresh"].startswith("said [secret] and [secret] and [secret] and [secret] xxx")
    assert len(reasons["refresh"]) == REASON_CHARACTERS
    assert "ValueError: a library's message with [secret]" in reasons["run"]
    for secret in (TOKEN, ENCODED, webhook.url):
        assert secret not in json.dumps(message)


def test_a_run_that_fails_for_no_conference_s_reason_is_told_until_one_succeeds(
    watching: _Sensor, webhook: _Webhook
) -> None:
    run_id = _failed_run(watching.instance, bug="")
    watching.look()
    _failed_run(watching.instance, bug="")
    watching.look()
    _failed_run(watching.instance)  # of which a conference tells
    watching.look()
    alarms = [(part["change"], part["kind"], part["of"]) for *_, message in webhook.got for part in message["alarms"]]
    assert alarms == [("new", "run", ["refresh_active"]), ("recovered", "run", ["refresh_active"])]
    assert webhook.got[0][2]["alarms"][0]["run_id"] == run_id


def test_a_run_that_was_deleted_has_not_recovered(watching: _Sensor, webhook: _Webhook) -> None:
    run_id = _failed_run(watching.instance, bug="")
    watching.look()
    watching.instance.delete_run(run_id)
    watching.look()
    watching.forget_the_look()
    watching.look()
    assert len(webhook.got) == 1


def test_the_end_of_a_run_is_waited_for_and_all_that_failed_in_it_told_at_once(
    watching: _Sensor, webhook: _Webhook
) -> None:
    job = dg.GraphDefinition(name="refresh_active", node_defs=[fail]).to_job()
    started = dg.DagsterRunStatus.STARTED
    run = watching.instance.create_run_for_job(job, tags=data_tag(load()), status=started)
    for key in KEYS[:2]:
        _fail(key)
        assert "A run goes on, whose end is waited for since" in watching.look()
    watching.instance.report_run_canceled(run)
    watching.look()
    assert [text.splitlines()[0] for text in _texts(webhook)] == ["planion: 2 new"]


def test_content_is_stale_and_conferences_are_late_by_the_clock_alone(
    watching: _Sensor, webhook: _Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(Path(load().data))
    old = datetime.now(UTC) - timedelta(days=15)
    store_conference(store, "C1", [{"session_updated_at": text(old)}], fetched_at=old)
    note_read(store.files, KEYS[2], old)
    store_conference(store, "C2", [{"session_updated_at": text(datetime.now(UTC))}], fetched_at=old)
    watching.forget_the_look()
    watching.look()
    lines = _texts(webhook)[0].splitlines()
    assert lines[0] == "planion: 2 new"
    assert lines[1].startswith("NEW content of AAA|C1: updated 15 d ago, 14 d is the limit (error); ask the organiser")
    assert lines[2].startswith("NEW refresh of AAA|C2: last read 15 d ago, more than 45 min")
    watching.forget_the_look()
    watching.look()
    assert len(webhook.got) == 1


def test_a_conference_that_was_just_added_is_no_problem_yet(
    watching: _Sensor, webhook: _Webhook, workplace: Path
) -> None:
    write_config(workplace, CONFIG + "          - conference: C3\n")
    watching.forget_the_look()
    watching.look()
    assert webhook.got == []
    _fail(ConferenceKey("AAA", "C3"))
    watching.look()
    assert len(webhook.got) == 1


def test_a_failed_check_of_severity_error_is_told_and_stays_until_it_is_judged_again(
    watching: _Sensor, webhook: _Webhook, workplace: Path
) -> None:
    key = ConferenceKey("AAA", "C9")
    write_config(workplace, CONFIG + "          - conference: C9\n")
    _succeed(key)

    def note(event: dg.AssetMaterialization | dg.AssetCheckEvaluation) -> str:
        @dg.op(out={})
        def noted() -> Iterator[Any]:
            yield event

        job = dg.GraphDefinition(name="noting", node_defs=[noted]).to_job(executor_def=dg.in_process_executor)
        watching.forget_the_look()
        return job.execute_in_process(instance=watching.instance).run_id

    def verdict(check: Check) -> dg.AssetCheckEvaluation:
        asset = STANDALONE.asset_key(check.table)
        return dg.AssetCheckEvaluation(asset_key=asset, check_name=check.name, passed=False, partition=str(key))

    note(verdict(nothing_is_rejected))  # a warning
    run_id = note(verdict(schedid_is_present))
    watching.look()
    ((_, _, message),) = webhook.got
    (part,) = message["alarms"]
    assert (part["kind"], part["of"], part["run_id"]) == ("check schedid_is_present", [str(key)], run_id)
    assert part["reason"].startswith(f"{schedid_is_present.finds} (")
    note(dg.AssetMaterialization(schedid_is_present.table, partition=str(key)))
    watching.look()
    assert len(webhook.got) == 1


def test_without_a_webhook_it_logs(
    watching: _Sensor, webhook: _Webhook, workplace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_config(workplace, CONFIG.replace("failure_webhook_env: PLANION_FAILURE_WEBHOOK", ""))
    _fail(KEYS[0])
    watching.look()
    watching.look()
    assert webhook.got == []
    assert capfd.readouterr().err.count("NEW refresh of AAA|C0") == 1


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ("accounts: no", "planion.yaml: accounts: is not a list"),
        (CONFIG, "planion.yaml: failure_webhook_env: the environment variable PLANION_FAILURE_WEBHOOK is not set"),
        (None, "planion.yaml: the file: is not there"),
    ],
)
def test_settings_that_cannot_be_used_fail_the_look(
    workplace: Path, instance: dg.DagsterInstance, config: str | None, line: str
) -> None:
    if config:
        write_config(workplace, config)
    with pytest.raises(ConfigError) as caught:
        _Sensor(instance).look()
    assert str(caught.value).startswith(line)


def test_a_broken_file_is_told_once_fails_the_looks_that_follow_and_recovers(
    watching: _Sensor, webhook: _Webhook, workplace: Path
) -> None:
    _fail(KEYS[0])
    watching.look()
    write_config(workplace, "accounts: no")
    webhook.status = 500
    with pytest.raises(WebhookError):
        watching.look()
    webhook.status = 200
    assert "Told that the settings cannot be used" in watching.look()
    for _ in range(3):
        with pytest.raises(ConfigError, match="accounts: is not a list"):
            watching.look()
    write_config(workplace, CONFIG)
    watching.look()
    watching.look()
    assert [text.splitlines()[1].partition(" is not a list")[0] for text in _texts(webhook)] == [
        _texts(webhook)[0].splitlines()[1],
        *["NEW configuration: planion.yaml: accounts:"] * 2,  # the first was refused
        "RECOVERED configuration, after 0 min",
    ]


def test_the_sensor_runs_by_default() -> None:
    assert sensor("alerts").default_status == dg.DefaultSensorStatus.RUNNING


@pytest.mark.parametrize("address", ["", " ", "hooks.example.org/secret", "http://example.org/secret", "https://"])
def test_an_address_that_cannot_be_used_is_one_line_that_does_not_repeat_it(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    write_config(workplace, CONFIG)
    monkeypatch.setenv("PLANION_FAILURE_WEBHOOK", address)
    settings: Config = load()
    with pytest.raises(
        ConfigError, match="failure_webhook_env: the environment variable PLANION_FAILURE_WEBHOOK"
    ) as it:
        settings.failure_webhook()
    assert len(it.value.args) == 1
    assert "secret" not in str(it.value).replace("may be a secret", "")
