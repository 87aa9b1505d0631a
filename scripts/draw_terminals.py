"""Draws what commands print, for the pages of docs/how-to: each command is run over a made-up feed in a new folder.

    .venv/bin/python scripts/draw_terminals.py

A picture is an SVG in docs/images that needs no font of another host. `make pictures` draws them all.
"""

import io
import re
import shlex
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from planion_assets.defs.automation.alert_message import message
from planion_assets.feed.errors import failure
from planion_assets.freshness.alarms import Alarm, Change, Problem
from planion_assets.freshness.verdicts import Level
from planion_assets_tests import forks
from planion_assets_tests.documents.checkout import Checkout, checkout
from planion_assets_tests.pages import python_blocks

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
COLUMNS = 104  # what a page of 1280 pixels shows in a size that can be read
_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
KEY, CONFERENCES = "AAA|AM2026", ("AM2024", "AM2026")


def draw(name: str, *commands: tuple[str, str]) -> None:
    """An SVG of commands with what each printed."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for command, output in commands:
        if command:
            console.print(Text(f"$ {command}", style="bold"))
        console.print(Text.from_ansi(output.rstrip()), soft_wrap=False)
    svg = console.export_svg(title="", unique_id=name)
    (IMAGES / f"{name}.svg").write_text(_FONTS.sub("", svg).replace("Fira Code", "monospace"), encoding="utf-8")


def ran(place: Checkout, command: str) -> tuple[str, str]:
    """A command with what it printed, in the order in which a terminal shows it."""
    done = place.run(f"{{ {command}; }} 2>&1 || true")
    text = done.stdout.replace(str(place.folder), "/srv/planion")
    text = text.replace(place.feed.url, "https://apps.planion.com/feed/v1")
    return command, re.sub(r"127\.0\.0\.1:\d+", "apps.planion.com", text)


def _settings(place: Checkout, *, more: str = "", without: str = "") -> None:
    """Write planion.yaml with more lines at its end, or without a conference."""
    path = place.folder / "planion.yaml"
    text = path.read_text(encoding="utf-8").partition("# more\n")[0]
    if without:
        text = text.replace(f"{{conference: {without}}}, ", "")
    path.write_text(f"{text}# more\n{more}", encoding="utf-8")


def _lists_two_sessions(place: Checkout, conference: str) -> None:
    """Have the feed list fewer sessions of a conference than are stored."""
    feed, items = place.feed.sandbox, place.feed.sandbox.items

    def few(account: str, name: str) -> list[dict[str, Any]]:
        return items(account, name)[: 2 if name == conference else None]

    feed.items = few  # type: ignore[method-assign,assignment]


def _refused(place: Checkout) -> None:
    _lists_two_sessions(place, "AM2026")
    _settings(place, more="  - {account: TOS, token_env: PLANION_TOKEN_TOS, conferences: [{conference: OW2026}]}\n")
    place.environment["PLANION_TOKEN_TOS"] = "one-that-was-replaced"  # noqa: S105
    draw("monday-morning", ran(place, "planion refresh"), ran(place, "planion status"))
    draw("allow-a-loss", ran(place, f"planion refresh '{KEY}'"), ran(place, f"planion refresh --allow-shrink '{KEY}'"))


def _changed(place: Checkout) -> None:
    # An instant of whole seconds, after the refresh before it and before those that follow.
    instant = place.run("sleep 1.1; date -u +%FT%TZ; sleep 1.1").stdout.strip()
    for _ in range(3):
        place.run(f"curl -s -X POST {place.feed.origin}/sandbox/advance && planion refresh")
    restored = ran(place, f"planion as-of {instant} --out then")
    draw("restore-as-of", restored, ran(place, "find then -name '*.parquet' | sort | head -4"))
    (changes,) = python_blocks("docs/how-to/follow-changes.md")
    draw("follow-changes", ("python changes.py", ran(place, f"python -c {shlex.quote(changes)}")[1]))
    first = python_blocks("docs/how-to/read-the-files.md")[0]
    draw("read-the-files", ("python read.py", ran(place, f"python -c {shlex.quote(first)}")[1]))
    count = "SELECT conference, count(*) AS links FROM session_speakers GROUP BY ALL ORDER BY ALL"
    code = f"import duckdb; duckdb.connect('mirror.duckdb').sql('{count}').show()"
    mirrored = ran(place, "python examples/mirror/mirror.py data mirror.duckdb")
    draw("mirror-changes", mirrored, ran(place, f'python -c "{code}"'))


def _damaged(place: Checkout) -> None:
    path = place.folder / "data/sessions/AAA/AM2026.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:800] + b"?" + content[801:])  # in the titles of sessions
    draw("verify-and-repair", *(ran(place, command) for command in ("planion verify", "planion verify --repair")))


def _others(place: Checkout) -> None:
    words = "_PLANION_COMPLETE=bash_complete COMP_WORDS='planion refresh A' COMP_CWORD=2 planion"
    found = [line.partition(",")[2] for line in ran(place, words)[1].splitlines()]
    draw("shell-completion", ("planion refresh A<Tab>", "   ".join(found)))
    _settings(place, more="refresh_intervall: 15m\n")
    draw("editor", ran(place, "tail -1 planion.yaml"), ran(place, "planion check"))
    _settings(place, without="AM2024")
    draw("delete-data", ran(place, "planion forget --yes 'AAA|AM2024'"), ran(place, "planion status"))


def _alert() -> None:
    now = datetime(2026, 11, 24, 3, 4, tzinfo=UTC)
    came = f"GET /feed/v1/sessions of {KEY}, page 1 (1 attempt): answered 401"
    reason = str(failure(401, came, token_source="the variable PLANION_TOKEN_AAA"))  # noqa: S106 - its name
    alarms = [
        Alarm(Change.NEW, Problem("refresh", KEY, reason, "401", Level.WARN, now, 1, run="5a1c0f3e")),
        Alarm(Change.RECOVERED, Problem("content", "AAA|AM2025", "", "stale", Level.OK, now - timedelta(hours=3))),
    ]
    posted = message("planion", alarms, now, conferences=(), secrets=(), dagster_url="https://dagster.example.com")
    draw("get-alerts", ("", posted["text"]))


def main() -> None:
    """Draw all of them."""
    forks.start()
    for scenes in ((_refused,), (_changed, _damaged, _others)):
        with tempfile.TemporaryDirectory() as folder, checkout(Path(folder), CONFERENCES) as place:
            ran(place, "planion refresh")
            for scene in scenes:
                scene(place)
    _alert()
    forks.stop()


if __name__ == "__main__":
    main()
