"""Draws the diagrams of docs/how-to: boxes in a grid, and arrows between them.

    .venv/bin/python scripts/draw_diagrams.py

A diagram is an SVG in docs/images that needs no script and no font of another host, and follows the reader's colour
scheme: GitHub shows it as the site does.
"""

import re
from html import escape
from pathlib import Path

IMAGES = Path(__file__).parents[1] / "docs" / "images"
Box = tuple[float, float, list[str]]  # column, row and lines of text

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 168, 58, 232, 104, 16
_BEGIN = """<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" viewBox="0 0 {width:g} {height:g}"
font-family="sans-serif" font-size="13">
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 8 4 0 8z" class="tip"/></marker></defs>
<style>
.page {{ fill: #ffffff }} .box {{ fill: #e8eaf6; stroke: #3f51b5 }} text {{ fill: #212121; text-anchor: middle }}
.arrow {{ stroke: #455a64; fill: none }} .tip {{ fill: #455a64 }}
.label {{ fill: #455a64; font-size: 11px; stroke: #ffffff; stroke-width: 4px; paint-order: stroke }}
@media (prefers-color-scheme: dark) {{
.page {{ fill: #1e2129 }} .box {{ fill: #2e3350; stroke: #8c9eff }} text {{ fill: #e8eaf6 }}
.arrow {{ stroke: #b0bec5 }} .tip {{ fill: #b0bec5 }} .label {{ fill: #b0bec5; stroke: #1e2129 }}
}}
</style>
<rect width="100%" height="100%" rx="8" class="page"/>
"""
_BOX = '<rect x="{x:g}" y="{y:g}" width="{w}" height="{h}" rx="6" class="box"/>\n'
_LINE = '<text x="{x:g}" y="{y:g}"{bold}>{text}</text>\n'
_ARROW = '<path d="M{x1:g} {y1:g} {x2:g} {y2:g}" class="arrow" marker-end="url(#tip)"/>\n'
_LABEL = '<text x="{x:g}" y="{y:g}" class="label">{text}</text>\n'

DIAGRAMS = {
    "run-in-production": """
cron     0 0   cron | every 15 minutes
refresh  1 0   planion refresh | exits 1 where one fails
daemon   0 1   Dagster's daemon | sensors, schedules
run      1 1   runs of refresh_active, | verify, prune
tables   2 0.5 data/ | one file per table | and conference
ui       0 2   Dagster's web server | behind a log-in
instance 1 2   DAGSTER_HOME | runs and events
cron -> refresh -> tables
daemon -> run -> tables
run -> instance
ui -> instance
""",
    "deploy": """
you     0 0   you | a browser
proxy   1 0   a proxy that asks | for a password
ui      2 0   web server | port 3000, not outside
feed    0 1   the feed
runs    1 1   daemon and its runs | with the tokens
storage 2 1   Dagster's storage | SQLite or PostgreSQL
readers 0 2   readers
tables  1 2   tables | a folder or a bucket
you -https-> proxy -> ui -> storage
feed -pages-> runs -> storage
runs -> tables -published/-> readers
""",
    "run-on-postgresql": """
one      0 0   machine 1 | daemon, web server
two      0 1   machine 2 | runs
postgres 1 0   PostgreSQL | runs, events, partitions
tables   1 1   tables | a folder or a bucket
one -> postgres
two -> postgres
two -> tables
""",
    "many-workers": """
sensor 0 1   sensor | three accounts
a      1 0   run 1 of 3 | planion/account: AAA
b      1 1   run 2 of 3 | planion/account: BBB
c      1 2   run 3 of 3 | planion/account: CCC
tables 2 1   one data folder | or bucket
sensor -> a -> tables
sensor -> b -> tables
sensor -> c -> tables
""",
    "embed": """
planion 0 0   planion/sessions, | planion/...
mine    1 0   number_of_rooms | your asset
other   1 1   your other assets
ours    0 1   planion.yaml, | its data folder
yours   2 0.5 your IO manager, | executor, schedules
ours -> planion -> mine -> yours
other -> yours
""",
    "certificates-and-proxies": """
refresh     0 0   a process that reads | planion or Dagster
proxy       1 0   the proxy | HTTPS_PROXY
feed        2 0   the feed | feed.url
authorities 0 1   authorities to trust | REQUESTS_CA_BUNDLE
refresh -token-> proxy -> feed
authorities -> refresh
""",
    "store-in-a-bucket": """
one    0 0   refresh | on one machine
two    0 1   refresh | on another
head   1 0.5 .heads/AAA/AM2026 | the head
tables 2 0.5 sessions/AAA/ | AM2026.parquet, ...
one -If-Match-> head
two -refused-> head
head -> tables
""",
    "read-from-a-bucket": """
tables 0 0.5 s3://my-bucket/planion | sessions/AAA/...
team   1 0   your team | DuckDB, pandas, Polars
vendor 1 1   a vendor | the prefix published/
tables -read, list-> team
tables -read, list-> vendor
""",
    "hand-out-tables": """
data      0 0.5 data/ | everything
published 1 0   data/published/ | what a programme prints
rest      1 1   all other folders | persons, unpublished
anybody   2 0   anybody | vendors, web teams
team      2 1   your own team
data -> published -> anybody
data -> rest -> team
""",
}
"""Name of the picture -> its boxes, a line each (name, column, row, lines of text), and arrows between their names."""


