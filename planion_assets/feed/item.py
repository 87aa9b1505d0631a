"""One element of a page's `_items`: its JSON text, what it holds, and the digest by which it is compared.

Belongs here: when two items have the same content, and the digest of all items of a walk. How items are cut out of a
page is in `planion_assets.feed.page_scan`.
"""

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from planion_assets.members import member


@dataclass(frozen=True, slots=True)
class Item:
    """One element of `_items`.

    `payload` is the element's JSON text, character by character as it came. `content` is the same, parsed.
    `digest` is the SHA-256 (hex) of the content in canonical form, without bookkeeping fields. `plain` says that the
    content has nothing that orjson, which is faster, reads otherwise than json: no number beyond 64 bits.
    """

    payload: str
    digest: str
    content: Any = field(repr=False, compare=False)
    plain: bool = field(default=False, repr=False, compare=False)

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
    reader = ItemReader()
    content, end = reader.read(payload, 0)
    if end != len(payload):
        raise json.JSONDecodeError("extra data", payload, end)
    return reader.item(payload, content)


class ItemReader:
    """Reads items out of a text, one after the other."""

    def __init__(self) -> None:
        # Whether no number of the value that was read last is beyond all floats, which no other value may pass for.
        self._finite = True
        self._decoder = json.JSONDecoder(parse_float=self._real, parse_constant=self._constant)

    def read(self, text: str, position: int) -> tuple[Any, int]:
        """The JSON value that begins at that place, and where it ends. Raises ValueError or RecursionError."""
        self._finite = True
        return self._decoder.raw_decode(text, position)

    def item(self, payload: str, content: Any) -> Item:
        """The item of the text and the value that were read last."""
        digest, plain = _digest(content, finite=self._finite)
        return Item(payload, digest, content, plain)

    def _real(self, text: str) -> float:
        """A number with a point or an exponent; infinite where it is beyond them (1e400)."""
        value = float(text)
        self._finite = self._finite and math.isfinite(value)
        return value

    def _constant(self, name: str) -> float:
        """NaN, Infinity and -Infinity, which are no JSON and read all the same."""
        self._finite = False
        return float(name)


def _digest(content: Any, *, finite: bool) -> tuple[str, bool]:
    """SHA-256 (hex) of an item's content, whatever the order of its keys, and whether orjson reads it as json does.

    Top-level keys that begin with `_` are the feed's bookkeeping (feed-facts.md, Pages) and do not count. Numbers are
    compared as 64-bit floats: a change beyond their precision is none. `finite` says that all numbers are known to be.
    """
    own: list[Any] = []
    if isinstance(content, dict):
        names = [key for key in content if key[:1] == "_"]
        if names:  # copied and taken out: faster than to look at each value
            content = content.copy()
            own = [content.pop(name) for name in names]
    canonical = _canonical(content) if finite or _is_finite(content) else None
    plain = (
        finite and canonical is not None and (all(type(value) is str for value in own) or _canonical(own) is not None)
    )
    if canonical is None:  # what orjson refuses or, with numbers beyond all floats, would take for another
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")
    return hashlib.sha256(canonical).hexdigest(), plain


def _canonical(content: Any) -> bytes | None:
    """Of content with finite numbers; None where orjson refuses it."""
    try:
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # half a surrogate pair, a whole number beyond 64 bits
        return None


def _is_finite(content: Any) -> bool:
    if isinstance(content, dict | list):
        return all(_is_finite(value) for value in (content.values() if isinstance(content, dict) else content))
    return not isinstance(content, float) or math.isfinite(content)
