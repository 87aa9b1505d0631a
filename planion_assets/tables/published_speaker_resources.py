"""The table `published_speaker_resources`: what published engagements hand out, such as slides.

Belongs here: which columns of a resource may be shown.
"""

from planion_assets.tables.model import ColumnOf, Publication, Table
from planion_assets.tables.published_session_speakers import PUBLISHED_SESSION_SPEAKERS, published_engagements
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.speaker_resources import SPEAKER_RESOURCES

# What a resource is called and where it is; all else that the feed sends of one has no known meaning.
RESOURCE = frozenset({"name", "url"})


def _rows(column: ColumnOf, publication: Publication) -> list[bool]:
    """The resources of engagements that are published themselves, in sessions that are."""
    places = zip(column("session_speakers", "schedid"), column("session_speakers", "position"), strict=True)
    engagements = published_engagements(column, publication)
    shown = {place for place, published in zip(places, engagements, strict=True) if published}
    resources = zip(
        column("speaker_resources", "schedid"), column("speaker_resources", "speaker_position"), strict=True
    )
    return [place in shown for place in resources]


PUBLISHED_SPEAKER_RESOURCES = Table(
    name="published_speaker_resources",
    description=(
        "The resources, such as slides or a video, of the engagements in `published_session_speakers`: kind, name and "
        "address. What else the feed sends of a resource, `speaker_resources` holds."
    ),
    columns=tuple(column for column in SPEAKER_RESOURCES.columns if column.name in RESOURCE or not column.personal),
    key=SPEAKER_RESOURCES.key,
    preview=SPEAKER_RESOURCES.preview,
    rows=_rows,
    upstream=("speaker_resources", "session_speakers", "sessions"),
    public=True,
    code_version=(
        f"1 of {SPEAKER_RESOURCES.code_version}, {SESSION_SPEAKERS.code_version}, "
        f"{PUBLISHED_SESSION_SPEAKERS.code_version}"
    ),
)
