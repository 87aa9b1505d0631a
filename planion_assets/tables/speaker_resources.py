"""The table `speaker_resources`: a row per resource of an engagement, such as slides."""

from collections.abc import Iterable, Iterator

from planion_assets.members import member
from planion_assets.tables.fields.lists import readable_entries
from planion_assets.tables.fields.spellings import Spellings
from planion_assets.tables.model import IDENTIFIER, INT32, JSON, TEXT, Column, JsonObject, Record, Table
from planion_assets.tables.selection import sources_of
from planion_assets.tables.shared_columns import OWNER_COLUMNS, SCHEDID


def _records(sessions: Iterable[JsonObject]) -> Iterator[Record]:
    spellings = Spellings(sources_of(SPEAKER_RESOURCES.columns))
    for session in sessions:
        for place, speaker in enumerate(readable_entries(session.get("speakers"))):
            for position, resource in enumerate(readable_entries(member(speaker, "resources"))):
                members = spellings.exact(resource) if isinstance(resource, dict) else {}
                yield {
                    **members,
                    "schedid": session["schedid"],
                    "pslinkid": member(speaker, "pslinkid"),
                    "speaker_position": place,
                    "position": position,
                    "resource": resource,
                }


SPEAKER_RESOURCES = Table(
    name="speaker_resources",
    description=(
        "The resources of each engagement, such as slides or a video, one row per entry of the engagement's list. "
        "The feed's contract gives them no shape: what is usual has a column, and `resource` holds all of it."
    ),
    columns=(
        *OWNER_COLUMNS,
        SCHEDID,
        Column.named("pslinkid", IDENTIFIER, "The engagement's identifier."),
        Column.named(
            "speaker_position",
            INT32,
            "Place of the engagement in the session's list, from 0; `position` of `session_speakers`.",
        ),
        Column.named("position", INT32, "Place of the resource in the engagement's list, from 0."),
        Column.named("type", TEXT, "Kind of resource, where the feed says it."),
        Column.named("name", TEXT, "Name of the resource, where the feed gives one.", personal=True),
        Column.named("url", TEXT, "Address of the resource, where the feed gives one.", personal=True),
        Column.named("resource", JSON, "The resource as the feed sent it, as JSON text.", personal=True),
    ),
    key=("schedid", "speaker_position", "position"),
    preview=("schedid", "pslinkid", "position", "type"),
    records=_records,
    code_version="3",
)
