"""The specs of the checks that run inside a materialization, one evaluation per conference."""

import warnings

import dagster as dg

from planion_assets.partitions import conferences

with warnings.catch_warnings():
    # Partitioned checks are in preview: a result per conference is what the page of a partition shows.
    warnings.simplefilter("ignore", dg.PreviewWarning)
    LINKS_HAVE_PERSON = dg.AssetCheckSpec(
        name="links_have_person",
        asset="session_speakers",
        additional_deps=["speakers"],
        description="Every `pid` of an engagement is that of a person of the Speakers method. Checked where the "
        "account reads `speakers`. A warning: the link itself is right, its person is missing from the feed.",
        partitions_def=conferences,
    )

    SCHEDID_IS_UNIQUE = dg.AssetCheckSpec(
        name="schedid_is_unique",
        asset="sessions",
        description="The feed sent no two items of one `schedid` that differ. A warning: the newest of them is the "
        "session, the others are in `rejected_items`; report them to the vendor.",
        partitions_def=conferences,
    )

CHECK_SPECS = (LINKS_HAVE_PERSON, SCHEDID_IS_UNIQUE)
