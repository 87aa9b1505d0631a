"""Removes a token from messages and logs, in every form in which a server or a library may repeat it."""

import base64
import html
import json
import re
from urllib.parse import quote

MASK = "[token]"
_SHORTEST_PART = 8


class Redactor:
    """Takes a token out of texts, in every form in which an answer or a library's message may echo it."""

    def __init__(self, token: str) -> None:
        forms = {token, basic_credentials(token), base64.b64encode(token.encode()).decode("ascii").rstrip("=")}
        # Of a whole header value `Scheme secret`, the secret alone.
        forms |= {part for part in token.split() if len(part) >= _SHORTEST_PART}
        written = {repr(form)[1:-1] for form in forms} | {json.dumps(form)[1:-1] for form in forms}
        forms |= written | {html.escape(form) for form in forms} | {quote(form, safe="") for form in forms}
        longest_first = sorted((form for form in forms if form), key=len, reverse=True)
        # In any letter case: a header that is compared in lower case is quoted so too.
        self._forms = re.compile("|".join(re.escape(form) for form in longest_first), re.IGNORECASE)

    def __call__(self, text: str, limit: int | None = None) -> str:
        """The text without the token, cut to `limit` characters: cut first, a part of a token would not be found."""
        return self._forms.sub(MASK, text)[:limit]


def basic_credentials(token: str) -> str:
    """The token as the user name of HTTP Basic, with a blank password (feed-facts.md, Access)."""
    return base64.b64encode(f"{token}:".encode()).decode("ascii")
