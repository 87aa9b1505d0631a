"""deploy/nginx.conf: a real nginx asks for the password, and hands over what a page asks of Dagster."""

import base64
import json
import os
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep

import pytest

from planion_assets_tests.deploy.compose_file import DEPLOY

_AROUND = """daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class _Dagster(BaseHTTPRequestHandler):
    """Answers with the headers of the request."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        reason = "nginx is not installed; on Debian: apt-get install nginx-light"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("nginx")
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), _Dagster)
    Thread(target=upstream.serve_forever, daemon=True).start()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Dagster) as probe:
        port = probe.server_address[1]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", f"{folder}/privkey.pem"]
    command = ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=localhost", *key, "-out", f"{folder}/fullchain.pem"]
    subprocess.run(command, check=True, capture_output=True)
    hashed = subprocess.run(["openssl", "passwd", "-apr1", "right"], check=True, capture_output=True, text=True).stdout
    (folder / "planion.htpasswd").write_text(f"alice:{hashed}")
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for machine, test in (
        ("/etc/ssl/planion", str(folder)),
        ("/etc/nginx/planion.htpasswd", f"{folder}/planion.htpasswd"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("http://127.0.0.1:3000", f"http://127.0.0.1:{upstream.server_address[1]}"),
    ):
        assert machine in site
        site = site.replace(machine, test)
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder))
    folder.chmod(0o755)
    with subprocess.Popen([nginx, "-c", f"{folder}/nginx.conf", "-p", str(folder), "-g", _user()]) as process:
        try:
            yield f"https://127.0.0.1:{port}/"
        finally:
            process.terminate()
            upstream.shutdown()


def _user() -> str:
    """Workers as root, where that is who starts it: another user may not enter the folders of tests."""
    return "user root;" if os.geteuid() == 0 else ""


def _get(address: str, password: str | None, **headers: str) -> tuple[int, dict[str, str]]:
    if password is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"alice:{password}".encode()).decode()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _ in range(100):
        with suppress(urllib.error.URLError):
            try:
                request = urllib.request.Request(address, headers=headers)
                with urllib.request.urlopen(request, timeout=10, context=context) as response:
                    return response.status, json.load(response)
            except urllib.error.HTTPError as error:
                return error.code, {}
        sleep(0.1)  # it begins to listen
    raise AssertionError("nginx does not answer")


@pytest.mark.parametrize(("password", "status"), [(None, 401), ("", 401), ("wrong", 401), ("right", 200)])
def test_only_who_knows_the_password_gets_to_dagster(address: str, password: str | None, status: int) -> None:
    assert _get(address, password)[0] == status


def test_dagster_gets_web_sockets_and_no_password(address: str) -> None:
    _, seen = _get(address, "right", Upgrade="websocket", Connection="Upgrade")
    assert (seen["Upgrade"], seen["Connection"]) == ("websocket", "upgrade")
    assert "Authorization" not in seen
    assert "Upgrade" not in _get(address, "right")[1]
