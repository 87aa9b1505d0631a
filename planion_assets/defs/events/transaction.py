"""Storing the events of a conference together, where the instance's storage can."""

import contextlib
from typing import Any

import dagster as dg


def one_transaction(instance: dg.DagsterInstance) -> contextlib.AbstractContextManager[object]:
    """Store the events of the block in one transaction, so that a conference costs one wait for the disk.

    Of a storage that has no such call (`planion_assets.defs.pooled_sqlite_storage` has it) each event is one. Who reads
    the storage from another process sees the events of the block all at once.
    """
    storage: Any = instance.event_log_storage
    return storage.one_transaction() if hasattr(storage, "one_transaction") else contextlib.nullcontext()
