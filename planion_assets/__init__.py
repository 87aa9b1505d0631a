"""Complete, typed, trustworthy Parquet tables of a Planion events feed, as Dagster assets.

`build_definitions` makes what Dagster is given; it is imported when it is asked for, so that a command that needs no
Dagster does not pay for it.
"""

from typing import TYPE_CHECKING, Any

from planion_assets.version import __version__ as __version__

if TYPE_CHECKING:
    from planion_assets.defs.build_definitions import build_definitions

__all__ = ["build_definitions"]


def __getattr__(name: str) -> Any:
    """`build_definitions`, with which Dagster is imported."""
    if name != "build_definitions":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from planion_assets.defs.build_definitions import build_definitions

    return build_definitions
