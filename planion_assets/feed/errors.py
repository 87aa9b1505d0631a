"""The feed's failures in three families, and the one table that says which answer gets which treatment.

Every failure of `planion_assets.feed` is a `FeedError`. Each message says what was asked, what came and what to
do, and never holds a token. Retrying itself is done in `planion_assets.feed.client`.
"""

from dataclasses import dataclass


class FeedError(Exception):
    """The feed could not be read."""


class TransientFeedError(FeedError):
    """Worth retrying: the same request may well succeed later.

    `retry_after` is what the server asked for, in seconds, or None.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentFeedError(FeedError):
    """Not worth retrying: a person has to change a setting or a contract first."""


class NotIncludedError(PermanentFeedError):
    """The token may not read this collection: what it may read depends on the customer's contract."""


class ContractError(FeedError):
    """The answer breaks the feed's contract, so nothing of it can be trusted."""


class UnevenWalkError(TransientFeedError):
    """The pages of one walk do not fit together: the feed changed while it was read."""


class DeadlineError(TransientFeedError):
    """The time for a walk ran out."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What an HTTP status means for the reader: whether to ask again, and what a person can do.

    `not_included` marks the answers by which a feed says that the contract leaves the collection out.
    """

    retry: bool
    remedy: str
    not_included: bool = False


_LATER = "the feed is in trouble; the stored tables stay as they are, try again later"

# feed-facts.md, Access: what a token may read depends on the customer's contract, and 5xx come as HTML.
TREATMENTS: dict[int, Treatment] = {
    400: Treatment(False, "check the account and conference in the configuration"),
    401: Treatment(False, "the feed refused the token: check {token_source} and the setting `auth`"),
    403: Treatment(
        False,
        "the token of {token_source} may not read this: ask Planstone what the contract includes",
        not_included=True,
    ),
    404: Treatment(
        False,
        "nothing is served there: check `feed.url`, or ask Planstone what the contract includes",
        not_included=True,
    ),
    408: Treatment(True, _LATER),
    410: Treatment(False, "the endpoint is gone for good: check `feed.url`"),
    425: Treatment(True, _LATER),
    429: Treatment(True, "the feed asks for fewer requests; try again later"),
    500: Treatment(True, _LATER),
    502: Treatment(True, _LATER),
    503: Treatment(True, _LATER),
    504: Treatment(True, _LATER),
}


def treatment_of(status: int) -> Treatment:
    """The treatment of an HTTP status code other than 200."""
    known = TREATMENTS.get(status)
    if known is not None:
        return known
    if 300 <= status < 400:
        return Treatment(
            False,
            "redirects are not followed, so that the token goes to the configured origin only: "
            "set `feed.url` to the address it points to if that is Planstone's",
        )
    if status >= 500:
        return Treatment(True, _LATER)
    return Treatment(False, "the feed's contract names no such answer: ask Planstone")
