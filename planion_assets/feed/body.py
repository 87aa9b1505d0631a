"""The body of an answer: decoded, bounded in size, and of the right type, or the fault that it has.

Belongs here: what can be wrong with bytes before they are read as JSON (`planion_assets.feed.page`).
"""

import functools

import requests

from planion_assets.feed.errors import Fault, failure
from planion_assets.feed.redaction import Redactor

_CHUNK_BYTES = 1 << 16
_QUOTED_BYTES = 4096
_QUOTED_CHARACTERS = 60


def read_body(response: requests.Response, limit: int) -> bytes:
    """The decoded body of at most `limit` bytes.

    No more than a chunk beyond the limit is taken from the network or from a decoder. Raises `ContractError` for a
    larger body, and whatever urllib3 raises for one that cannot be read.
    """
    declared = response.headers.get("Content-Length", "").strip()
    length = int(declared[:19]) if declared.isascii() and declared.isdigit() else 0
    if length > limit:
        raise _too_large(limit, f"{declared[:19]} bytes are declared")
    # In one piece where its size is known: a chunk at a time costs more than all else that is done to ask for a page.
    # What is encoded has another size, and a length beside chunks counts nothing (RFC 9112, section 6.3).
    encoded = any(name in response.headers for name in ("Content-Encoding", "Transfer-Encoding"))
    whole, raw = length and not encoded, response.raw
    read = functools.partial(raw.read, length) if whole else functools.partial(raw.read1, _CHUNK_BYTES)
    chunks: list[bytes] = []
    size = 0
    while chunk := read(decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise _too_large(limit, "it was left unread")
    return b"".join(chunks)


def check_type(response: requests.Response, body: bytes, redact: Redactor) -> None:
    """An HTML page or nothing with status 200 is a proxy or an outage: raises `TransientFeedError`."""
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if kind and not kind.endswith(("/json", "+json")):
        text = redact(body[:_QUOTED_BYTES].decode("utf-8", "replace")).strip()
        start = text[:_QUOTED_CHARACTERS].split("\n")[0]
        raise failure(
            Fault.WRONG_TYPE, f"answered {redact(kind, _QUOTED_CHARACTERS)} in place of JSON, beginning {start!r}"
        )
    if not body:
        raise failure(Fault.NOT_JSON, "the body of 0 bytes is not JSON")


def _too_large(limit: int, how: str) -> Exception:
    return failure(Fault.TOO_LARGE, f"the body is larger than {limit >> 20} MiB ({how})")
