"""The digest of a module's code: what changes it and what does not."""

from pathlib import Path

import pytest

from planion_assets_tests.source_digest import import_closure, source_digest

CODE = '''"""A module."""
X = 1
"""What it is."""


def f(x: int) -> str:
    """What it does."""
    return f"{x}" if x else None  # why
'''


@pytest.mark.parametrize(
    ("code", "is_same"),
    [
        (CODE.replace("A module.", "Another.").replace("What it", "That it").replace("# why", ""), True),
        (CODE.replace("\n\n", "\n\n\n"), True),
        (CODE.replace('"""A module."""', ""), True),
        (CODE.replace("X = 1", "X = 0"), False),
        (CODE.replace("X = 1", "X = True"), False),
        (CODE.replace("None", '""'), False),
        (CODE.replace("if x", "if not x"), False),
        (CODE.replace("f(x", "g(x"), False),
    ],
)
def test_code_changes_the_digest_and_words_about_it_do_not(tmp_path: Path, code: str, is_same: bool) -> None:
    (tmp_path / "one.py").write_text(CODE)
    before = source_digest(["one"], tmp_path)
    (tmp_path / "one.py").write_text(code)
    assert (source_digest(["one"], tmp_path) == before) is is_same


def test_imports_are_followed_within_what_is_named(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "a.py").write_text("from package import b\nimport other\n")
    (tmp_path / "package" / "b.py").write_text("def f():\n    from package.c import X\n")
    (tmp_path / "package" / "c.py").write_text("X = 1\n")
    (tmp_path / "other.py").write_text("")
    assert import_closure(["package.a"], ["package"], tmp_path) == {"package", "package.a", "package.b", "package.c"}
