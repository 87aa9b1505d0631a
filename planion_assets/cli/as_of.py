"""`planion as-of`: its arguments and what it prints. What it does is in `planion_assets.refresh.former_tables`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from planion_assets.cli.command_options import end, keys_argument, refuse, refusing, sandbox_option, wanted_keys
from planion_assets.cli.signals import at_once
from planion_assets.config import load
from planion_assets.refresh.feed_note import check

_STOPPED = "every written table is whole; run the command again for the rest"


@click.command("as-of")
@click.argument("at", metavar="INSTANT")
@keys_argument
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("as-of"),
    show_default=True,
    help="The folder to write into; it must not be the data folder.",
)
@sandbox_option
def as_of(at: str, keys: tuple[str, ...], out: Path, sandbox: bool) -> None:
    """Write the tables of the conferences KEY, or of all, as they stood at INSTANT (2026-03-01T12:00Z).

    Those are sessions, session_speakers, speakers and the published tables made of them: what their change logs record
    since is undone. Without a zone INSTANT is in UTC. Exits 1 if any conference could not be told of, 2 if the
    configuration, the data folder, INSTANT or a KEY cannot be used.
    """
    with at_once(_STOPPED):
        try:
            instant = datetime.fromisoformat(at)
            instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        except ValueError:
            refuse(f"{at} is no instant: write it as 2026-03-01T12:00Z")
        with refusing():
            settings = load(sandbox=sandbox)
            wanted = wanted_keys(settings, keys)
            check(settings)
        if isinstance(settings.data, Path) and out.resolve() == settings.data.resolve():
            refuse(f"{out} is the data folder: name another with --out")
        # Imported here: `planion --help` and a configuration mistake need no pyarrow.
        from planion_assets.refresh.former_tables import tables_as_of
        from planion_assets.refresh.options import publication_of
        from planion_assets.refresh.stores import store_of
        from planion_assets.storage.atomic_write import refusal
        from planion_assets.storage.local_store import LocalStore
        from planion_assets.storage.store import Pieces, StoredConference, StoreError

        failed = False
        store, target = store_of(settings), LocalStore(out)
        for key in wanted:
            try:
                account = settings.account(key.account)
                then = StoredConference(store, key), instant.astimezone(UTC)
                found = tables_as_of(*then, publication_of(account), account.endpoints)
                for one in found:
                    rows = Pieces.of(one.rows).with_notes(one.provenance, "{}", "")
                    target.write(one.table.location, key, rows)
            except (StoreError, OSError) as error:
                failed = True
                click.echo(f"{key}  not written: {refusal(error)}", err=True)
                continue
            counts = ", ".join(f"{one.rows.num_rows} {one.table.name}" for one in found)
            click.echo(f"{key}  as of {instant.isoformat()}: {counts}; in {out}")
    end(succeeded=not failed)
