"""Code that makes other rows must have another version: the golden file, and what is said where it does not fit."""

import functools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from planion_assets.feed.item import Item
from planion_assets.tables import catalog, model
from planion_assets.tables.fields import html, values
from planion_assets.tables.quality.check_catalog import CHECKS
from planion_assets.tables.quality.model import Check
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.source_digest import ROOT
from planion_assets_tests.tables import golden
from planion_assets_tests.tables.corpus import corpus
from planion_assets_tests.tables.golden import COMMAND, Golden, problems, read

TRACKS = catalog.table("session_tracks")
LINKS = catalog.table("session_speakers")


@functools.cache
def _few() -> dict[str, list[Item]]:
    """A few conferences of the corpus, which are enough to notice a change."""
    conferences = {name: corpus()[name] for name in ("dirty", "contract", "sandbox", "clashes")}
    return {**conferences, "people": corpus()["people"][::9]}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those for the corpus."""
    monkeypatch.setattr(golden, "corpus", _few)


@pytest.fixture
def attribute() -> Iterator[Callable[[Any, str, Any], None]]:
    """Sets an attribute of a frozen declaration, for one test."""
    before: list[tuple[Any, str, Any]] = []

    def set_to(declared: Any, name: str, value: Any) -> None:
        before.append((declared, name, getattr(declared, name)))
        object.__setattr__(declared, name, value)

    yield set_to
    for declared, name, value in reversed(before):
        object.__setattr__(declared, name, value)


def test_the_golden_file_is_what_the_code_is() -> None:
    """The whole corpus is looked at where anything is another than in the file."""
    if golden.golden(whole=False) != read().sampled():
        _check_all()


@pytest.mark.soak
def test_the_golden_file_is_what_the_code_makes_of_the_whole_corpus() -> None:
    _check_all()


def _check_all() -> None:
    now = golden.golden()
    assert list(problems(read(), now)) == [], f"see {golden.__file__}"
    assert set(read().entries) == set(now.entries), f"run `{COMMAND}`"


@pytest.mark.usefixtures("few")
def test_a_sample_notices_other_rows(attribute: Any) -> None:
    stored, column = golden.golden([SESSIONS], ()), SESSIONS.column("description_text")
    assert golden.golden([SESSIONS], (), whole=False) == stored.sampled()
    attribute(column, "derive", lambda _, markup: values.text(markup))
    assert golden.golden([SESSIONS], (), whole=False) != stored.sampled()


def test_the_corpus_has_offenders_for_each_check() -> None:
    nothing = golden._digest([])
    assert [name for name, entry in read().entries.items() if entry.result == nothing] == []


@pytest.mark.usefixtures("few")
def test_another_derive_is_named_with_what_must_be_raised(attribute: Any) -> None:
    stored, column = golden.golden([SESSIONS], ()), SESSIONS.column("description_text")
    attribute(column, "derive", lambda _, markup: values.text(markup))
    (problem,) = problems(stored, golden.golden([SESSIONS], ()))
    assert problem.startswith("sessions: other rows of the same version: raise code_version in ")
    assert "planion_assets/tables/sessions.py" in problem


@pytest.mark.usefixtures("few")
def test_another_records_function_is_named_and_a_raised_version_answers_it(attribute: Any) -> None:
    stored, records = golden.golden([TRACKS], ()), TRACKS.records
    assert records
    attribute(TRACKS, "records", lambda sessions: list(records(sessions))[:-1])
    (problem,) = problems(stored, golden.golden([TRACKS], ()))
    assert problem.startswith("session_tracks: other rows of the same version: raise code_version in ")
    assert "planion_assets/tables/session_tracks.py" in problem
    attribute(TRACKS, "code_version", "next")
    (problem,) = problems(stored, golden.golden([TRACKS], ()))
    assert problem == f"session_tracks: not as the golden file has it: run `{COMMAND}`"


@pytest.mark.usefixtures("few")
def test_another_helper_is_named_with_each_table_it_changes_and_one_version_answers_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    speakers = catalog.table("speakers")
    tables = [SESSIONS, TRACKS, speakers]
    stored = golden.golden(tables, ())
    monkeypatch.setattr(html, "plain_text", lambda markup: markup)
    found = list(problems(stored, golden.golden(tables, ())))
    assert [problem.partition(":")[0] for problem in found] == ["sessions", "speakers"]
    assert all("or TRANSFORM_VERSION in planion_assets/tables/model.py" in problem for problem in found)
    monkeypatch.setattr(model, "TRANSFORM_VERSION", "next")
    assert all(problem.endswith(f"run `{COMMAND}`") for problem in problems(stored, golden.golden(tables, ())))


@pytest.mark.usefixtures("few")
def test_another_find_is_named_with_what_must_be_raised(attribute: Any) -> None:
    check = next(check for check in CHECKS if check.name == "session_ends_after_start")
    stored, find = golden.golden((), [check]), check.find
    attribute(check, "find", lambda contents: find(contents)[1:])
    attribute(check.find, "__module__", find.__module__)
    (problem,) = problems(stored, golden.golden((), [check]))
    assert problem.startswith("session_ends_after_start: other rows of the same version: raise code_version in ")
    assert "planion_assets/tables/quality/session_checks.py (or CHECKS_VERSION in " in problem
    attribute(check, "code_version", "next")
    assert [COMMAND in problem for problem in problems(stored, golden.golden((), [check]))] == [True]


@functools.cache
def _of_this_code() -> Golden:
    """What the tests of other code compare with; of the few conferences."""
    return golden.golden([SESSIONS, TRACKS], [_check()])


def _check() -> Check:
    return next(check for check in CHECKS if check.name == "session_ends_after_start")


@functools.cache
def _results() -> dict[str, dict[str, list[Any]]]:
    """What the code that runs makes: that of a copy is read only."""
    return golden.results([SESSIONS, TRACKS], [_check()], _few())


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (("tables/fields/values.py", "word in (True, 1,", "word in (1, True,"), ["code of several tables"]),
        (("tables/sessions.py", "for one in sessions)", "for one in iter(sessions))"), ["sessions"]),
        (("tables/session_tracks.py", '"Name of the track', '"The name of the track'), ["session_tracks"]),
        (("tables/quality/session_checks.py", "length < 0", "0 > length"), ["session_ends_after_start"]),
        (("tables/session_tracks.py", '"""The table', '"""What is the table'), []),
        (("tables/session_tracks.py", "records=_records,", "records=_records,  # any entry"), []),
    ],
)
def test_other_code_of_the_same_rows_is_named_and_words_about_it_are_not(
    tmp_path: Path, edit: tuple[str, str, str], named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, old, new = edit
    shutil.copytree(ROOT / "planion_assets", tmp_path / "planion_assets", ignore=shutil.ignore_patterns("*.pyc"))
    file = tmp_path / "planion_assets" / module
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    stored, built = _of_this_code(), _results()
    monkeypatch.setattr(golden, "results", lambda *_: built)
    found = list(problems(stored, golden.golden([SESSIONS, TRACKS], [_check()], tmp_path)))
    assert [problem.partition(":")[0] for problem in found] == named
    assert all("where rows can differ, else run" in problem for problem in found)


@pytest.mark.usefixtures("few")
def test_a_corpus_that_grows_asks_for_the_file_alone_unless_code_changes_too() -> None:
    now = golden.golden([TRACKS], ())
    entry = now.entries["session_tracks"]
    older = Golden("other", {**now.entries, "session_tracks": replace(entry, result="other")})
    (problem,) = problems(older, now)
    assert problem == f"session_tracks: not as the golden file has it: run `{COMMAND}`"
    changed = replace(older, entries={**older.entries, "session_tracks": replace(entry, result="other", code="other")})
    (problem,) = problems(changed, now)
    assert "raise code_version" in problem


@pytest.mark.usefixtures("few")
def test_the_file_is_not_written_where_rows_differ_and_no_version_was_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attribute: Any
) -> None:
    monkeypatch.setattr(golden, "FILE", tmp_path / "golden.json")
    monkeypatch.setattr(golden, "TABLES", [TRACKS])
    monkeypatch.setattr(golden, "golden", lambda make=golden.golden: make([TRACKS], ()))
    assert golden.write() == []
    before = golden.FILE.read_bytes()
    attribute(TRACKS, "records", lambda sessions: ())
    (refused,) = golden.write()
    assert "session_tracks.py" in refused
    assert golden.FILE.read_bytes() == before
    attribute(TRACKS, "code_version", "next")
    assert golden.write() == []
    assert golden.FILE.read_bytes() != before


def test_a_description_is_in_no_fingerprint_and_all_else_that_is_declared_is() -> None:
    column = TRACKS.columns[-1]
    for changed, is_same in (
        (replace(column, description="Other."), True),
        (replace(column, name="other"), False),
        (replace(column, kind=model.JSON), True),
        (replace(column, kind=model.INT32), False),
        (replace(column, source=("other",)), False),
        (replace(column, personal=True), False),
    ):
        table = replace(TRACKS, columns=(*TRACKS.columns[:-1], changed))
        assert (table.fingerprint == TRACKS.fingerprint) is is_same
    assert replace(TRACKS, key=("schedid",)).fingerprint != TRACKS.fingerprint
    check = CHECKS[0]
    assert replace(check, finds="Other", because="other.").fingerprint == check.fingerprint
    assert len({check.fingerprint for check in CHECKS}) == len(CHECKS)
