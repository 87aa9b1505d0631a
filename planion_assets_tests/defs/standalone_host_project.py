"""A project that merges the definitions of the project standing alone with its own, which have other names."""

import dagster as dg

from planion_assets import definitions as planion
from planion_assets_tests.defs.host_project import RESOURCES, executor


@dg.asset
def logins() -> dict[str, int]:
    """How many people logged in."""
    return {"logins": 3}


defs = dg.Definitions.merge(planion.defs, dg.Definitions(assets=[logins], resources=RESOURCES, executor=executor))
