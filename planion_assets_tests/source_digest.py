"""What a module's code is, without its docstrings, comments and layout: for tests that hold a version to its code.

Belongs here: which modules a module is made of, and one digest of their code. Which version must be raised when it
changes is for the test to say.
"""

import ast
import hashlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def source_digest(modules: Iterable[str], root: Path = ROOT) -> str:
    """SHA-256 (hex) of the code of these modules, the same in every Python that parses it."""
    digest = hashlib.sha256()
    for module in sorted(modules):
        tree = ast.parse(_path(module, root).read_text(encoding="utf-8"))
        digest.update(f"{module}\0{_code(tree)}\0".encode())
    return digest.hexdigest()


def import_closure(modules: Iterable[str], within: Collection[str], root: Path = ROOT) -> frozenset[str]:
    """These modules and all that they import, at whatever depth, of modules and packages of the names `within`."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            tree = ast.parse(_path(module, root).read_text(encoding="utf-8"))
            waiting += [name for name in _imported(tree, root) if _is_within(name, within)]
    return frozenset(found)


def _is_within(module: str, within: Collection[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in within)


def _imported(tree: ast.AST, root: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in inner if _path(name, root).exists())


def _path(module: str, root: Path) -> Path:
    folder = root.joinpath(*module.split("."))
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def _code(node: Any) -> str:
    """A tree as text. Fields that are empty are left out: which there are differs between Python's releases."""
    if isinstance(node, list):
        return "[" + ",".join(_code(inner) for inner in node if not _is_docstring(inner)) + "]"
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if name not in ("kind", "type_comment"))
        told = (f"{name}={_code(value)}" for name, value in fields if value not in (None, []))
        return f"{type(node).__name__}({','.join(told)})"
    return repr(node)


def _is_docstring(node: Any) -> bool:
    """Whether a statement is nothing but text: the docstring of what it is in, or of the name before it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
