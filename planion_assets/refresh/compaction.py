"""Which files of a change log are compacted, and when: one in the place of many old ones, with the same steps."""

import logging
from collections.abc import Sequence

import pyarrow as pa

from planion_assets.refresh.change_log import compacted_rows
from planion_assets.refresh.step_notes import notes_of
from planion_assets.refresh.strike_log import pending_steps
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.log_parts import NOTHING
from planion_assets.storage.store import LogPart, StoreError, Writer
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.catalog import HISTORIES
from planion_assets.tables.model import History

logger = logging.getLogger(__name__)

_MOST = 10_000
"""Changes of one file, whose notes are in its footer: 600 bytes each."""


def compact_change_logs(writer: Writer, keep: int) -> None:
    """Compact the files before the newest `keep` of each change log of a conference, once there are as many again.

    Called after its tables are stored. A file that is refused is tried again with the next change; until then readers
    find every change.
    """
    for history in HISTORIES:
        try:
            _compact(history, writer, keep)
        except (StoreError, OSError) as error:
            logger.warning("%s of %s is not compacted: %s", history.name, writer.key, refusal(error))


def _compact(history: History, writer: Writer, keep: int) -> None:
    log = history.location
    chain = _chain(writer.store.old_parts(log, writer.key, keep))
    # Until its tables show all steps, another refresh may be striking values from files of a public log.
    if len(chain) <= keep or (history.public and any(True for _ in pending_steps(history, writer))):
        return
    files = _read(history, writer, chain)
    if len(files) > keep:
        parts = chain[len(chain) - len(files) :]
        writer.compact(log, parts, compacted_rows(history, files))
        logger.info("%s of %s: %d files are one", history.name, writer.key, len(parts))


def _chain(parts: Sequence[LogPart]) -> list[LogPart]:
    """The last of the files that follow each other: back to where they begin, or to a number that is missing."""
    chain: list[LogPart] = []
    changes = 0
    for part in reversed(parts):
        changes += part.changes
        if changes > _MOST or (chain and (part.sequence + 1, part.after) != (chain[-1].first, chain[-1].before)):
            break
        chain.append(part)
        if part.before == NOTHING:
            break
    return chain[::-1]


def _read(history: History, writer: Writer, chain: Sequence[LogPart]) -> list[pa.Table]:
    """The last of these files, back to one of other code, whose steps or columns this code cannot join."""
    files: list[pa.Table] = []
    schema = schema_of(history)
    for part in reversed(chain):
        rows = writer.store.read_log(history.location, writer.key, part)
        numbers = [note.sequence for note in notes_of(rows.schema.metadata)]
        known = all(one.name in schema.names and one.type == schema.field(one.name).type for one in rows.schema)
        if numbers != list(range(part.first, part.sequence + 1)) or not known:
            break
        files.append(rows)
    return files[::-1]
