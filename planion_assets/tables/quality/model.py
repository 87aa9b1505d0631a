"""What a check is: `Check`, and the `Contents` that it looks at. Everything else about checks is derived from these."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from planion_assets.tables.model import digest_of

if TYPE_CHECKING:
    # A declaration is loaded with the code location, which does without Arrow.
    import pyarrow as pa

Cell = str | int | None
Offender = tuple[Cell, ...]
"""What identifies an offender, a cell per column of its check: first a `schedid` or `pid`, None where there is none."""

CHECKS_VERSION = "3"
"""A part of every check's fingerprint: raise it where a change of shared code can change verdicts of several."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


class Severity(Enum):
    """How much a failed check matters. The values are Dagster's names."""

    WARN = "WARN"
    """Something to look at: it can be meant, and nothing that the feed sent is lost."""
    ERROR = "ERROR"
    """Something to mend: it cannot be meant, and results from the table are wrong."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The columns of one conference's tables, by table, and what each table's footer says of unreadable values.

    `unreadable` holds by table and column the members of `planion_assets.tables.arrow.unreadable.unreadable_json`.
    """

    tables: "Mapping[str, Mapping[str, pa.ChunkedArray[Any]] | pa.Table]"
    unreadable: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)

    def rows(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a table as tuples of the values of these columns; raises KeyError for an unknown one.

        A timestamp is a whole number of microseconds since 1970, which `moment` shows.
        """
        data = self.tables[table]
        return zip(*(_values(data[name]) for name in columns), strict=True)


def _values(column: "pa.ChunkedArray[Any]") -> list[Any]:
    # Imported here: a declaration is loaded with the code location, which does without Arrow.
    import pyarrow as pa

    from planion_assets.tables.arrow.arrays import microseconds_of

    values: list[Any] = microseconds_of(column) if pa.types.is_timestamp(column.type) else column.to_pylist()
    return values


@functools.lru_cache(maxsize=4096)  # sessions begin and end at the same times
def moment(microseconds: int) -> str:
    """A timestamp as text: 2026-05-01 10:00:00."""
    return str(_EPOCH + timedelta(microseconds=microseconds))


Find = Callable[[Contents], Sequence[Offender]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check, declared once, at the function that finds its offenders (`check`).

    It is shown on the asset of `table` and looks at the tables that `reads` names, that one unless given, which must
    all have been refreshed, and at those of `reads_where_there` that the conference has. `finds` says what an offender
    is, as a plural; `because` gives the reason for the severity. `find` returns all offenders in a stable order, that
    of the table unless it says otherwise. Raise `code_version` whenever the same tables would give other offenders: the
    next refresh then judges unchanged conferences too. A test holds it to the code
    (`planion_assets_tests/tables/golden.py`).
    """

    name: str
    find: Find
    table: str
    finds: str
    because: str
    columns: Sequence[str]
    severity: Severity = Severity.WARN
    reads: tuple[str, ...]
    reads_where_there: tuple[str, ...] = ()
    code_version: str = "1"

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits by which verdicts are known to be given by this code.

        They change with the severity and the columns, with `code_version` and with `CHECKS_VERSION`.
        """
        return digest_of(self.name, self.severity.value, tuple(self.columns), self.code_version, CHECKS_VERSION)


def check(*, table: str, reads: tuple[str, ...] = (), **declared: Any) -> Callable[[Find], Check]:
    """Make a function the `Check` of its name, with what else is declared of that."""
    return lambda find: Check(name=find.__name__, find=find, table=table, reads=reads or (table,), **declared)
