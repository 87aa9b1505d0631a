"""Making and deleting partitions of conferences without a run: what `planion register` and `planion forget` do."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import dagster as dg

from planion_assets.defs.instance import InstanceError, instance_exists, opened, reason_of
from planion_assets.defs.names import STANDALONE
from planion_assets.keys import ConferenceKey


class Registered(NamedTuple):
    """Partition keys that were added, and those that are registered and not configured, which stay."""

    added: Sequence[str]
    not_configured: Sequence[str]


def register(instance: dg.DagsterInstance, keys: Sequence[ConferenceKey]) -> Registered:
    """Make a partition of each conference that has none. Raises what the instance's storage raises."""
    name = STANDALONE.partitions_name
    registered = dict.fromkeys(instance.get_dynamic_partitions(name))
    configured = dict.fromkeys(map(str, keys))
    added = [key for key in configured if key not in registered]
    if added:
        instance.add_dynamic_partitions(name, added)
    return Registered(added, [key for key in registered if key not in configured])


@dataclass(frozen=True, slots=True)
class Partitions:
    """The partitions of that name in an instance, `keys` as they were when it was opened."""

    instance: dg.DagsterInstance
    name: str
    keys: frozenset[str]

    @property
    def where(self) -> str:
        """The instance's folder."""
        return self.instance.root_directory

    def delete(self, key: str) -> None:
        """Delete one. Raises what the instance's storage raises."""
        self.instance.delete_dynamic_partition(self.name, key)


@contextlib.contextmanager
def opened_partitions(name: str) -> Iterator[Partitions | None]:
    """The partitions in the instance; None where there is none, which is not made for this. Raises `InstanceError`."""
    if not instance_exists():
        yield None
        return
    with opened() as instance:
        try:
            keys = frozenset(instance.get_dynamic_partitions(name))
        except Exception as error:
            reason = f"the partitions in {instance.root_directory} cannot be read: {reason_of(error)}"
            raise InstanceError(reason) from error
        yield Partitions(instance, name, keys)
