"""The ten lines that anybody would write: `requests`, one page after the other, and pandas.

It does: ask for each page when the one before is there, over one kept-alive connection; sessions, speakers and tracks
as three files per conference, all columns as text. It does not: types, credits and custom fields as rows, any check of
what came, any retry, atomic files. What it reads is wrong whenever the feed is edited in between, and nobody is told.
"""

import json

import pandas as pd
import requests

from benchmarks.contenders.job import Job, work


def _refresh(job: Job) -> None:
    feed = requests.Session()
    feed.auth = (job.token, "")
    for account, conference in job.keys:
        where = json.dumps({"account": account, "conference": conference})
        rows, number, more = [], 0, True
        while more:
            number += 1
            page = feed.get(f"{job.url}/sessions", params={"where": where, "page": str(number)}, timeout=30).json()
            rows += page["_items"]
            more = "next" in page["_links"]
        sessions = pd.DataFrame(rows).drop(columns=["speakers", "tracks", "_links"])
        sessions.astype("string").to_parquet(job.folder / f"sessions-{conference}.parquet")
        for nested in ("speakers", "tracks"):
            table = pd.json_normalize(rows, nested, ["account", "conference", "schedid"])
            table.astype("string").to_parquet(job.folder / f"{nested}-{conference}.parquet")


if __name__ == "__main__":
    work(_refresh)
