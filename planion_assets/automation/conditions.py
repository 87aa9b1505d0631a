"""The name that `planion_assets.defs.automation.conditions` had in 0.1. It is removed in 0.3."""

import warnings

from planion_assets.defs.automation.conditions import on_changed_conference

__all__ = ["on_changed_conference"]

# A FutureWarning, since nobody is shown a DeprecationWarning of a module that Dagster imports.
warnings.warn(
    "planion_assets.automation.conditions is removed in 0.3: import planion_assets.defs.automation.conditions",
    FutureWarning,
    stacklevel=2,
)
