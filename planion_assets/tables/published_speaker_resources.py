"""The table `published_speaker_resources`: what published engagements hand out, such as slides.

Belongs here: which columns of a resource may be shown.
"""

from collections.abc import Sequence
from itertools import compress

from planion_assets.tables.model import ColumnOf, Publication, Table
from planion_assets.tables.published_session_speakers import (
    PUBLISHED_SESSION_SPEAKERS,
    positions,
    published_engagements,
)
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.speaker_resources import SPEAKER_RESOURCES

# What a resource is called and where it is; all else that the feed sends of one has no known meaning.
RESOURCE = frozenset({"name", "url"})
_LINKS, _RESOURCES = SESSION_SPEAKERS.name, SPEAKER_RESOURCES.name


def _rows(column: ColumnOf, publication: Publication) -> list[bool]:
    """The resources of engagements that are published themselves, in sessions that are."""
    places = zip(column(_LINKS, "schedid"), column(_LINKS, "position"), strict=True)
    engagements = published_engagements(column, publication)
    shown = {place for place, published in zip(places, engagements, strict=True) if published}
    resources = zip(column(_RESOURCES, "schedid"), column(_RESOURCES, "speaker_position"), strict=True)
    return [place in shown for place in resources]


def _positions(column: ColumnOf, publication: Publication, published: Sequence[bool]) -> dict[str, list[int]]:
    """Of each resource the `position` that `published_session_speakers` gives its engagement."""
    engagements = published_engagements(column, publication)
    shown = compress(zip(column(_LINKS, "schedid"), column(_LINKS, "position"), strict=True), engagements)
    places = positions(column, publication, engagements)["position"]
    place_of = dict(zip(shown, places, strict=True))
    resources = zip(column(_RESOURCES, "schedid"), column(_RESOURCES, "speaker_position"), strict=True)
    return {"speaker_position": [place_of[resource] for resource in compress(resources, published)]}


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
    replaced=_positions,
    upstream=("speaker_resources", "session_speakers", "sessions"),
    public=True,
    identity=("schedid", "speaker_position", "position"),
    references={"published_session_speakers": {"schedid": "schedid", "speaker_position": "position"}},
    code_version=(
        f"1 of {SPEAKER_RESOURCES.code_version}, {SESSION_SPEAKERS.code_version}, "
        f"{PUBLISHED_SESSION_SPEAKERS.code_version}"
    ),
)
