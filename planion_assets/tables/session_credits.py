"""The table `session_credits`: a row per credit bucket that a session really has."""

import functools
from collections.abc import Iterable, Iterator

from planion_assets.members import is_blank
from planion_assets.tables.fields import values
from planion_assets.tables.model import (
    ACCOUNT,
    CONFERENCE,
    FLOAT64,
    INT32,
    SCHEDID,
    TEXT,
    Column,
    JsonObject,
    Record,
    Table,
)
from planion_assets.tables.selection import numbered


def _records(sessions: Iterable[JsonObject]) -> Iterator[Record]:
    """A bucket is real when it has a label or credits other than zero: the feed fills the others with `0.0`."""
    for session, bucket, amount in numbered(sessions, "credits"):
        label = session.get(f"credits{bucket}_label")
        if not is_blank(label) or not (_is_zero_text(amount) if isinstance(amount, str) else _is_zero(amount)):
            yield {"schedid": session["schedid"], "bucket": bucket, "label": label, "credits": amount}


@functools.lru_cache(maxsize=256)  # of ten buckets of a session most are "0.0"
def _is_zero_text(amount: str) -> bool:
    return _is_zero(amount)


def _is_zero(amount: object) -> bool:
    try:
        return not values.number(amount)
    except values.Unreadable:
        return False


SESSION_CREDITS = Table(
    name="session_credits",
    description=(
        "The credits that each session gives, one row per bucket that has a label or a value other than zero. The tidy "
        "form of the columns `credits1` to `credits10` of `sessions`, whose meaning differs by conference."
    ),
    columns=(
        ACCOUNT,
        CONFERENCE,
        SCHEDID,
        Column("bucket", INT32, "Number of the credit bucket, from 1.", ("bucket",)),
        Column("label", TEXT, "What the bucket counts in this conference.", ("label",)),
        Column("credits", FLOAT64, "Credits that the session gives.", ("credits",)),
    ),
    key=("schedid", "bucket"),
    preview=("schedid", "bucket", "label", "credits"),
    records=_records,
    code_version="3",
)
