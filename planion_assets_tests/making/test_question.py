"""What crosses between the two processes: items, files as far as the disk takes them, and nothing that is printed."""

import io
import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from planion_assets.disk import refusal
from planion_assets.feed.held import Held, HeldItem
from planion_assets.feed.page import parse_page
from planion_assets.build import Order
from planion_assets.making.process import serve
from planion_assets.making.question import Answer, Question, answer
from planion_assets.store import Provenance, Store, put
from planion_assets.tables.catalog import table
from planion_assets.tables.model import Zones
from planion_assets_tests.faults.conference import leftovers
from planion_assets_tests.faults.steps import at_step
from planion_assets_tests.feed.server import KEY, items, page_of

_Value = TypeVar("_Value")

ORIGIN = Provenance("abc", datetime(2036, 5, 4, tzinfo=UTC), "1")
TABLES = [table(name) for name in ("raw_sessions", "sessions", "session_tracks", "rejected_items")]


def _held() -> list[HeldItem]:
    held = Held()
    rows = items(250)
    pages = [held.keep(parse_page(page_of(rows, number).body, number), ["schedid", "_etag"]) for number in (1, 2, 3)]
    return [item for page in pages for item in page.items]


def _question(folder: Path) -> Question:
    order = Order(KEY, _held(), Zones(), [(each, ORIGIN) for each in TABLES])
    return Question.of(order, Store(folder / "data"))


def _crossed(value: _Value) -> _Value:
    crossed: _Value = pickle.loads(pickle.dumps(value))  # noqa: S301 - its own
    return crossed


def test_items_are_the_same_in_the_other_process() -> None:
    sent = _held()
    came = _crossed(sent)
    assert [(item.digest, item.payload, item.content, item.aside) for item in came] == [
        (item.digest, item.payload, item.content, item.aside) for item in sent
    ]


def test_where_the_disk_refuses_the_files_before_it_are_answered(tmp_path: Path) -> None:
    question = _question(tmp_path)

    def refuse() -> None:
        raise OSError(28, os.strerror(28))

    folder = question.store.path("session_tracks", KEY).parent
    with at_step("fsync", folder, refuse) as met:
        found = answer(question)
    assert met
    assert [made.begun.footer.rows for made in found.files] == [250, 250]
    assert found.refusal is not None
    assert refusal(found.refusal).startswith(f"the disk refused {folder / 'AM2026.parquet'}: No space left on device")
    came = _crossed(found)
    assert refusal(came.refusal or OSError()) == refusal(found.refusal)
    assert [path for path in question.store.root.rglob("*.parquet") if not path.name.startswith(".")] == []
    for made in came.files:
        assert put(made.begun) == question.store.footer(made.begun.footer.path.parts[-3], KEY)
    assert leftovers(question.store.root) == []


def test_questions_are_answered_until_there_are_no_more(tmp_path: Path) -> None:
    questions = io.BytesIO(b"".join(pickle.dumps(_question(tmp_path / name)) for name in "ab"))
    answers = io.BytesIO()
    serve(questions, answers)
    answers.seek(0)
    for _ in "ab":
        found: Answer = pickle.load(answers)  # noqa: S301 - its own
        assert found.refusal is None
        assert [made.begun.footer.rows for made in found.files] == [250, 250, 0, 0]
        for made in found.files:
            made.begun.drop()
            made.begun.drop()
    assert answers.read() == b""
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("broken", [b"", b"no pickle", b"cut short"])
def test_the_program_answers_on_its_own_stream_and_ends_with_its_questions(tmp_path: Path, broken: bytes) -> None:
    asked = pickle.dumps(_question(tmp_path))
    given = {b"": asked, b"no pickle": b"print('x')\n", b"cut short": asked[:-9]}[broken]
    code = "import planion_assets.making.process as p, planion_assets.making.question as q\n"
    code += "p.answer = lambda question: print('among the answers') or q.answer(question)\n"
    code += "p.main()"
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=False)
    if broken:
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"Traceback" in done.stderr
        return
    found: Answer = pickle.loads(done.stdout)  # noqa: S301 - its own
    assert len(found.files) == len(TABLES)
    assert (done.returncode, done.stderr) == (0, b"among the answers\n")
