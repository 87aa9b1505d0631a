"""What the role of an engagement says of it: whether the person takes part at all.

The feed keeps the engagements of people who declined, renamed and often still published (feed-facts.md, Seen beside
that). Pure.
"""

import re

_REFUSAL = r"(?:declined|declines|withdrawn|withdrew|refused|cancell?ed)"
# "Declined Session Presenter", "Presenter - Withdrawn", "Chair (declined in May)"; and whom evaluations are sent to.
_DECLINED = re.compile(
    rf"\W*{_REFUSAL}\b.*|.*[(\[]\s*{_REFUSAL}\b.*|.*(?<!\bnot)\W{_REFUSAL}\W*|\W*eval(?:uation)?s?\W+contact\b.*",
    re.IGNORECASE | re.DOTALL,
)


def is_declined(role: str | None) -> bool:
    """Whether a role is that of somebody who declined or withdrew, or of a contact for evaluations."""
    return role is not None and _DECLINED.fullmatch(role) is not None
