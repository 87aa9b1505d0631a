"""Whether a sandbox feed is there to be read, or the run has to serve one; what a client gets of the settings."""

import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import dagster as dg
import pytest

import planion_assets
from planion_assets.config import load
from planion_assets.defs.resources import PlanionResource, _sandbox_answers
from planion_assets.keys import ConferenceKey
from planion_assets.sandbox import SEED, Sandbox, SandboxServer
from planion_assets_tests.conftest import write_config
from planion_assets_tests.runs import SINGLE, SMALL


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


def test_the_sandbox_of_another_seed_is_none() -> None:
    with SandboxServer(Sandbox(seed=SEED + 1)) as server:
        assert not _sandbox_answers(server.url)


def test_a_run_reads_no_sandbox_but_its_own_and_one_alone(workplace: Path, tmp_path: Path) -> None:
    """While another checkout with the same code has a server too, which ends in the middle of the run."""
    shutil.copytree(Path(planion_assets.__file__).parent, tmp_path / "planion_assets")
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from planion_assets.sandbox import SandboxServer\n"
        "server = SandboxServer(); print(server.url, flush=True); server.serve_forever()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        sandbox_url = other.stdout.readline().strip()
        settings = load(sandbox=True)
        feed = settings.feed.model_copy(update={"url": sandbox_url})
        planion = PlanionResource(sandbox=True)
        planion._config = settings.model_copy(update={"feed": feed})
        first = planion.client(ConferenceKey.parse(SMALL)).url
        other.terminate()
        other.wait()
    with SandboxServer(port=int(sandbox_url.split(":")[2].split("/")[0])) as own:
        assert own.url == sandbox_url
        assert _sandbox_answers(sandbox_url)
        second = planion.client(ConferenceKey.parse(SINGLE)).url
    assert first == second != sandbox_url
    planion.teardown_after_execution(dg.build_init_resource_context())


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
    write_config(workplace, f"feed:\n{lines}\nkeep_change_files: 12\n{account}\n")
    monkeypatch.setenv("PLANION_TOKEN_AAA", "token")
    planion, key = PlanionResource(), ConferenceKey("AAA", "AM2026")
    assert [planion.options(one).keep_change_files for one in (key, ConferenceKey("BBB", "2026"))] == [12, 12]
    limits = asdict(planion.client(key).limits)
    assert limits.pop("max_page_bytes") == given.pop("max_page_mib") * (1 << 20)
    assert limits.pop("max_walk_bytes") == given.pop("max_walk_mib") * (1 << 20)
    assert limits.pop("max_at_once") == given.pop("max_requests_per_account")
    assert planion.options(key).min_rows_kept == given.pop("min_rows_kept")
    assert limits == given
