"""What the role of an engagement says of it: whether the person takes part at all.

The feed keeps the engagements of people who declined, renamed and often still published (feed-facts.md, Seen beside
that). Pure.
"""

import re

_REFUSAL = r"(?:declined|declines|withdrawn|withdrew|refused|cancell?ed)\b"
_REFUSED = rf"(?<!\bnot)(?<!\bnon)(?<!\bnever)(?<!\bnot yet)(?<!\bno longer)\W{_REFUSAL}"
_PATTERNS = (
    rf"\W*{_REFUSAL}.*",  # Declined Session Presenter
    rf".*{_REFUSED}\W*",  # Presenter - Withdrawn
    rf".*[(\[]\s*(?:(?:has|have|was) )?{_REFUSAL}.*",  # Chair (declined in May)
    r".*(?<!\bnon)[-\u2013\u2014:;|/]\s*(?:(?:has|have|was) )?(?:declined|withdrawn|withdrew)\b.*",  # Chair: declined
    r".*\beval(?:uation)?s?\W*contacts?\b.*",  # whom evaluations are sent to
)
_DECLINED = re.compile("|".join(_PATTERNS), re.IGNORECASE | re.DOTALL)


def is_declined(role: str | None) -> bool:
    """Whether a role is that of somebody who declined or withdrew, or of a contact for evaluations."""
    return role is not None and _DECLINED.fullmatch(role.replace("_", " ")) is not None
