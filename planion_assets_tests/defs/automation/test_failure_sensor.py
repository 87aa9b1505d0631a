"""The sensor of failed runs: what it tells, to whom, and what it never tells. Webhooks are real, on loopback."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.config import Config, ConfigError, load
from planion_assets.defs.automation.failure_sensor import (
    CONFERENCES_SHOWN,
    REASON_CHARACTERS,
)
from planion_assets.defs.automation.webhook import WebhookError, post
from planion_assets.defs.resources import PlanionResource
from planion_assets_tests.conftest import write_config
from planion_assets_tests.runs import sensor

TOKEN = "feed token/of-AAA"
ENCODED = base64.b64encode(f"{TOKEN}:".encode()).decode()
CONFIG = """
    failure_webhook_env: PLANION_FAILURE_WEBHOOK
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: AM2024
"""


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


@dg.op
def fail(context: dg.OpExecutionContext) -> None:
    """Fail as a refresh does, or as a bug would, by the run's tags."""
    if "bug" in context.run.tags:
        raise ValueError(f"a library's message with {TOKEN}")
    count = int(context.run.tags["conferences"])
    reason = f"the server said {TOKEN} and {ENCODED} and feed%20token%2Fof-AAA " + "x" * 2000
    raise dg.Failure("conferences failed", metadata={f"AAA|C{n}": reason for n in range(count)}, allow_retries=False)


failing = dg.GraphDefinition(name="failing", node_defs=[fail]).to_job(executor_def=dg.in_process_executor)


def _failed(instance: dg.DagsterInstance, **tags: str) -> dg.ExecuteInProcessResult:
    result = failing.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
    assert not result.success
    return result


def _tick(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> None:
    failure = next(event for event in result.all_events if event.event_type_value == "PIPELINE_FAILURE")
    with dg.build_run_status_sensor_context(
        sensor_name="refresh_failures",
        dagster_event=failure,
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        resources={"planion": PlanionResource()},
    ).for_run_failure() as context:
        sensor("refresh_failures")(context)


def test_a_webhook_that_refuses_is_an_error_without_its_address(
    webhook: _Webhook, instance: dg.DagsterInstance
) -> None:
    for status in (500, 404, 302, 307):
        webhook.status = status
        with pytest.raises(WebhookError, match=f"answered {status}") as caught:
            post(webhook.url, {"text": "x"})
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None
    assert len(webhook.got) == 4, "a redirect was followed"
    with pytest.raises(Exception, match="answered 307"):
        _tick(instance, _failed(instance, conferences="1"))


def test_a_webhook_that_nobody_serves_or_that_never_answers_is_an_error(workplace: Path) -> None:
    silent = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # listens and never accepts
    address = f"http://127.0.0.1:{silent.server_address[1]}/secret"
    with pytest.raises(WebhookError, match="cannot be reached") as caught:
        post(address, {"text": "x"}, timeout=0.05)
    silent.server_close()
    assert "secret" not in str(caught.value)
    with pytest.raises(WebhookError, match="cannot be reached"):
        post(address, {"text": "x"}, timeout=1)


def test_conferences_and_reasons_are_posted_and_no_token(webhook: _Webhook, instance: dg.DagsterInstance) -> None:
    result = _failed(instance, conferences="2")
    _tick(instance, result)
    ((path, kind, message),) = webhook.got
    assert (path, kind) == ("/hook/secret-path?sig=secret-sig", "application/json")
    assert set(message) == {"text", "run_id", "job", "conferences", "errors"}
    assert (message["run_id"], message["job"], message["errors"]) == (result.run_id, "failing", [])
    assert set(message["conferences"]) == {"AAA|C0", "AAA|C1"}
    assert message["conferences"]["AAA|C0"].startswith("the server said [secret] and [secret] and [secret] xxx")
    assert len(message["conferences"]["AAA|C0"]) == REASON_CHARACTERS
    assert message["text"].startswith(f"Run {result.run_id} of failing: 2 conferences failed\nAAA|C0: the server")


def test_many_failures_are_cut_in_the_text_and_counted(webhook: _Webhook, instance: dg.DagsterInstance) -> None:
    _tick(instance, _failed(instance, conferences=str(CONFERENCES_SHOWN + 3)))
    ((_, _, message),) = webhook.got
    assert message["text"].splitlines()[-1] == "and 3 more"
    assert len(message["conferences"]) == CONFERENCES_SHOWN + 3


def test_a_failure_that_is_no_conference_s_is_told_too(webhook: _Webhook, instance: dg.DagsterInstance) -> None:
    _tick(instance, _failed(instance, bug=""))
    ((_, _, message),) = webhook.got
    assert message["conferences"] == {}
    assert len(message["errors"]) == 1
    assert "ValueError: a library's message with [secret]" in message["errors"][0]
    assert TOKEN not in json.dumps(message)


def test_without_a_webhook_it_logs(
    webhook: _Webhook,
    workplace: Path,
    instance: dg.DagsterInstance,
    capfd: pytest.CaptureFixture[str],
) -> None:
    write_config(workplace, CONFIG.replace("failure_webhook_env: PLANION_FAILURE_WEBHOOK", ""))
    _tick(instance, _failed(instance, conferences="1"))
    assert webhook.got == []
    assert "of failing: 1 conferences failed" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ("accounts: no", "planion.yaml: accounts: is not a list"),
        (CONFIG, "planion.yaml: failure_webhook_env: the environment variable PLANION_FAILURE_WEBHOOK is not set"),
        (None, "planion.yaml: the file: is not there"),
    ],
)
def test_settings_that_cannot_be_used_fail_the_tick_after_it_has_logged(
    workplace: Path, instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str], config: str | None, line: str
) -> None:
    if config:
        write_config(workplace, config)
    with pytest.raises(ConfigError) as caught:
        _tick(instance, _failed(instance, conferences="1"))
    assert str(caught.value).startswith(line)
    assert "of failing: 1 conferences failed" in capfd.readouterr().err


def test_the_sensor_runs_by_default() -> None:
    assert sensor("refresh_failures").default_status == dg.DefaultSensorStatus.RUNNING


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
    assert len(it.value.lines) == 1
    assert "secret" not in str(it.value).replace("may be a secret", "")
