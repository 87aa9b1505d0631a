"""The walls between the layers hold: imports planted through each of them are found. Names are terms of the field."""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PLANTED = {
    "feed": ["refresh.change_log", "cli.main", "config", "tables.model", "storage.store"],
    "tables": ["refresh.change_log", "storage.store", "feed.client", "config"],
    "tables.quality": ["storage.store", "defs.checks.specs"],
    "config": ["refresh.change_log", "storage.store", "feed.client"],
    "freshness": ["refresh.change_log", "refresh.conference", "defs.assets.specs"],
    "storage": ["refresh.conference", "feed.client", "defs.assets.specs", "tables.catalog"],
    "sandbox": ["feed.page", "tables.model", "config"],
    "refresh": ["defs.assets.specs", "verify.verification", "freshness.survey"],
    "verify": ["defs.assets.specs", "cli.main"],
    "defs.assets": ["cli.refresh"],
    "defs.automation": ["cli.console", "definitions"],
}
"""By layer what it must not import, each planted in a module that no list names."""


def test_a_module_of_any_name_cannot_import_through_a_wall_and_a_folder_has_a_place(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "planion_assets"
    shutil.copytree(ROOT / "planion_assets", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "attic").mkdir()
    (package / "attic/__init__.py").touch()
    for layer, forbidden in PLANTED.items():
        code = "".join(f"import planion_assets.{module}\n" for module in forbidden)
        (package.joinpath(*layer.split(".")) / "planted.py").write_text(code)
    # One process for all that is planted: what it takes is to build the graph of imports.
    program = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", program, "--no-cache", "--no-logo"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    for layer, forbidden in PLANTED.items():
        for module in forbidden:
            assert f"planion_assets.{layer}.planted -> planion_assets.{module} " in done.stdout
    assert "planion_assets.attic" in done.stdout


@pytest.mark.parametrize(
    ("place", "modules"),
    [
        ("planion_assets/tables/planted.py", ["dagster", "requests"]),
        ("planion_assets/cli/planted.py", ["dagster", "requests", "urllib3"]),
        ("planion_assets/refresh/planted.py", ["dagster", "requests"]),
        ("planion_assets/attic/planted.py", ["dagster", "requests"]),
    ],
)
def test_only_defs_imports_dagster_and_only_feed_speaks_http(place: str, modules: list[str]) -> None:
    code = '"""Planted."""\n\n' + "".join(f"import {module}\n" for module in modules)
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--output-format", "concise"]
    done = subprocess.run(
        [*command, "--stdin-filename", place, "-"], input=code, capture_output=True, text=True, cwd=ROOT, check=False
    )
    found = [line for line in done.stdout.splitlines() if "TID251" in line]
    assert len(found) == len(modules), done.stdout + done.stderr


def test_one_module_goes_beyond_the_public_api_of_dagster() -> None:
    """Of the tests the launcher loads code locations in its own process, and settings of an instance name classes."""
    private = re.compile(r"(?:from|import) dagster\._|dagster\._core|get_type_hints\(dg")
    statement = re.compile(r"DELETE FROM|(?:sql|sqlalchemy)\.delete")
    sources = [*ROOT.glob("planion_assets/**/*.py"), *ROOT.glob("planion_assets_tests/**/*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in sources if path != Path(__file__)}
    assert {path.name for path, text in texts.items() if private.search(text)} == {
        "dagster_internals.py",
        "launching.py",
        "instances.py",
        "test_helm.py",
        "test_kubernetes.py",
    }
    in_package = {path: text for path, text in texts.items() if "planion_assets" in path.relative_to(ROOT).parts}
    assert {path.name for path, text in in_package.items() if statement.search(text)} == {"dagster_internals.py"}
    assert len(sources) > 40


SHARED_NAMES = {
    "errors",  # of the feed and of the storage, each a tree of its own
    "partitions",  # deprecated (test_deprecated_names.py)
    "conditions",  # deprecated
}
"""Names that two modules, or two classes, of the package have. No more may come."""


def test_no_file_and_no_class_has_the_name_of_another() -> None:
    sources = [path for path in ROOT.glob("planion_assets/**/*.py") if path.stem not in ("__init__", "specs", "model")]
    files = Counter(path.stem for path in sources)
    classes = Counter(
        name for path in sources for name in re.findall(r"^class (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    )
    clashes = {name for name, count in (files + classes).items() if count > 1}
    assert clashes <= SHARED_NAMES, clashes - SHARED_NAMES
    assert len(classes) > 40


PRIVATE_WORDS = {
    "ahead", "alone", "beside", "chosen", "emission", "extremes", "frugal", "gate", "held", "hurry", "lightened",
    "looked", "made", "meanwhile", "noticed", "recognised", "recorded", "settle", "settled", "shown", "standing",
    "stands", "taken", "told", "unread", "wishes",
}  # fmt: skip
"""Words that say nothing of what a name holds. `put`, `begin` and `hold` are terms of HTTP, transactions and locks."""
_ONE_OF_THEM = re.compile(f"(?<![a-z])(?i:{'|'.join(PRIVATE_WORDS)})(?![a-z])")
_NAMES_OF_LIBRARIES = {"connection_made"}  # a method that asyncio calls
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NAME_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Name: ("id",),
    ast.Attribute: ("attr",),
    ast.arg: ("arg",),
    ast.keyword: ("arg",),
    ast.FunctionDef: ("name",),
    ast.AsyncFunctionDef: ("name",),
    ast.ClassDef: ("name",),
    ast.alias: ("name", "asname"),
    ast.ExceptHandler: ("name",),
    ast.MatchAs: ("name",),
    ast.MatchStar: ("name",),
    ast.MatchMapping: ("rest",),
}


def _private_names(code: str) -> set[str]:
    """The names in some code that have a private word, except those of test functions, which are sentences."""
    if not _ONE_OF_THEM.search(code):
        return set()  # to parse takes longer
    names = {
        getattr(node, field) or "" for node in ast.walk(ast.parse(code)) for field in _NAME_FIELDS.get(type(node), ())
    }
    names -= _NAMES_OF_LIBRARIES
    return {name for name in names if not name.startswith("test_") and _has_private_word(name)}


def _has_private_word(name: str) -> bool:
    return not PRIVATE_WORDS.isdisjoint(word.lower() for word in _WORD.findall(name))


@pytest.mark.parametrize(
    "code",
    [
        "told = 1",
        "one.told_of = 1",
        "for _, told in (): pass",
        "[0 for is_told in ()]",
        "def tell(told, /): pass",
        "def tell(*, told=1): pass",
        "def told(): pass",
        "async def _told(): pass",
        "class ToldOnce: pass",
        "TOLD = 1",
        "call(told=1)",
        "import one as told",
        "from one import told",
        "try: pass\nexcept OSError as told: pass",
        "with one as told: pass",
        "match one:\n case [*told]: pass",
        "match one:\n case {**told}: pass",
        "match one:\n case int() as told: pass",
        "if (told := 1): pass",
        "lambda told: 1",
        "f'{told}'",
    ],
)
def test_a_private_word_in_a_name_is_found(code: str) -> None:
    assert _private_names(code)
    assert not _private_names(code.replace("told", "untold").replace("Told", "Untold").replace("TOLD", "UNTOLD"))


def test_text_and_the_sentences_of_tests_may_have_any_word() -> None:
    assert not _private_names('"""Told."""\n\n\ndef test_what_is_told() -> None:\n    print("told")  # told\n')


def test_no_name_has_a_private_word() -> None:
    folders = ("planion_assets", "planion_assets_tests", "benchmarks", "scripts", "examples")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources
        for name in (*_private_names(path.read_text(encoding="utf-8")), *filter(_has_private_word, [path.stem]))
    }
    assert found == set()
    assert {path.relative_to(ROOT).parts[0] for path in sources} == set(folders)
