"""The table `published_speaker_resources`: what published engagements hand out, such as slides.

Belongs here: which columns of a resource may be shown.
"""

from collections.abc import Iterator, Sequence
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


def _positions_of(column: ColumnOf, publication: Publication) -> dict[tuple[str, int], int]:
    """By session and place in its list the `position` that `published_session_speakers` gives an engagement in it."""
    published = published_engagements(column, publication)
    engagements = compress(zip(column(_LINKS, "schedid"), column(_LINKS, "position"), strict=True), published)
    return dict(zip(engagements, positions(column, publication, published)["position"], strict=True))


def _engagements(column: ColumnOf) -> Iterator[tuple[str, int]]:
    """Of each resource the session of its engagement, and the place in its list."""
    return zip(column(_RESOURCES, "schedid"), column(_RESOURCES, "speaker_position"), strict=True)


def _rows(column: ColumnOf, publication: Publication) -> list[bool]:
    """The resources of engagements that are published themselves, in sessions that are."""
    published = _positions_of(column, publication)
    return [engagement in published for engagement in _engagements(column)]


def _positions(column: ColumnOf, publication: Publication, published: Sequence[bool]) -> dict[str, list[int]]:
    found = _positions_of(column, publication)
    return {"speaker_position": [found[engagement] for engagement in compress(_engagements(column), published)]}


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
