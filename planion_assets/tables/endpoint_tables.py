"""The tables of any method of the feed that has no declaration of its own: `raw_<endpoint>` and `<endpoint>`.

Belongs here: what can be said of items whose fields are not known. A method whose fields are known has a module for
each of its tables (`raw_speakers.py`, `speakers.py`).
"""

import functools
from collections.abc import Iterable, Iterator
from typing import Any

from planion_assets.extended_json import value_of
from planion_assets.members import OWNER, member
from planion_assets.method_tables import table_of_method
from planion_assets.tables.fields import values
from planion_assets.tables.model import (
    EVERY_ITEM,
    JSON,
    READ_IDENTIFIER,
    VERBATIM,
    Column,
    JsonObject,
    Kind,
    Record,
    Table,
)
from planion_assets.tables.selection import raw_table_of
from planion_assets.tables.shared_columns import DIGEST, OWNER_COLUMNS

RAW = "raw_"
"""What the name of a raw table begins with, before that of its endpoint."""
_ID = "_id"
_ITEM_ID = Column(
    "item_id",
    READ_IDENTIFIER,
    "The feed's own `_id` of the item; null for an item that has none. The contract calls it internal: where the items "
    "have an identifier among their fields, join by that.",
    (_ID,),
)
_READ_FOR = "Read only for accounts whose `endpoints` name `{}`, and whose contract includes them."


@functools.cache  # a table is compared by its functions too
def endpoint_tables(endpoint: str) -> tuple[Table, Table]:
    """The raw table of an endpoint, and the table of its fields."""
    name = table_of_method(endpoint)
    raw = raw_table_of(
        _ITEM_ID,
        name=f"{RAW}{name}",
        description=(
            f"One verified snapshot of the items of the feed's method `{endpoint}` for the conference, a row for each "
            f"item the feed sent, exactly as it came. {_READ_FOR.format(endpoint)}"
        ),
        endpoint=endpoint,
        identifier=EVERY_ITEM,
    )
    return raw, Table(
        name=name,
        description=(
            f"The items of the feed's method `{endpoint}`, field by field: one row per item and top-level field, with "
            "the field's value as text. Items are told apart by `digest`; of items with equal content one is here. "
            "Which fields there are is the organiser's and the vendor's matter, and no column depends on it. Not every "
            f"item is public: nothing of this is in `published/`. {_READ_FOR.format(endpoint)}"
        ),
        columns=(*OWNER_COLUMNS, _ITEM_ID, DIGEST, *_FIELD),
        key=("digest", "field"),
        preview=("item_id", "digest", "field"),
        records=_fields,
        upstream=(raw.name,),
        endpoint=endpoint,
        identifier=EVERY_ITEM,
    )


def _key(key: Any) -> str | None:
    """A key as JSON writes it, so that it is text that UTF-8 can hold and each other key is another."""
    return None if key is None else str(values.json_text(key))[1:-1]


_FIELD = (
    Column.named(
        "field",
        Kind("string", _key),
        "The field's key, as JSON writes it between its quotation marks. Null, in one row, for an item that is no "
        "object or has no field. The feed's bookkeeping (keys that begin with `_`), account and conference are none.",
    ),
    Column.named(
        "value",
        VERBATIM,
        "The field's value as text, character by character: numbers and booleans as JSON writes them. Null for a blank "
        "one, and for what `extra` has. May hold personal data.",
        personal=True,
    ),
    Column.named(
        "extra",
        JSON,
        "The field's value as JSON text where it is a list, an object or a number beyond 64 bits, or the item where it "
        "is no object; null for any other. May hold personal data.",
        personal=True,
    ),
)


def _fields(items: Iterable[JsonObject]) -> Iterator[Record]:
    for item in items:
        content, digest = item["content"], item["digest"]
        if not isinstance(content, dict):
            yield {"digest": digest, "extra": content}
            continue
        of_item = {_ID: values.readable(values.identifier, member(content, _ID)), "digest": digest}
        fields = [(key, value) for key, value in content.items() if key[:1] != "_" and key.lower() not in OWNER]
        for key, value in fields:
            yield {**of_item, "field": key, **_value(value)}
        if not fields:
            yield of_item


def _value(value: Any) -> Record:
    """A value of the feed as text, or as JSON where no text says it."""
    try:
        return {"extra": value} if isinstance(value_of(value), dict | list) else {"value": values.text(value)}
    except values.Unreadable:
        return {"extra": value}
