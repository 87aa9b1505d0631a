"""`planion check` run on one conference whose feed gives scripted answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import Request, Response, ScriptedServer

TOKEN = "meow-meow-secret"
CONFIG = """
    feed: {{url: '{url}', read_timeout: 2}}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        endpoints: {endpoints}
        conferences:
          - {{conference: AM1, timezone: {timezone}}}
          - {{conference: AM2}}
"""


def check(*arguments: str, **environment: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(main, ["check", *arguments], env=environment)


def configure_one(folder: Path, url: str, *, endpoints: str = "[sessions]", timezone: str = "America/Chicago") -> None:
    write_config(folder, CONFIG.format(url=url, endpoints=endpoints, timezone=timezone))


def rows_for(request: Request, count: int, **more: Any) -> list[dict[str, Any]]:
    return [{**request.where, "schedid": str(number), **more} for number in range(count)]


def checked(
    folder: Path, answer: Callable[[Request], Response], *arguments: str, **settings: str
) -> tuple[Result, list[tuple[str, str]]]:
    """What the command says of a feed that answers so, and what it asked for: path and conference, in any order."""
    with ScriptedServer(answer) as server:
        configure_one(folder, server.url, **settings)
        before = sorted(folder.rglob("*"))
        done = check(*arguments, PLANION_TOKEN_AAA=TOKEN)
        assert sorted(folder.rglob("*")) == before
        assert TOKEN not in done.output
        asked = [(request.path.rpartition("/")[2], request.where["conference"]) for request in server.requests]
    return done, sorted(asked)


def line_of(done: Result, start: str) -> list[str]:
    """The words of the line of one of the tables."""
    return next(line for line in done.stdout.splitlines() if line.startswith(start)).split()
