"""The table `speakers`: a row per person of the Speakers method, which `pid` links to the engagements."""

from collections.abc import Iterable, Iterator

from planion_assets.tables.fields import html, values
from planion_assets.tables.model import IDENTIFIER, TEXT, VERBATIM, Column, JsonObject, Record, Table
from planion_assets.tables.selection import sources_of, with_extra
from planion_assets.tables.sessions import BOOKKEEPING
from planion_assets.tables.shared_columns import EXTRA, OWNER_COLUMNS

# feed-facts.md, Items: these keys were seen; the method's own page shows no sample.
_SEEN = (
    ("fname", "First name of the person."),
    ("lname", "Last name of the person."),
    ("title", "Title of the person."),
    ("company", "Company or institution of the person."),
    ("bio", "Biography of the person; may hold HTML markup."),
    ("piclink", "Address of the person's picture."),
)


def _records(people: Iterable[JsonObject]) -> Iterator[Record]:
    return (with_extra(one, KNOWN_KEYS) for one in people)


SPEAKERS = Table(
    name="speakers",
    description=(
        "The people of the feed's Speakers method, one row per `pid`: who the engagements of `session_speakers` are "
        "about. Read only for accounts whose `endpoints` name `speakers`. Not every person listed is published: "
        "only the engagements say that."
    ),
    columns=(
        *OWNER_COLUMNS,
        Column.named("pid", IDENTIFIER, "The person's identifier, unique per person."),
        *(
            Column.named(name, VERBATIM if name == "bio" else TEXT, description, personal=True)
            for name, description in _SEEN
        ),
        Column(
            "bio_text",
            VERBATIM,
            "Biography of the person without markup; paragraphs are lines.",
            ("bio",),
            personal=True,
            derive=lambda _, markup: html.plain_text(values.text(markup)),
        ),
        EXTRA,
    ),
    key=("pid",),
    preview=("pid",),
    records=_records,
    upstream=("raw_speakers",),
    endpoint="speakers",
    identifier="pid",
    code_version="3",
)

KNOWN_KEYS = BOOKKEEPING | sources_of(SPEAKERS.columns)
"""The keys that a person is known to have."""
