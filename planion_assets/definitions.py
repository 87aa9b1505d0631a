"""The code location of the project standing alone: its own names, settings from planion.yaml, everything running."""

from planion_assets.process_tuning import rare_collections

with rare_collections():
    from planion_assets.defs.build_definitions import build_definitions

    defs = build_definitions(schedules=True, prune=True, alerts=True)
