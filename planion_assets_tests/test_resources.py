"""Whether a sandbox feed is there to be read, or the run has to serve one."""

import socket
import threading

import pytest

from planion_assets.resources import _sandbox_answers
from planion_assets.sandbox import SandboxServer


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


def test_nothing_on_the_port_is_no_sandbox() -> None:
    assert not _sandbox_answers("http://127.0.0.1:9/feed/v1")


def test_a_sandbox_is_found_whatever_proxy_the_environment_names(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert _sandbox_answers(sandbox.url)
