"""Whether a sandbox feed is there to be read, or the run has to serve one; what a client gets of the settings."""

import socket
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from planion_assets.defs.resources import PlanionResource, _sandbox_answers
from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import SandboxServer
from planion_assets_tests.conftest import write_config


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", b""])
def test_another_program_on_the_port_is_no_sandbox(greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(greeting)

        threading.Thread(target=answer, daemon=True).start()
        assert not _sandbox_answers(f"http://127.0.0.1:{server.getsockname()[1]}/feed/v1")


def test_the_sandbox_of_another_checkout_is_none(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _sandbox_answers(sandbox.url)
    monkeypatch.setattr("planion_assets.sandbox.wire.CODE", "0" * 16)
    assert not _sandbox_answers(sandbox.url)


def test_nothing_on_the_port_is_no_sandbox() -> None:
    assert not _sandbox_answers("http://127.0.0.1:9/feed/v1")


def test_a_sandbox_is_found_whatever_proxy_the_environment_names(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert _sandbox_answers(sandbox.url)


def test_every_limit_of_reading_comes_from_the_settings(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, float] = {
        "connect_timeout": 1.5,
        "read_timeout": 2.5,
        "walk_timeout": 3.5,
        "max_retry_after": 4.5,
        "max_attempts": 6,
        "max_pages": 7,
        "max_page_mib": 8,
        "max_walk_mib": 10,
        "max_walks": 9,
        "min_rows_kept": 0.25,
        "max_requests_per_account": 3,
    }
    lines = "\n".join(f"  {name}: {value}" for name, value in given.items())
    account = "accounts: [{account: AAA, token_env: PLANION_TOKEN_AAA, conferences: [{conference: AM2026}]}]"
    write_config(workplace, f"feed:\n{lines}\n{account}\n")
    monkeypatch.setenv("PLANION_TOKEN_AAA", "token")
    planion, key = PlanionResource(), ConferenceKey("AAA", "AM2026")
    limits = asdict(planion.client(key).limits)
    assert limits.pop("max_page_bytes") == given.pop("max_page_mib") * (1 << 20)
    assert limits.pop("max_walk_bytes") == given.pop("max_walk_mib") * (1 << 20)
    assert limits.pop("max_at_once") == given.pop("max_requests_per_account")
    assert planion.options(key).min_rows_kept == given.pop("min_rows_kept")
    assert limits == given
