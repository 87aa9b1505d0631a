"""What a table is: `Kind`, `Column`, `Table`, `History`. All else about tables is derived from these declarations.

Types are Arrow's names as text, so that declaring tables imports no Arrow; `planion_assets.tables.arrow.builder` turns
them into Arrow's own.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Protocol

from planion_assets.tables.fields import lists, timestamps, values

TRANSFORM_VERSION = "6"
"""A part of every table's fingerprint: raise it where a change of shared code (`fields`, `arrow`, `selection`, what a
feed item is) can change rows of several tables, in place of the `code_version` of each."""
EVERY_ITEM = ""
"""The `identifier` of a table of whose items no member is known to tell them apart."""
PEOPLE = "speakers"
"""The table of people. Tables of sessions that are made of it too are made of two snapshots."""
PUBLISHED = "published"
"""The one folder whose tables hold nothing but what the public may see."""

Value = str | bool | int | float | date | datetime | None
Record = Mapping[str, Any]
JsonObject = dict[str, Any]
"""The content of an item that counts as a session or a person."""
ColumnOf = Callable[[str, str], list[Any]]
"""Gives the values of a column of an upstream table, by the table's name and the column's."""


class FeedItem(Protocol):
    """An element of the feed's `_items`: JSON text as it came, the digest of its content, the content parsed."""

    @property
    def payload(self) -> str:
        """JSON text as it came."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the content."""

    @property
    def size(self) -> int:
        """Bytes of the payload in UTF-8."""

    @property
    def content(self) -> Any:
        """The parsed JSON value; some items parse it anew each time."""

    def member(self, name: str) -> Any:
        """A member of the content, whatever the letter case of its key (`planion_assets.members`); None for none."""


def digest_of(*declared: object) -> str:
    """Twelve hex digits that stand for what was declared."""
    return hashlib.sha256(repr(declared).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value of the feed becomes a value of an Arrow type, for which `read` raises `values.Unreadable`."""

    arrow: str
    read: Callable[[Any], Value]


IDENTIFIER = Kind("string", values.identifier)
# For an identifier that was read before: reading it again could escape it twice.
READ_IDENTIFIER = Kind("string", values.text)
# As it came, with line breaks and spaces: free text, digests, payloads.
VERBATIM = Kind("string", values.text)
TEXT = Kind("string", values.line)
JSON = Kind("string", values.json_text)
LIST = Kind("string", lists.list_text)
BOOLEAN = Kind("bool", values.boolean)
FLOAT64 = Kind("float64", values.number)
INT32 = Kind("int32", values.integer)
DATE32 = Kind("date32", timestamps.day)
INSTANT = Kind("timestamp[us, tz=UTC]", timestamps.instant)
LOCAL = Kind("timestamp[us]", timestamps.instant)


@dataclass(frozen=True, slots=True)
class Zones:
    """IANA names of the zones that a conference's times are read in.

    `feed` is that of the vendor's clock (`session_updated_at`), `venue` that of the conference; None where it is not
    configured, and venue times then have no instant.
    """

    feed: str = "UTC"
    venue: str | None = None

    def __str__(self) -> str:
        return f"{self.feed} {self.venue or '-'}"


@dataclass(frozen=True, slots=True)
class Publication:
    """What an account hands out of what its feed calls published: settings that rows of public tables depend on.

    `declined` says whether engagements of people who declined are, `custom_fields` names the organiser's own fields
    that are, None for all. By default all is handed out. Each field here is one of the account's settings too.
    """

    declined: bool = True
    custom_fields: tuple[str, ...] | None = None

    def __str__(self) -> str:
        """What differs from the defaults as a JSON object, blank for nothing; a file's footer holds it."""
        found = {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name) != one.default}
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else ""

    @classmethod
    def of_text(cls, text: str) -> "Publication":
        """What `str` made of one; raises ValueError for any other text."""
        try:
            said = json.loads(text or "{}").items()
            found: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said}
            return cls(**found)
        except (TypeError, AttributeError) as error:
            raise ValueError(f"no settings of what is published: {text}") from error


