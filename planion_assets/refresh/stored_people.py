"""The people that tables are joined with, and what stands in where `raw_speakers` is lost or damaged.

A table that shows people says by their digest which they are (`planion.people`).
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import pyarrow as pa

from planion_assets.guide import Heading, see
from planion_assets.storage.store import Provenance, StoredConference
from planion_assets.tables.arrow.arrays import empty_table
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.arrow.stored_items import stored_items
from planion_assets.tables.model import Table
from planion_assets.tables.published_speakers import PUBLISHED_SPEAKERS
from planion_assets.tables.raw_speakers import RAW_SPEAKERS
from planion_assets.tables.speakers import SPEAKERS

PUBLISHED_PEOPLE = "published"
"""The digest that stands for people of whom only the published columns are left."""
_LOST = (
    "raw_speakers of {key} is lost or damaged: published tables show the people of {table} until they are read again"
)


@dataclass(frozen=True, slots=True)
class PeopleSnapshot:
    """The rows of `speakers` that tables show, read when they are asked for; `digest` is blank for nobody.

    `problem` says for a person where they are taken from, if it is not from `raw_speakers`. Asking for the rows raises
    `StoreError` or OSError.
    """

    digest: str = ""
    rows: Callable[[], pa.Table] = field(default=lambda: empty_table(schema_of(SPEAKERS)), repr=False)
    problem: str = ""

    def read(self) -> "PeopleSnapshot":
        """The same with its rows in memory. Raises `StoreError` or OSError."""
        rows = self.rows()
        return replace(self, rows=lambda: rows)


NOBODY = PeopleSnapshot()


def stored_people(stored: StoredConference, endpoints: Collection[str]) -> Iterator[PeopleSnapshot]:
    """The stored people, where the Speakers method is among those `endpoints` that are read; the best first.

    A file of ours that is lost publishes nobody's biography less. So those of `raw_speakers` are followed by those of
    `speakers`, by what is published of people, and by nobody.
    """
    if RAW_SPEAKERS.endpoint in endpoints:
        yield from _sources(stored)
    yield NOBODY


def _sources(stored: StoredConference) -> Iterator[PeopleSnapshot]:
    if provenance := _provenance(stored, RAW_SPEAKERS):
        yield PeopleSnapshot(provenance.snapshot, partial(_raw_people, stored, provenance))
    provenance = _provenance(stored, SPEAKERS)
    if provenance and provenance.code_version == SPEAKERS.fingerprint:
        problem = _lost(stored, SPEAKERS)
        yield PeopleSnapshot(provenance.snapshot, partial(_rows, stored, SPEAKERS, provenance), problem)
    provenance = _provenance(stored, PUBLISHED_SPEAKERS)
    if provenance and provenance.people:
        problem = _lost(stored, PUBLISHED_SPEAKERS)
        yield PeopleSnapshot(PUBLISHED_PEOPLE, partial(_published_people, stored, provenance), problem)


def _lost(stored: StoredConference, table: Table) -> str:
    return see(_LOST.format(key=stored.key, table=table.name), Heading.DAMAGED)


def _raw_people(stored: StoredConference, provenance: Provenance) -> pa.Table:
    return build_table(SPEAKERS, stored.key, stored_items(_rows(stored, RAW_SPEAKERS, provenance))).data


def _published_people(stored: StoredConference, provenance: Provenance) -> pa.Table:
    """What is published of people as rows of `speakers`."""
    published = _rows(stored, PUBLISHED_SPEAKERS, provenance)
    source = {"company": "affil", "extra": None}
    names = [source.get(column.name, column.name) for column in SPEAKERS.columns]
    nulls = pa.nulls(published.num_rows, pa.string())
    return pa.Table.from_arrays([published[name] if name else nulls for name in names], schema=schema_of(SPEAKERS))


def _rows(stored: StoredConference, table: Table, provenance: Provenance) -> pa.Table:
    return stored.read(table.location, schema_of(table), provenance=provenance)


def _provenance(stored: StoredConference, table: Table) -> Provenance | None:
    """Where a stored table with the declared columns comes from; None where there is none that says so."""
    footer = stored.readable_footer(table.location)
    return footer.provenance if footer and footer.has_schema(schema_of(table)) else None
