"""`planion forget`: its arguments, its question, what it refuses and what it prints.

Which files a conference has, and the order in which they are deleted, is in `planion_assets.refresh.removal`.
"""

import contextlib
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from planion_assets.cli.command_options import EXIT_FAILED, complete_key, end, refuse, refusing, sandbox_option
from planion_assets.cli.signals import at_once
from planion_assets.config import Config, load
from planion_assets.guide import Heading, see
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.feed_note import check

if TYPE_CHECKING:
    from planion_assets.defs.register import Partitions
    from planion_assets.refresh.removal import StoredPart
    from planion_assets.storage.store import Store

_REMEDY = "run the command again"
_STOPPED = f"what is not deleted yet stays; {_REMEDY} for the rest"


@dataclass(frozen=True, slots=True)
class _Conference:
    """A conference to be deleted. `key` is None for a partition whose name is not a conference's."""

    name: str
    key: ConferenceKey | None
    stored: "Sequence[StoredPart]"
    has_partition: bool
    is_configured: bool


@click.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY...", shell_complete=partial(complete_key, removed=True))
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.option(
    "--configured", is_flag=True, help="Delete conferences that are configured, too. The next refresh brings them back."
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Delete also what other assets have stored of it in the data folder, and what `planion verify` has set aside. "
    "That is kept otherwise.",
)
@click.option(
    "--partitions",
    "partitions_name",
    default="conferences",
    show_default=True,
    help="The name of Dagster's partitions definition, which in a project of your own may have a prefix.",
)
@sandbox_option
def forget(
    keys: tuple[str, ...], *, yes: bool, configured: bool, everything: bool, partitions_name: str, sandbox: bool
) -> None:
    """Delete the conferences KEY: their tables, changes, notes and their partitions in Dagster.

    Lists what will be deleted and asks. A conference that is configured is refused, and one that is being refreshed
    fails. What anybody may see is deleted first, and a command that was stopped is completed by running it again.
    Exits 1 if anything was not deleted, 2 if the configuration, the data folder, the instance or a KEY cannot be used.
    """
    with at_once(_STOPPED), contextlib.ExitStack() as stack:
        with refusing():
            settings = load(sandbox=sandbox)
            check(settings)
        # Imported here: `planion --help` and a configuration mistake need no Dagster and no pyarrow.
        from planion_assets.defs.register import opened_partitions
        from planion_assets.refresh.stores import store_of

        with refusing():
            partitions = stack.enter_context(opened_partitions(partitions_name))
        known = partitions.keys if partitions else ()
        store = store_of(settings)
        conferences = [_conference(settings, store, name, known) for name in dict.fromkeys(keys)]
        if problems := _problems(settings, conferences, configured=configured):
            refuse("\n".join(problems))
        for conference in conferences:
            _list(conference, partitions, everything=everything)
        if not yes:
            _ask(len(conferences))
        deleted = [_forget(store, one, partitions, everything=everything) for one in conferences]
        deleted.append(_left_out_of_overviews(settings, store))
    end(succeeded=all(deleted))


def _conference(settings: Config, store: "Store", name: str, partitions: Collection[str]) -> _Conference:
    from planion_assets.refresh.removal import stored_parts
    from planion_assets.storage.atomic_write import refusal

    try:
        key = ConferenceKey.parse(name)
    except ValueError as error:
        if name not in partitions:
            refuse(error)
        return _Conference(name, None, (), has_partition=True, is_configured=False)
    try:
        stored = stored_parts(store, key)
    except OSError as error:
        refuse(refusal(error, _REMEDY))
    return _Conference(name, key, stored, name in partitions, is_configured=key in settings.keys())


def _problems(settings: Config, conferences: Sequence[_Conference], *, configured: bool) -> list[str]:
    """Why conferences cannot be deleted, a line each."""
    refused = [
        f"{one.name} is configured in {settings.source}, and the next refresh would bring it back: take it out of the "
        "file, or say --configured"
        for one in conferences
        if one.is_configured and not configured
    ]
    unknown = [
        f"nothing is stored of {one.name} in {settings.data}, and Dagster has no partition of it; `planion status` "
        "lists what is stored"
        for one in conferences
        if not one.stored and not one.has_partition
    ]
    return refused + unknown


def _list(conference: _Conference, partitions: "Partitions | None", *, everything: bool) -> None:
    """Print what will be deleted of a conference, and what is kept."""
    from planion_assets.refresh.removal import Owner

    click.echo(f"{conference.name}:")
    for part in conference.stored:
        rows = "" if part.rows is None else f"{_counted(part.rows, 'row')}, "
        what = f"{part.name}: {_counted(len(part.files), 'file')}, {rows}{part.size / 1024:.1f} KiB"
        if part.owner is Owner.PROJECT or everything:
            click.echo(f"  {what}")
        else:
            whose = "of another asset" if part.owner is Owner.OTHERS else "set aside by `planion verify`"
            click.echo(f"  kept: {what} ({whose}; --all deletes it)")
    if conference.has_partition and partitions:
        click.echo(f"  its partition in Dagster ({partitions.where})")
    if conference.is_configured:
        click.echo("  it is configured: the next refresh brings it back")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _ask(count: int) -> None:
    """Ask whether to go on, and exit with 1 unless the answer is yes."""
    if not sys.stdin.isatty():
        refuse("nothing was deleted: there is no terminal to ask on; say --yes")
    if not click.confirm(f"Delete {'this' if count == 1 else f'these {count} conferences'}?"):
        click.echo("nothing was deleted", err=True)
        sys.exit(EXIT_FAILED)


def _left_out_of_overviews(settings: Config, store: "Store") -> bool:
    """Write the tables of all conferences without them. Whether that could be done."""
    from planion_assets.freshness.overview import overview, write
    from planion_assets.storage.atomic_write import refusal

    try:
        write(store, overview(settings, store, datetime.now(UTC)))
    except OSError as error:
        click.echo(f"the tables of all conferences still have a row of it: {refusal(error, _REMEDY)}", err=True)
        return False
    return True


def _forget(store: "Store", conference: _Conference, partitions: "Partitions | None", *, everything: bool) -> bool:
    """Delete a conference, and print what was deleted or why it was not. Whether all was deleted."""
    from planion_assets.defs.instance import reason_of
    from planion_assets.refresh.removal import forget as delete
    from planion_assets.storage.atomic_write import refusal
    from planion_assets.storage.store import StoreError

    name, deleted, partition = conference.name, 0, "no partition in Dagster"
    try:
        if conference.key and conference.stored:
            parts = delete(store, conference.key, everything=everything)
            deleted = sum(len(part.files) for part in parts)
    except (StoreError, OSError) as error:
        click.echo(f"{name}  not deleted: {refusal(error, _REMEDY)}", err=True)
        return False
    if conference.has_partition and partitions:
        try:
            partitions.delete(name)
        except Exception as error:  # noqa: BLE001 - a storage, and the database behind it, raise what they like
            reason = f"its partition in {partitions.where} was not: {reason_of(error)}"
            problem = f"{name}  {_counted(deleted, 'file')} deleted, and {reason}; {_REMEDY}"
            click.echo(see(problem, Heading.DAGSTER_STORAGE), err=True)
            return False
        partition = "its partition deleted"
    click.echo(f"{name}  {_counted(deleted, 'file')} deleted, {partition}")
    return True
