"""Hand-made rows with the awkward values of each type that tables are stored in.

They are what the readers can hold, all of them. Beyond are years before 1 and after 9999, which neither Python nor
the feed's dates can write, and NaN and infinity, which no table holds (`planion_assets.tables.fields.values.number`).
"""

from datetime import UTC, date, datetime

import pyarrow as pa

from planion_assets.keys import ConferenceKey
from planion_assets_tests.readers.answer import KINDS

KEYS = (ConferenceKey("AAA", "2018"), ConferenceKey("_A&B", "_C #%25é {1}*?🎪"))
"""One conference whose name looks like a number, and one whose name is trouble in a path."""

_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
# The calendar of Rome ends, and Pope Gregory's begins; a zone had no whole offset; the day before the epoch.
_CUTOVER = datetime(1582, 10, 10, 12, tzinfo=UTC)
_LOCAL_MEAN_TIME = datetime(1883, 11, 18, 17, 50, 36, 1, tzinfo=UTC)
_BEFORE_1970 = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)

VALUES: dict[pa.DataType, list[object]] = {
    pa.string(): [
        *(None, "", " ", "2018", "007", "NaN", "null", "NULL", "nul \0", "half \ufffd", "🎪 é\r\n"),
        "x" * 200_000,
    ],
    pa.bool_(): [None, True, False],
    pa.int32(): [None, 0, -(2**31), 2**31 - 1],
    pa.float64(): [None, 0.0, -0.0, 0.1, 5e-324, 1.7976931348623157e308],
    pa.date32(): [
        *(None, _FIRST.date(), date(1582, 10, 4), _CUTOVER.date(), date(1969, 12, 31), date(2024, 2, 29)),
        _LAST.date(),
    ],
    pa.timestamp("us"): [
        None,
        *(instant.replace(tzinfo=None) for instant in (_FIRST, _CUTOVER, _LOCAL_MEAN_TIME, _BEFORE_1970, _LAST)),
        datetime(2024, 3, 10, 2, 30),  # noqa: DTZ001 - a local time, which clocks in Chicago skip
        datetime(2024, 11, 3, 1, 30),  # noqa: DTZ001 - a local time, which clocks in Chicago repeat
    ],
    pa.timestamp("us", tz="UTC"): [
        *(None, _FIRST, _CUTOVER, _LOCAL_MEAN_TIME, _BEFORE_1970, _LAST),
        datetime(2024, 11, 3, 6, 30, tzinfo=UTC),  # 01:30 in Chicago, the first time
        datetime(2024, 11, 3, 7, 30, tzinfo=UTC),  # 01:30 in Chicago, the second time
    ],
}  # fmt: skip
"""Awkward values of each stored type."""


def awkward(key: ConferenceKey) -> pa.Table:
    """A table of a conference with a column per type; short columns are filled up with null."""
    rows = max(len(values) for values in VALUES.values())
    columns = {
        KINDS[kind].replace(" ", "_"): pa.array(values + [None] * (rows - len(values)), kind)
        for kind, values in VALUES.items()
    }
    return pa.table({"account": [key.account] * rows, "conference": [key.conference] * rows, **columns})
