"""One element of a page's `_items`: its JSON text, its content, and the digest by which contents are compared."""

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from planion_assets.members import member


class _NotFinite(float):
    """1e400, NaN, Infinity or -Infinity. orjson refuses this class, and writes a plain float of these as null."""


def _real(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _NotFinite(value)


DECODER = json.JSONDecoder(parse_float=_real, parse_constant=_NotFinite)
"""Reads JSON values out of a text. What `json` accepts although it is no JSON, such as NaN, is accepted."""


@dataclass(frozen=True, slots=True)
class Item:
    """One element of `_items`.

    `payload` is the element's JSON text, character by character as it came, `content` the same parsed. `digest` is the
    SHA-256 (hex) of the content in canonical form, without bookkeeping fields.
    """

    payload: str
    digest: str
    content: Any = field(repr=False, compare=False)

    @property
    def size(self) -> int:
        """Bytes of the payload in UTF-8."""
        return len(self.payload.encode())

    def member(self, name: str) -> Any:
        """A member of the content, whatever the letter case of its key; None where there is none."""
        return member(self.content, name)


def walk_digest(digests: Iterable[str]) -> str:
    """SHA-256 (hex) of a multiset of item digests: the same items in any order have the same."""
    return hashlib.sha256("\n".join(sorted(digests)).encode("ascii")).hexdigest()


def item_of(payload: str) -> Item:
    """The item whose JSON text that is, as a page had it. Raises ValueError or RecursionError for any other text."""
    content, end = DECODER.raw_decode(payload)
    if end != len(payload):
        raise json.JSONDecodeError("extra data", payload, end)
    return Item(payload, content_digest(content), content)


def content_digest(content: Any) -> str:
    """SHA-256 (hex) of an item's content, whatever the order of its keys.

    Top-level keys that begin with `_` are the feed's bookkeeping (feed-facts.md, Pages) and do not count. Numbers are
    compared as 64-bit floats: a change beyond their precision is none.
    """
    if isinstance(content, dict):
        content = {key: value for key, value in content.items() if key[:1] != "_"}
    return hashlib.sha256(_canonical(content)).hexdigest()


def _canonical(content: Any) -> bytes:
    """JSON text with sorted keys, by orjson but for what it refuses."""
    try:
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # half a surrogate pair, a whole number beyond 64 bits, `_NotFinite`
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")
