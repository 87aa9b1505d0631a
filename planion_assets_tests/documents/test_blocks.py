"""Every block of code of the documents: run, or where it cannot be, read by what it is written for."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import duckdb
import pytest
import yaml

from planion_assets.config import load
from planion_assets.config.models import AccountConfig, File
from planion_assets_tests.documents.checkout import Checkout, checkout
from planion_assets_tests.pages import ROOT, documents, text_of

PAGES = [str(path.relative_to(ROOT)) for path in documents()]
INSTANCE = {"storage", "concurrency", "run_launcher", "telemetry"}
"""The keys of dagster.yaml that the pages show. That of PostgreSQL is run by defs/automation/test_postgres.py."""
BASH = str(which("bash"))
SHELLS, RUN = ("sh", "shell"), ("sh", "shell", "python", "sql")
READ = ("yaml", "json", "crontab")
OUTPUT = ("text",)  # what a command prints
WRAPPED = (*OUTPUT, "crontab")
WIDEST = 100  # characters
NOT_RUN: dict[str, str] = {
    "docs/how-to/deploy.md": "needs root, a container engine, a cluster: planion_assets_tests/deploy runs what it can",
    "docs/how-to/read-from-a-bucket.md": "needs a bucket: servers/test_readers.py",
    "docs/reference/sessions-feed.md": "the vendor's own sample, with the vendor's address",
    "examples/embedded/README.md": "installs packages: defs/test_component.py loads the project",
    "CONTRIBUTING.md": "test_examples.py runs both",
    "make test": "is what runs this",
    "make dev": "serves until it is ended: test_dev.py",
    ".venv/bin/dagster dev": "serves until it is ended: test_dev.py",
    "marimo run": "serves until it is ended: browser/test_dashboard.py",
    ".venv/bin/planion init": "asks a person: cli/test_init.py answers",
    "export PLANION_TOKEN_AAA=": "the reader's token, which the environment has",
    "celery": "needs a queue and its packages: engines/test_celery.py",
    "createdb": "the same",
    "createuser": "makes a user of PostgreSQL as its superuser: defs/automation/test_postgres.py",
    "uv pip install": "asks a package index",
    "rsync": "copies to a machine that is not there",
    "dg scaffold": "needs a project of dg: defs/test_component.py",
    "dg check": "the same: defs/test_component.py",
    "python -m planion_assets.defs.instance": "faults/test_instance.py",
    "pyspark": "needs Java: readers/test_spark.py",
    "<Tab>": "cli/test_completion.py",
}
"""What is not run, by its page or by what it has in it, with the reason and what runs it instead."""
NEEDED: dict[str, str] = {
    "docs/how-to/certificates-and-proxies.md": "touch company-ca.pem",
    "docs/how-to/embed.md": "mkdir -p east west && cp planion.yaml east && cp planion.yaml west",
    "docs/how-to/get-alerts.md": "printf '#!/bin/sh\\n' > .venv/bin/mail && chmod +x .venv/bin/mail",
    "docs/how-to/many-workers.md": "mkdir .dagster",
    "docs/how-to/run-in-production.md": "touch planion.env",
    "docs/tutorial/first-run.md": "mkdir away && mv data planion.yaml away && mkdir data",
    "docs/tutorial/own-feed.md": "rm -r data && mv away/* .",
}
"""What the reader of a page has that these tests lack; in the first run it is neither settings nor tables."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: its page, the line on which it begins, its language and its text."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def _blocks(page: str) -> Iterator[Block]:
    text = text_of(page)
    for found in re.finditer(r"^( *)```(\w*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL):
        code = re.sub(rf"^{found[1]}", "", found[3], flags=re.MULTILINE)
        yield Block(page, text.count("\n", 0, found.start()) + 1, found[2], code)


BLOCKS = [block for page in PAGES for block in _blocks(page)]


def _why_not(block: Block, text: str) -> str | None:
    """The key of the reason why that text of a block is not run."""
    return next((key for key in NOT_RUN if key == block.page or key in text), None)


def _lines(text: str) -> list[str]:
    """The commands of a block, each with the lines that it goes on to; a script is one."""
    return [text] if text.startswith("#!") else re.findall(r"(?:[^\n]*\\\n)*[^\n]+\n?", text)


def test_every_block_says_what_it_is_and_none_is_indented_instead() -> None:
    assert [str(block) for block in BLOCKS if block.language not in (*RUN, *READ, *OUTPUT)] == []
    for page in PAGES:
        rest = re.sub(r"^( *)```.*?^\1```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
        assert (
            re.findall(r"\n\n {4,}\S[^\n]*", re.sub(r"^ *([-*]|\d+\.) .*(?:\n+ {2,}.*)*", "", rest, flags=re.M)) == []
        )


def test_no_line_of_a_block_is_cut_on_a_screen_of_1280_pixels() -> None:
    # What a command printed and a crontab are wrapped (docs/site/wide.css). The page of the vendor stays as it is.
    unwrapped = (one for one in BLOCKS if one.language not in WRAPPED and one.page != "docs/reference/sessions-feed.md")
    assert [f"{one}: {line}" for one in unwrapped for line in one.text.splitlines() if len(line) > WIDEST] == []


def test_every_reason_not_to_run_something_is_needed_and_names_a_test_that_is_there() -> None:
    runnable = [block for block in BLOCKS if block.language in (*RUN, *OUTPUT)]
    needed = {_why_not(block, line) for block in runnable for line in (block.page, *_lines(block.text))}
    assert set(NOT_RUN) - needed == set()
    for reason in NOT_RUN.values():
        for name in re.findall(r"[\w/]+\.py", reason):
            assert (ROOT / "planion_assets_tests" / name).exists(), name


def test_every_block_of_a_shell_is_one_that_a_shell_can_read() -> None:
    wrong: dict[str, str] = {}
    for block in BLOCKS:
        if block.language in SHELLS:
            done = subprocess.run([BASH, "-n", "-c", block.text], capture_output=True, text=True, check=False)
            wrong |= {str(block): done.stderr} if done.returncode else {}
    assert wrong == {}


@pytest.mark.long
@pytest.mark.parametrize(
    "refreshed", [("README.md", "docs/tutorial/"), pytest.param("", marks=pytest.mark.soak)], ids=["some", "all"]
)
def test_every_block_runs_as_it_stands(tmp_path: Path, refreshed: str | tuple[str, ...]) -> None:
    """In one checkout, page after page, as a reader who works through them would run them.

    A refresh takes a third of a second: those of other pages than `refreshed` are not run, and `test_pages.py` reads
    their options.
    """
    failed: dict[str, str] = {}
    with checkout(tmp_path) as place:
        for page in PAGES:
            if preparation := NEEDED.get(page):
                assert place.run(preparation).returncode == 0
            for block in (block for block in BLOCKS if block.page == page and block.language in RUN):
                if problem := _run(block, place, refreshes=page.startswith(refreshed)):
                    failed[str(block)] = problem
    assert not failed, "\n".join(f"{where}: {problem}" for where, problem in failed.items())


def _run(block: Block, place: Checkout, *, refreshes: bool) -> str | None:
    """What went wrong with a block, of which the lines that refresh are run or not."""
    if block.language == "sql":
        with duckdb.connect() as database:
            database.execute(f"SET file_search_path = '{place.folder}'")
            database.execute(block.text)
        return None
    if block.language == "python":
        if _why_not(block, block.text):
            return None
        done = place.run(f"python -c {shlex.quote(block.text)}")
    else:
        lines = [line for line in _lines(block.text) if refreshes or "planion refresh" not in line]
        due = "".join(line for line in lines if not _why_not(block, line))
        here = due.replace("/srv/planion", str(place.folder)).replace("http://127.0.0.1:8787", place.feed.origin)
        done = place.run(here, "sh" if block.text.startswith("#!") else "bash")
    return f"{done.stdout[-500:]}{done.stderr[-1500:]}" if done.returncode else None


def test_every_block_of_yaml_is_settings_of_this_project_or_of_dagster(tmp_path: Path) -> None:
    for block in (block for block in BLOCKS if block.language == "yaml"):
        content = yaml.safe_load(block.text)
        if content is None:  # a comment for the editor
            continue
        if {"storage", "concurrency", "run_launcher"} & content.keys() and "data" not in content:
            assert content.keys() <= INSTANCE, str(block)
            for named in (
                one for one in content.values() if "module" in one and find_spec(one["module"].split(".")[0])
            ):
                assert callable(getattr(import_module(named["module"]), named["class"]))
        else:
            load({}, tmp_path, given=_whole(content))


def _whole(part: Mapping[str, Any]) -> dict[str, Any]:
    """Settings in which that part is what the page shows; the rest is as short as can be."""
    account: dict[str, Any] = {
        "account": "AAA",
        "token_env": "PLANION_TOKEN_AAA",
        "conferences": [{"conference": "AM2026"}],
    }
    if part.keys() <= AccountConfig.model_fields.keys():
        return {"accounts": [{**account, **part}]}
    assert part.keys() <= File.model_fields.keys()
    return {"accounts": [account], **part}


def test_every_block_of_json_is_json_and_every_line_of_cron_has_a_time_and_a_command() -> None:
    for block in BLOCKS:
        if block.language == "json":
            json.loads(block.text)
        elif block.language == "crontab":
            for line in block.text.splitlines():
                *time, command = line.split(maxsplit=5)
                assert all(re.fullmatch(r"[\d*/,-]+", field) for field in time)
                assert subprocess.run([BASH, "-n", "-c", command], check=False).returncode == 0
