"""What a module's code is, without its docstrings, comments and layout: for tests that hold a version to its code.

Belongs here: which modules a module is made of, and one digest of their code. Which version must be raised when it
changes is for the test to say.
"""

import ast
import functools
import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def source_digest(modules: Iterable[str], root: Path = ROOT) -> str:
    """SHA-256 (hex) of the code of these modules, the same in every Python that parses it."""
    digest = hashlib.sha256()
    for module in sorted(modules):
        digest.update(f"{module}\0{_parsed(_text(module, root))[0]}\0".encode())
    return digest.hexdigest()


def import_closure(modules: Iterable[str], within: Collection[str], root: Path = ROOT) -> frozenset[str]:
    """These modules and all that they import, at whatever depth, of modules and packages of the names `within`."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            imported, attributes = _parsed(_text(module, root))[1:]
            waiting += [name for name in imported if _is_within(name, within)]
            waiting += [name for name in attributes if _is_within(name, within) and _path(name, root).exists()]
    return frozenset(found)


def _is_within(module: str, within: Collection[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in within)


def _text(module: str, root: Path) -> str:
    return _path(module, root).read_text(encoding="utf-8")


@functools.cache
def _parsed(text: str) -> tuple[str, list[str], list[str]]:
    """The code of a module, the modules that it imports, and what it imports of them, which may be modules too.

    Once for all tests: they ask for the same modules again and again.
    """
    tree = ast.parse(text)
    imported, attributes = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.append(node.module)
            attributes += [f"{node.module}.{alias.name}" for alias in node.names]
    return _code(tree), imported, attributes


def _path(module: str, root: Path) -> Path:
    folder = root.joinpath(*module.split("."))
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def _code(node: Any) -> str:
    """A tree as text. Fields that are empty are left out: which there are differs between Python's releases."""
    if isinstance(node, list):
        return "[" + ",".join(_code(inner) for inner in node if not _is_docstring(inner)) + "]"
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if name not in ("kind", "type_comment"))
        parts = (f"{name}={_code(value)}" for name, value in fields if value not in (None, []))
        return f"{type(node).__name__}({','.join(parts)})"
    return repr(node)


def _is_docstring(node: Any) -> bool:
    """Whether a statement is nothing but text: the docstring of what it is in, or of the name before it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
