"""Whether a collection that lists far fewer rows than are stored is believed.

A feed that is emptied by mistake, or whose filter breaks, answers like one whose sessions were deleted: two walks agree
on nothing at all. Pure; whether a person has allowed it is known to the caller (`planion_assets.refresh`).
"""

import shlex

from planion_assets.feed.endpoints import Endpoint
from planion_assets.feed.errors import Fault, failure
from planion_assets.keys import ConferenceKey

# JSON, and so YAML as well: what the launchpad of Dagster's UI takes.
RUN_CONFIG = '{"ops": {"conference_tables": {"config": {"allow_shrink": true}}}}'


def has_shrunk(stored: int, listed: int, min_kept: float) -> bool:
    """Whether of some `stored` rows none are `listed` any more, or fewer than the fraction `min_kept` of them."""
    return stored > 0 and (listed == 0 or listed < stored * min_kept)


def check_not_shrunk(key: ConferenceKey, endpoint: Endpoint, stored: int, listed: int, min_kept: float) -> None:
    """Raise `ShrunkError` for a collection that has shrunk, saying how to allow it once."""
    if has_shrunk(stored, listed, min_kept):
        raise failure(
            Fault.SHRUNK,
            f"{endpoint.name} of {key}: the feed lists {listed} rows where {stored} are stored, so {stored - listed} "
            f"would be lost, which is more than `feed.min_rows_kept` of {min_kept:g} lets go",
            key=shlex.quote(str(key)),
            run_config=RUN_CONFIG,
        )
