"""The table `session_credits`: a row per credit bucket that a session really has."""

from collections.abc import Iterator, Sequence
from typing import Any

from planion_assets.members import is_blank
from planion_assets.tables.fields import values
from planion_assets.tables.model import FLOAT64, INT32, TEXT, Column, JsonObject, Record, Table
from planion_assets.tables.selection import numbered
from planion_assets.tables.shared_columns import OWNER_COLUMNS, SCHEDID


def _records(sessions: Sequence[JsonObject]) -> Iterator[Record]:
    """A bucket is real when it has a label or credits other than zero: the feed fills the others with `0.0`."""
    for session, bucket, amount in _buckets(sessions):
        label = session.get(f"credits{bucket}_label")
        is_zero, unreadable = _read(amount)
        if not is_zero or not is_blank(label):
            members = {"bucket": bucket, "label": label, "credits": amount, "credits_text": unreadable}
            yield {"schedid": session["schedid"], **members}


def _buckets(sessions: Sequence[JsonObject]) -> Iterator[tuple[JsonObject, int, Any]]:
    """The buckets of each session by number, those that have nothing but a label too."""
    yield from numbered(sessions, "credits")
    for session, bucket, _ in numbered(sessions, "credits", "_label", filled=True):
        if f"credits{bucket}" not in session:
            yield session, bucket, None


@values.remembered
def _read(amount: Any) -> tuple[bool, Any]:
    """Whether credits are zero or none, and they themselves where they are no number, to be read as text."""
    try:
        return not values.number(amount), None
    except values.Unreadable:
        return False, amount


SESSION_CREDITS = Table(
    name="session_credits",
    description=(
        "The credits that each session gives, one row per bucket that has a label or a value other than zero. The tidy "
        "form of the columns `credits1` to `credits10` of `sessions`, whose meaning differs by conference."
    ),
    columns=(
        *OWNER_COLUMNS,
        SCHEDID,
        Column.named("bucket", INT32, "Number of the credit bucket, from 1."),
        Column.named("label", TEXT, "What the bucket counts in this conference."),
        Column.named("credits", FLOAT64, "Credits that the session gives; 1,5 is 1.5."),
        Column.named(
            "credits_text",
            TEXT,
            "The credits as the feed writes them, where they cannot be read as a number: 1,250 may be 1.25 or 1250.",
        ),
    ),
    key=("schedid", "bucket"),
    preview=("schedid", "bucket", "label", "credits"),
    records=_records,
    code_version="3",
)
