"""Who asks: from an Authorization header to the account whose token it carries.

The two ways of sending a token belong here (feed-facts.md, Access). What an account may read is decided in `wire.py`.
"""

import base64
import binascii
from collections.abc import Mapping

UNKNOWN_ASKER = (
    "no valid token: send it as the user name of HTTP Basic with a blank password, "
    "or alone as the value of the Authorization header"
)
"""What to tell an asker without a token. It repeats nothing of what was sent."""


def account_of(header: str, accounts: Mapping[str, str]) -> str | None:
    """The account of `accounts` (account -> token) whose token the header's value carries; None for any other value."""
    token = _basic_user(header[6:]) if header[:6].lower() == "basic " else header.strip()
    return next((account for account, expected in accounts.items() if token == expected), None)


def _basic_user(credentials: str) -> str | None:
    """The user name in HTTP Basic credentials with a blank password; None for any others."""
    try:
        user, colon, password = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return user if colon and not password else None
