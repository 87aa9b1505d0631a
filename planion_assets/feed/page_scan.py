"""Cuts the text of a page into its members and the items of `_items`, each item as the text that came."""

import json
import re
from typing import Any

from planion_assets.feed.errors import Fault, failure
from planion_assets.feed.item import DECODER, Item, content_digest

_ITEMS = "_items"
_DEEPEST = 100  # levels of an item; the contract's has five. Well below what Python's recursion takes anywhere.
_WHITESPACE = re.compile(r"[ \t\n\r]*")


def scan(body: bytes) -> tuple[dict[str, Any], list[Item] | None]:
    """The members of the top-level object but `_items`, and its elements where that is a list.

    The elements are cut out of the text as they stand: a plain `json.loads` would lose what JSON can say and Python's
    floats cannot (1e400), and repeated keys. Raises ValueError for what is no JSON, RecursionError or `ContractError`
    for what is nested too deep, and `ContractError` for what is no object.
    """
    text = body.decode("utf-8-sig")
    position = _skip(text, 0)
    if text[position : position + 1] != "{":
        value, _ = DECODER.raw_decode(text, position)
        kind = "float" if isinstance(value, float) else type(value).__name__  # also of one that is not finite
        raise failure(Fault.NOT_A_PAGE, f"the answer is not a JSON object but a {kind}")
    members: dict[str, Any] = {}
    items: list[Item] | None = None
    position = _skip(text, position + 1)
    while text[position : position + 1] != "}":
        if text[position : position + 1] != '"':
            raise json.JSONDecodeError("expecting a key", text, position)
        name, position = DECODER.raw_decode(text, position)
        position = _expect(text, position, ":")
        if name == _ITEMS and text[position : position + 1] == "[":
            items, position = _scan_items(text, position)
        else:
            members[name], position = DECODER.raw_decode(text, position)
        position = _separator(text, position, "}")
    if _skip(text, position + 1) != len(text):
        raise json.JSONDecodeError("extra data", text, position + 1)
    return members, items


def _scan_items(text: str, position: int) -> tuple[list[Item], int]:
    items: list[Item] = []
    position = _skip(text, position + 1)
    while text[position : position + 1] != "]":
        content, end = DECODER.raw_decode(text, position)
        _check_depth(content, text.count("[", position, end) + text.count("{", position, end))
        items.append(Item(text[position:end], content_digest(content), content))
        position = _separator(text, end, "]")
    return items, position + 1


def _check_depth(content: Any, brackets: int) -> None:
    """Raise `ContractError` for content that is nested too deep; its text has that many opening brackets."""
    level = [content]
    for _ in range(_DEEPEST + 1 if brackets > _DEEPEST else 0):
        level = [value for value in level if isinstance(value, dict | list)]
        if not level:
            return
        level = [inner for value in level for inner in (value.values() if isinstance(value, dict) else value)]
    if brackets > _DEEPEST:
        raise failure(Fault.TOO_DEEP, f"an item is nested too deep (more than {_DEEPEST} levels) to be an event")


def _skip(text: str, position: int) -> int:
    match = _WHITESPACE.match(text, position)
    return match.end() if match else position


def _expect(text: str, position: int, character: str) -> int:
    position = _skip(text, position)
    if text[position : position + 1] != character:
        raise json.JSONDecodeError(f"expecting {character!r}", text, position)
    return _skip(text, position + 1)


def _separator(text: str, position: int, end: str) -> int:
    """Step over a comma, or stay on the closing character."""
    position = _skip(text, position)
    if text[position : position + 1] == end:
        return position
    position = _expect(text, position, ",")
    if text[position : position + 1] == end:
        raise json.JSONDecodeError("trailing comma", text, position)
    return position
