"""The floor: as little as can be done to have the five tables with typed values.

It does: eight kept-alive connections, the pages of a conference but the first asked for at once, parsed where they
arrive by the fastest parser, columns straight into Arrow and zstd Parquet: `sessions` with every field of the feed that
has a column, `session_speakers`, `session_tracks`, `session_credits`, `session_custom_fields`. The bench compares
every value with the project's own tables. It does not: a second walk, any check of counts, owners, types or duplicates,
any retry or time limit, tables of what was rejected, published or sent beside known fields, text without markup, sorted
rows, atomic or synced files, provenance, Dagster. One conference after the other.
"""

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.contenders.floor_columns import TABLES
from benchmarks.contenders.job import Job, work

CONNECTIONS = 8


class _Feed:
    """Pages of the feed, each thread over a connection of its own."""

    def __init__(self, url: str) -> None:
        split = urlsplit(url)
        self._address, self._path = split.netloc, split.path
        self._own = threading.local()

    def page(self, account: str, conference: str, number: int) -> dict[str, Any]:
        """One page, parsed."""
        if not hasattr(self._own, "connection"):
            self._own.connection = HTTPConnection(self._address, timeout=30)
        where = quote(json.dumps({"account": account, "conference": conference}))
        self._own.connection.request("GET", f"{self._path}/sessions?where={where}&page={number}")
        page: dict[str, Any] = orjson.loads(self._own.connection.getresponse().read())
        return page


def _refresh(job: Job) -> None:
    feed = _Feed(job.url)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for account, conference in job.keys:
            first = pool.submit(feed.page, account, conference, 1).result()
            meta = first["_meta"]
            last = -(-meta["total"] // meta["max_results"])
            rest = [pool.submit(feed.page, account, conference, number) for number in range(2, last + 1)]
            sessions = [session for page in (first, *(it.result() for it in rest)) for session in page["_items"]]
            for name, table in TABLES.items():
                _write(job, name, account, conference, table(sessions))


def _write(job: Job, table: str, account: str, conference: str, columns: Mapping[str, "pa.Array[Any]"]) -> None:
    length = len(next(iter(columns.values())))
    same = {name: pa.repeat(value, length) for name, value in (("account", account), ("conference", conference))}
    path = job.folder / table / account / f"{conference}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({**same, **columns}), path, compression="zstd")


if __name__ == "__main__":
    work(_refresh)
