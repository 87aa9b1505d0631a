"""Whether a collection that lists far fewer rows than are stored is believed.

A feed that is emptied by mistake, or whose filter breaks, answers like one whose sessions were deleted: two walks agree
on nothing at all. What becomes of the rows that are listed is judged in `planion_assets.refresh.shrink_guard`. Pure;
whether a person has allowed it is known to the caller (`planion_assets.refresh.conference`).
"""

import shlex
from dataclasses import dataclass

from planion_assets.feed.endpoints import Endpoint
from planion_assets.feed.errors import Fault, FeedError, failure
from planion_assets.keys import ConferenceKey

# The config is JSON, and so YAML as well: what the launchpad of Dagster's UI takes.
PARTITION_RUN = (
    'a run of this partition with the config {"ops": {"conference_tables": {"config": {"allow_shrink": true}}}}'
)
"""Which run in Dagster lets a conference shrink."""


@dataclass(frozen=True, slots=True)
class ShrinkLimit:
    """How much must stay: the fraction `min_kept` of the stored rows, and one row at least, where there were any.

    `allowing_run` says which run in Dagster may go beyond that.
    """

    min_kept: float
    allowing_run: str = PARTITION_RUN

    @property
    def exceeded(self) -> str:
        """The end of a sentence that says what would be lost."""
        said = f"which is more than `feed.min_rows_kept` of {self.min_kept:g} lets go"
        return said if self.min_kept else f"{said}, since one row must stay"


def has_shrunk(stored: int, listed: int, min_kept: float) -> bool:
    """Whether of some `stored` rows none are `listed` any more, or fewer than the fraction `min_kept` of them."""
    return stored > 0 and (listed == 0 or listed < stored * min_kept)


def check_not_shrunk(key: ConferenceKey, endpoint: Endpoint, stored: int, listed: int, limit: ShrinkLimit) -> None:
    """Raise `ShrunkError` for a collection that has shrunk, saying how to allow it once."""
    if has_shrunk(stored, listed, limit.min_kept):
        raise shrunk(
            key,
            f"{endpoint.name} of {key}: the feed lists {listed} rows where {stored} are stored, so {stored - listed} "
            f"would be lost, {limit.exceeded}",
            limit,
        )


def shrunk(key: ConferenceKey, came: str, limit: ShrinkLimit) -> FeedError:
    """The refusal of what came of a conference, with how to allow it once."""
    return failure(Fault.SHRUNK, came, key=shlex.quote(str(key)), allowing_run=limit.allowing_run)
