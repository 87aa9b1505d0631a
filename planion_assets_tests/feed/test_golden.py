"""Code that makes other items of the same bodies must have another version of the page digests."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from planion_assets.feed import item, page_checks
from planion_assets_tests.feed import golden
from planion_assets_tests.feed.golden import COMMAND, RAISE, problem, read
from planion_assets_tests.source_digest import ROOT


def test_the_golden_file_is_what_the_code_is() -> None:
    assert problem(read(), golden.now()) is None, f"see {golden.__file__}"


def test_the_corpus_has_items_and_every_kind_of_refusal() -> None:
    outcomes = read()["outcomes"].values()
    assert {case.get("refused") for case in outcomes} == {
        None,
        "ContractError",
        "TransientFeedError",
        "UnevenWalkError",
    }


def test_the_code_that_turns_a_body_into_items_is_digested() -> None:
    names = ("endpoints", "item", "page", "page_checks", "page_scan", "page_series", "spooled_items", "walk")
    assert golden.modules() == {
        "planion_assets.extended_json",
        "planion_assets.members",
        *(f"planion_assets.feed.{name}" for name in names),
    }


@pytest.mark.parametrize(
    ("module", "name", "other"),
    [(item, "_canonical", lambda content: b""), (page_checks, "is_blank", lambda value: False)],
    ids=["another digest", "a check that fails"],
)
def test_other_outcomes_ask_for_another_version_and_are_not_written_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: Any, name: str, other: Any
) -> None:
    file = tmp_path / "golden.json"
    shutil.copy(golden.FILE, file)
    monkeypatch.setattr(golden, "FILE", file)
    monkeypatch.setattr(module, name, other)
    found = golden.now()
    refused = golden.write(found)
    assert refused is not None
    assert f"{RAISE}, then run `{COMMAND}`" in refused
    assert read() != found
    found["version"] += 1
    assert problem(read(), found) == f"not as the golden file has it: run `{COMMAND}`"
    assert golden.write(found) is None
    assert problem(read(), found) is None


def test_other_code_is_named_and_words_about_it_are_not(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "planion_assets", tmp_path / "planion_assets", ignore=shutil.ignore_patterns("*.pyc"))
    for module, old, new, is_named in (
        ("feed/page_scan.py", "_DEEPEST = 100", "_DEEPEST = 101", True),
        ("members.py", "value is None or", "None is value or", True),
        ("feed/item.py", "# half", "# one half", False),
        ("feed/item.py", '"""JSON text with', '"""The JSON text with', False),
    ):
        file = tmp_path / "planion_assets" / module
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
        found = problem(read(), read() | {"source": golden.source.__wrapped__(tmp_path)})
        file.write_text(text, encoding="utf-8")
        assert (found is not None) is is_named, old
        assert not found or f"{RAISE}; then run `{COMMAND}`" in found