def svg(diagram: str) -> str:
    """A diagram."""
    lines = diagram.strip().splitlines()
    chains = [line for line in lines if "> " in line]
    boxes = dict(map(_box, lines[: -len(chains)]))
    columns, rows = max(box[0] for box in boxes.values()), max(box[1] for box in boxes.values())
    parts = [_BEGIN.format(width=columns * ACROSS + WIDTH + 2 * EDGE, height=rows * DOWN + HEIGHT + 2 * EDGE)]
    for column, row, texts in boxes.values():
        x, y = column * ACROSS + EDGE, row * DOWN + EDGE
        parts.append(_BOX.format(x=x, y=y, w=WIDTH, h=HEIGHT))
        for number, text in enumerate(texts):
            middle = y + HEIGHT / 2 + 5 + 16 * (number - (len(texts) - 1) / 2)
            bold = ' font-weight="bold"' if number == 0 else ""
            parts.append(_LINE.format(x=x + WIDTH / 2, y=middle, bold=bold, text=escape(text)))
    for chain in chains:
        # Names of boxes, and between two of them the label of the arrow, None where it has none.
        begin, *steps = re.split(r" -(?:([^>]+)-)?> ", chain)
        for label, end in zip(steps[::2], steps[1::2], strict=True):
            parts += _arrow(boxes[begin], boxes[end], label or "")
            begin = end
    return "".join([*parts, "</svg>\n"])


def _box(line: str) -> tuple[str, Box]:
    name, column, row, text = line.split(maxsplit=3)
    return name, (float(column), float(row), text.split(" | "))


def _arrow(begin: Box, end: Box, label: str) -> list[str]:
    """An arrow from the side of a box that looks at the other one, to the side that looks back."""
    across, down = (end[0] > begin[0]) - (end[0] < begin[0]), (end[1] > begin[1]) - (end[1] < begin[1])
    if across:
        down = 0
    x1, y1, x2, y2 = (
        place
        for box, sign in ((begin, 1), (end, -1))
        for place in (
            box[0] * ACROSS + EDGE + WIDTH / 2 + sign * across * WIDTH / 2,
            box[1] * DOWN + EDGE + HEIGHT / 2 + sign * down * HEIGHT / 2,
        )
    )
    parts = [_ARROW.format(x1=x1, y1=y1, x2=x2, y2=y2)]
    if label:
        parts.append(_LABEL.format(x=(x1 + x2) / 2, y=(y1 + y2) / 2 - 6, text=escape(label)))
    return parts


if __name__ == "__main__":
    for name, diagram in DIAGRAMS.items():
        (IMAGES / f"{name}.svg").write_text(svg(diagram), encoding="utf-8")
