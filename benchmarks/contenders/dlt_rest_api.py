"""dlt's `rest_api` source to Parquet files, declared as its documentation shows.

It does: follow the feed's links from page to page, retry, infer types and normalize `speakers`, `tracks` and
`resources` into tables of their own, write through its `filesystem` destination. It does not: dates and times as such
(it keeps the feed's text), credits and custom fields as rows, a second walk. One resource per conference, one after
the other, into the same tables; its state and its telemetry are set up by whoever starts it.
"""

import json
from typing import Any

import dlt
from dlt.destinations import filesystem
from dlt.sources.rest_api import rest_api_source

from benchmarks.contenders.job import Job, work


def _resource(account: str, conference: str) -> dict[str, Any]:
    where = json.dumps({"account": account, "conference": conference})
    # Single braces would be a reference to another resource.
    where = where.replace("{", "{{").replace("}", "}}")
    return {
        "name": f"sessions_{account}_{conference}".lower(),
        "table_name": "sessions",
        "endpoint": {"path": "sessions", "params": {"where": where}, "data_selector": "_items"},
    }


def _refresh(job: Job) -> None:
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{job.url}/",
                "auth": {"type": "http_basic", "username": job.token, "password": ""},
                "paginator": {"type": "json_link", "next_url_path": "_links.next.href"},
            },
            "resources": [_resource(account, conference) for account, conference in job.keys],
        },
        name="planion",
    )
    pipeline = dlt.pipeline("planion", destination=filesystem(job.folder.absolute().as_uri()), dataset_name="planion")
    pipeline.run(source, loader_file_format="parquet")


if __name__ == "__main__":
    work(_refresh)
