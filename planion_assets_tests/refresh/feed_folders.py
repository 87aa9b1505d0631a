"""A working directory with the settings of a feed, the command run in it, and every file in it."""

from pathlib import Path

from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets.keys import ConferenceKey
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import item

APPS, STATIC = "https://apps.planion.com/feed/v1", "https://static.planion.com/feed/v1"
# A name that the sandbox has as well.
KEY = ConferenceKey("AAA", "AM2026")
ROWS = [item(str(number)) for number in range(150)]


def configure(folder: Path, url: str, *names: str) -> None:
    conferences = ", ".join(f"{{conference: {name}}}" for name in names or ("AM2026",))
    account = f"{{account: AAA, token_env: PLANION_TOKEN_AAA, conferences: [{conferences}]}}"
    write_config(folder, f"feed: {{url: {url}}}\naccounts: [{account}]\n")


def planion(*arguments: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(main, arguments)


def every_file(folder: Path) -> dict[str, bytes]:
    """Every file, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
