"""Making the partitions of the configured conferences without a refresh: what `planion register` does.

Belongs here: the change to the instance. What is printed of it is in `planion_assets.cli`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from planion_assets.defs.partitions import conferences
from planion_assets.keys import ConferenceKey


@dataclass(frozen=True, slots=True)
class Registered:
    """Partition keys that were added, and those that are there and not configured, which stay."""

    added: Sequence[str]
    not_configured: Sequence[str]


def register(instance: dg.DagsterInstance, keys: Sequence[ConferenceKey]) -> Registered:
    """Make a partition of each conference that has none. Raises what the instance's storage raises."""
    name = str(conferences.name)
    there = instance.get_dynamic_partitions(name)
    configured = [str(key) for key in keys]
    added = sorted(set(configured).difference(there), key=configured.index)
    if added:
        instance.add_dynamic_partitions(name, added)
    return Registered(added, [key for key in there if key not in set(configured)])
