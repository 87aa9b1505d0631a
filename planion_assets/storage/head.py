"""The head of a conference in an object store: one small object that says all that is known of it, as JSON."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from planion_assets.storage import last_read
from planion_assets.storage.errors import StoreError
from planion_assets.storage.last_read import LastRead
from planion_assets.storage.log_parts import part_of
from planion_assets.storage.object_files import Tag
from planion_assets.storage.parquet_file import Footer, Provenance
from planion_assets.storage.parquet_statistics import MinMax
from planion_assets.storage.writer import LogEnd

FORMAT = 2
"""Of the JSON. Code that reads a higher one refuses it: it would drop what it does not know."""


@dataclass(frozen=True, slots=True)
class KnownTable:
    """What the head says of the file of a table: the tag of its content, its footer, and the footer's statistics.

    `min_max` has the least and greatest value of each column of times or dates, None for one without any, and `nulls`
    how many rows have no value in a column; a column without statistics is in neither.
    """

    tag: Tag
    footer: Footer
    min_max: Mapping[str, MinMax] = field(repr=False)
    nulls: Mapping[str, int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """What a commit has staged and not yet copied to its final name.

    The staged object of each raw table, by the table, and of each new file of a change log, by that file's name.
    `covered` are the files of a change log that are to be deleted after that.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    log_files: Mapping[str, str] = field(default_factory=dict)
    covered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a conference.

    `version` counts its commits, `commit` names the last one, and `nonce` is of this head alone: an ETag can be a
    digest of the content, so heads that say the same must differ. A table that is not among `tables` may be there or
    not: it is to be written again. Of a change log that is not among `logs` the files are to be listed.
    """

    version: int = 0
    nonce: str = ""
    commit: str = ""
    tables: Mapping[str, KnownTable] = field(default_factory=dict)
    logs: Mapping[str, LogEnd] = field(default_factory=dict)
    pending: Pending | None = None
    last_read: LastRead = field(default_factory=LastRead)

    def without_notes(self) -> "Head":
        """The head without what changes at each read: what is the same then was not committed to since."""
        return replace(self, nonce="", last_read=LastRead())

    def followed_by(
        self, commit: str, version: int, pending: Pending, logs: Mapping[str, LogEnd], unknown: Collection[str]
    ) -> "Head":
        """The head after a commit of that name: it has these ends of change logs, and none of the `unknown` tables."""
        tables = {table: known for table, known in self.tables.items() if table not in unknown}
        logs = {**self.logs, **logs}
        return replace(self, version=version, commit=commit, tables=tables, logs=logs, pending=pending)

    def to_json(self) -> bytes:
        """JSON text."""
        content: dict[str, Any] = {
            "format": FORMAT,
            "version": self.version,
            "nonce": self.nonce,
            "commit": self.commit,
            "last_read": last_read.to_json(self.last_read),
            "pending": asdict(self.pending) if self.pending else None,
            "logs": {log: _log_json(end) for log, end in self.logs.items()},
            "tables": {table: _table_json(known) for table, known in self.tables.items()},
        }
        return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def head_of_json(text: bytes, where: str, address: Callable[[str], str]) -> Head:
    """The head that `to_json` wrote; `address` gives the address of a table's file.

    Raises ValueError where it is none, and `StoreError` where newer code wrote it.
    """
    try:
        found = json.loads(text)
        if found["format"] > FORMAT:
            raise StoreError(
                f"{where} was written by a newer planion_assets (format {found['format']}, this one reads {FORMAT}): "
                "update planion_assets here"
            )
        pending = found["pending"]
        covered = tuple(_text(name) for name in pending.get("covered", ())) if pending is not None else ()
        return Head(
            version=_count(found["version"]),
            nonce=_text(found["nonce"]),
            commit=_text(found["commit"]),
            tables={table: _table(known, address(table)) for table, known in found["tables"].items()},
            logs={log: _log(end) for log, end in found["logs"].items()},
            pending=None
            if pending is None
            else Pending(_texts(pending["tables"]), _texts(pending["log_files"]), covered),
            last_read=last_read.of_json(dict(found["last_read"])),
        )
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"{where} is no head of a conference ({type(error).__name__}: {error})") from None


def _table_json(known: KnownTable) -> dict[str, Any]:
    footer, provenance = known.footer, known.footer.provenance
    return {
        "e_tag": known.tag.e_tag,
        "object_version": known.tag.version,
        "size": footer.size,
        "rows": footer.rows,
        "version": footer.version,
        "schema": footer.schema_digest,
        "provenance": provenance and {**asdict(provenance), "fetched_at": provenance.fetched_at.isoformat()},
        "unreadable": footer.unreadable,
        "pages": footer.pages,
        "min_max": {name: found and [one.isoformat() for one in found] for name, found in known.min_max.items()},
        "nulls": dict(known.nulls),
    }


def _table(known: Any, address: str) -> KnownTable:
    noted, provenance = known["provenance"], None
    if noted is not None:
        texts = {name: _text(value) for name, value in dict(noted).items()}
        fetched_at = datetime.fromisoformat(texts.pop("fetched_at"))
        provenance = Provenance(fetched_at=fetched_at, **texts)
    footer = Footer(
        address,
        _count(known["size"]),
        _count(known["rows"]),
        None,
        provenance,
        _text(known["unreadable"]),
        _text(known["pages"]),
        _count(known["version"]),
        _text(known["schema"]),
    )
    min_max = {name: found and _range(*found) for name, found in known["min_max"].items()}
    nulls = {name: _count(number) for name, number in known["nulls"].items()}
    return KnownTable(Tag(known["e_tag"], known["object_version"]), footer, min_max, nulls)


def _range(least: str, greatest: str) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(least), datetime.fromisoformat(greatest)


def _log_json(end: LogEnd) -> dict[str, Any]:
    last = end.last.name if end.last else None
    return {"last": last, "size": end.size, "files": end.files, "following": end.following}


def _log(end: Any) -> LogEnd:
    last = None if end["last"] is None else part_of(_text(end["last"]))
    if last is None and end["last"] is not None:
        raise ValueError(end["last"])
    return LogEnd(last, _count(end["size"]), _count(end["files"]), _count(end["following"]))


def _count(found: Any) -> int:
    if type(found) is not int or found < 0:
        raise ValueError(found)
    return found


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError(found)
    return found


def _texts(found: Any) -> dict[str, str]:
    return {_text(name): _text(text) for name, text in found.items()}
