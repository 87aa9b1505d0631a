"""The name that `planion_assets.defs.partitions` had in 0.1. It is removed in 0.3."""

import warnings

from planion_assets.defs.partitions import conferences

__all__ = ["conferences"]

# A FutureWarning, since nobody is shown a DeprecationWarning of a module that Dagster imports.
warnings.warn(
    "planion_assets.partitions is removed in 0.3: import planion_assets.defs.partitions", FutureWarning, stacklevel=2
)
