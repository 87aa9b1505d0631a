"""The body of an answer: decoded, bounded in size, and of the right type. page.py reads it as JSON."""

import requests

from planion_assets.feed.errors import Fault, failure
from planion_assets.feed.redaction import Redactor

_QUOTED_BYTES = 4096
_QUOTED_CHARACTERS = 60


def read_body(response: requests.Response, limit: int) -> bytes:
    """The decoded body of at most `limit` bytes; no more of a larger one is taken from the network or from a decoder.

    Raises `ContractError` for a larger body, and whatever urllib3 raises for one that cannot be read.
    """
    declared = response.headers.get("Content-Length", "").strip()[:19]
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        refused = f"{declared} bytes are declared"
    else:
        body: bytes = response.raw.read(limit + 1, decode_content=True)
        if len(body) <= limit:
            return body
        refused = "it was left unread"
    raise failure(Fault.TOO_LARGE, f"the body is larger than {limit >> 20} MiB ({refused})")


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
