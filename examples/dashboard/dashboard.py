# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""A dashboard of what is published: the programme by day and room, recent changes, speakers.

    marimo run dashboard.py -- --published data/published

`marimo edit dashboard.py` opens it to be changed. It reads that folder alone, which may be handed to anybody.
"""

import marimo

app = marimo.App(width="full", app_title="Programme")


@app.cell
def _():
    from pathlib import Path

    import duckdb
    import marimo as mo

    published = Path(mo.cli_args().get("published") or "data/published")

    def rows(sql, **values):
        """The rows of a query; names in braces are tables of the folder, and values are never a part of its text."""
        tables = {
            folder.name: f"read_parquet('{folder}/**/*.parquet', union_by_name = true)"
            for folder in published.iterdir()
            if folder.is_dir() and any(folder.rglob("*.parquet"))
        }
        tables["conferences"] = f"'{published}/published_conferences.parquet'"
        found = duckdb.execute(sql.format(**tables), values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, map(inert, row), strict=True)) for row in found.fetchall()]

    def inert(value):
        """Text without an address: the browser would fetch a picture that a title names, from whatever host."""
        return value.replace("://", ":\u2060//") if isinstance(value, str) else value

    return mo, rows


@app.cell
def _(mo, rows):
    _found = rows("SELECT account, conference, sessions FROM {conferences} ORDER BY sessions DESC")
    mo.stop(not _found, mo.md("Nothing is published yet."))
    _options = {f"{row['account']} {row['conference']}, {row['sessions']} sessions": row for row in _found}
    conference = mo.ui.dropdown(_options, value=next(iter(_options)), label="Conference")
    return (conference,)


@app.cell
def _(conference, mo, rows):
    of = {name: conference.value[name] for name in ("account", "conference")}
    _days = rows(
        """
        SELECT starts_at_local::DATE AS day, count(*) AS sessions FROM {published_sessions}
        WHERE account = $account AND conference = $conference AND day IS NOT NULL GROUP BY day ORDER BY day
        """,
        **of,
    )
    _options = {f"{row['day']:%a %d %b %Y}, {row['sessions']} sessions": row["day"] for row in _days}
    day = mo.ui.dropdown(_options, value=next(iter(_options), None), label="Day")
    return day, of


@app.cell
def _(conference, day, mo, of, rows):
    _slots = rows(
        """
        SELECT strftime(starts_at_local, '%H:%M') AS time, coalesce(roomname, 'no room') AS room,
               string_agg(coalesce(session_name, schedid), ' / ' ORDER BY schedid) AS sessions
        FROM {published_sessions}
        WHERE account = $account AND conference = $conference AND starts_at_local::DATE = $day GROUP BY ALL ORDER BY ALL
        """,
        day=day.value,
        **of,
    )
    # A row for each time of day, a column for each room.
    _rooms = sorted({slot["room"] for slot in _slots})
    _cells = {(slot["time"], slot["room"]): slot["sessions"] for slot in _slots}
    programme = [
        {"time": time, **{room: _cells.get((time, room), "") for room in _rooms}}
        for time in dict.fromkeys(slot["time"] for slot in _slots)
    ]
    mo.vstack(
        [
            mo.md("# Programme"),
            mo.hstack([conference, day], justify="start"),
            mo.ui.table(programme, selection=None, freeze_columns_left=["time"], wrapped_columns=_rooms),
        ]
    )
    return


@app.cell
def _(mo, of, rows):
    # What was added or removed has one row, without a column; of what changed there is one for each column.
    changes = rows(
        """
        SELECT strftime(c.detected_at, '%Y-%m-%d %H:%M') AS utc, c.kind, replace(c.entity, '_', ' ') AS what,
               coalesce(s.session_name, c.schedid, '') AS session, coalesce(c.column_name, '') AS field,
               if(c.column_name IS NULL, '', coalesce(c.old, '')) AS before,
               if(c.column_name IS NULL, '', coalesce(c.new, '')) AS after
        FROM {published_changes} c LEFT JOIN {published_sessions} s USING (account, conference, schedid)
        WHERE account = $account AND conference = $conference AND (c.kind <> 'changed' OR c.column_name IS NOT NULL)
        ORDER BY c.sequence DESC, session, field LIMIT 200
        """,
        **of,
    )
    mo.vstack([mo.md("# What changed lately"), mo.ui.table(changes, selection=None, page_size=10)])
    return


@app.cell
def _(mo, of, rows):
    speakers = rows(
        """
        SELECT coalesce(nullif(concat_ws(' ', p.honorific, p.fname, p.lname, p.suffix), ''), p.pid) AS speaker,
               coalesce(p.affil, '') AS affiliation, count(DISTINCT l.schedid) AS sessions,
               string_agg(DISTINCT s.session_name, ' / ') AS titles
        FROM {published_speakers} p
        JOIN {published_session_speakers} l USING (account, conference, pid)
        JOIN {published_sessions} s USING (account, conference, schedid)
        WHERE account = $account AND conference = $conference GROUP BY p.pid, speaker, affiliation
        ORDER BY speaker
        """,
        **of,
    )
    mo.vstack([mo.md("# Speakers"), mo.ui.table(speakers, selection=None, page_size=20)])
    return


if __name__ == "__main__":
    app.run()