@dataclass(frozen=True, slots=True)
class Column:
    """One column, declared once.

    `source` holds the keys of the record it is read from, the first that is not blank; they are the feed's own
    keys. A column with `derive` is computed instead, from the zones and the value of each source. `personal` marks data
    about a person, which no preview shows and no published table holds.
    """

    name: str
    kind: Kind
    description: str
    source: tuple[str, ...] = ()
    personal: bool = False
    derive: Callable[..., Value] | None = None

    @classmethod
    def named(cls, name: str, kind: Kind, description: str, **declared: Any) -> "Column":
        """A column that is read from the key of its own name."""
        return cls(name, kind, description, (name,), **declared)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """What is declared of every asset that is stored with columns.

    Rows are sorted by the columns `key`; the columns `preview` are shown to people. `upstream` names tables, first the
    one whose columns these are read from. `public` tables may be handed to anybody. With account and conference the
    columns `identity` tell a row from all others and are never null; None where there are none. `references` has by
    table the columns that name a row of it, with their names there. Raise `code_version` whenever the same content
    would give other rows: stored files of other code are recognised by it and rebuilt. A test holds it to the code
    (`planion_assets_tests/tables/golden.py`).
    """

    name: str
    description: str
    columns: tuple[Column, ...] = field(hash=False)  # a schema is looked up by its table: in a tenth of the time
    key: tuple[str, ...]
    preview: tuple[str, ...]
    upstream: tuple[str, ...] = ("raw_sessions",)
    public: bool = False
    code_version: str = "1"
    identity: tuple[str, ...] | None = None
    references: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False, compare=False)

    @property
    def location(self) -> str:
        """The folder below the data directory: `<name>`, or `published/<name>` for what may be handed out."""
        return f"{PUBLISHED}/{self.name}" if self.public else self.name

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits by which stored files are known to be built by this code.

        They change with what is declared of a column, descriptions apart, with `code_version` and `TRANSFORM_VERSION`.
        """
        declared = [(c.name, c.kind.arrow, c.source, c.personal) for c in self.columns]
        return digest_of(self.name, declared, self.key, self.code_version, TRANSFORM_VERSION)

    @property
    def zoned(self) -> bool:
        """Whether any column depends on the zones."""
        return any(column.derive for column in self.columns)

    @property
    def shows_people(self) -> bool:
        """Whether it is made of the stored people too; its file then says which those are (`planion.people`)."""
        return PEOPLE in self.upstream

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError."""
        return {column.name: column for column in self.columns}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(TableSpec):
    """One table of a conference, which shows one snapshot. Its rows come from one of four pure functions:

    - `records`: from contents of sessions or people, some at a time, to records, one per row. Known keys are written as
      the contract writes them (`spellings.py`). `unstored` columns are read from the same contents, only to note what
      cannot be read.
    - `of_items`: the same from all items, for rows that stand for items; `payload` is read from a record's `item`.
    - `rows`: whether each row of the first `upstream` table is in this one, which has columns of the same names.
      `replaced` gives the columns that differ from that table's, a value for each row that is in this one.
    - `joined`: from columns of the `upstream` tables, of one endpoint or two, to records by the names of columns.

    `endpoint` is the feed's collection that the items come from, `identifier` what tells its sessions or people apart.
    With `EVERY_ITEM` each different content counts, object or not; `records` gets it as `content`, with its `digest`.
    """

    records: Callable[[Sequence[JsonObject]], Iterable[Record]] | None = None
    unstored: tuple[Column, ...] = ()
    of_items: Callable[[Sequence[FeedItem]], Iterable[Record]] | None = None
    rows: Callable[[ColumnOf, Publication], Sequence[bool]] | None = None
    replaced: Callable[[ColumnOf, Publication, Sequence[bool]], Mapping[str, Sequence[Value]]] | None = None
    joined: Callable[[ColumnOf, Publication], Sequence[Record]] | None = None
    endpoint: str = "sessions"
    identifier: str = "schedid"


@dataclass(frozen=True, slots=True)
class Tracked:
    """A table whose changes a history records, each of its rows under the name `entity`.

    The columns `address` tell a row from all others of one state. `identity` gives of a row, as text by column, what it
    shares with the row that it becomes. Rows of another entity of the history, `derived_from`, name a row by its
    address; as soon as one of those goes, the row counts as another, so that nothing stays of what the former said.
    """

    entity: str
    table: str
    address: tuple[str, ...]
    identity: Callable[[Mapping[str, str | None]], tuple[str | None, ...]]
    derived_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History(TableSpec):
    """What happened to a conference: rows that are appended with each change from one state of tables to the next."""

    tracked: tuple[Tracked, ...] = ()
