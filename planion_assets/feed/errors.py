"""The feed's errors in families, and the one table that says which fault gets which treatment.

Every error of `planion_assets.feed` is made by `failure` from `TREATMENTS`. Its message says what was requested, what
came and what to do, and never holds a token. client.py retries a page, snapshot.py walks again.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from planion_assets.guide import GuidedError, Heading


class FeedError(GuidedError):
    """The feed could not be read.

    `retried` says whether the same page is asked for again, after a wait: `retry_after` seconds where the server asks.
    """

    retried: ClassVar[bool] = False
    retry_after: float | None = None


class TransientFeedError(FeedError):
    """Worth retrying: the same request may well succeed later."""

    retried: ClassVar[bool] = True


class PermanentFeedError(FeedError):
    """Not worth retrying: a person has to change a setting or a contract first."""


class TokenRefusedError(PermanentFeedError):
    """The feed does not know the token, or it is another account's."""


class NotIncludedError(PermanentFeedError):
    """The token may not read this collection: what it may read depends on the customer's contract."""


class NotFoundError(NotIncludedError):
    """Nothing is served at that address: a collection that the contract leaves out, or a page past the end."""


class ContractError(FeedError):
    """The answer breaks the feed's contract, so nothing of it can be trusted."""


class UnevenWalkError(TransientFeedError):
    """The pages of one walk do not fit together: the feed changed while it was read. The walk is made again."""

    retried: ClassVar[bool] = False


class BusyError(TransientFeedError):
    """The feed asks for a longer wait than a run should take. Not asked again in this run."""

    retried: ClassVar[bool] = False


class DeadlineError(TransientFeedError):
    """The time for a walk ran out. Not asked again in this run."""

    retried: ClassVar[bool] = False


class ShrunkError(FeedError):
    """Far fewer rows are listed, or can be used, than are stored. A person has to say that this is right."""


class Fault(StrEnum):
    """What can go wrong beside a status code."""

    CONNECTION = "the connection is refused, reset or silent"
    CERTIFICATE = "the server's certificate is not trusted, or the authorities to trust cannot be read"
    PROXY = "the proxy is refused, reset or silent, or refuses"
    CUT_SHORT = "the body ends before its end"
    BAD_ENCODING = "the body is not in its Content-Encoding"
    WRONG_TYPE = "the body is of another type, such as HTML with status 200"
    NOT_JSON = "the body is not JSON"
    TOO_LARGE = "the body is larger than the limit, as declared, as sent or when decoded"
    TOO_DEEP = "the JSON is nested too deep"
    NOT_A_PAGE = "the JSON is no page of items"
    WRONG_PAGE = "another page came than was asked for"
    REPEATED_PAGE = "the items of a page came before"
    ENDLESS = "there is always another page"
    TOO_MUCH = "the pages of one walk are larger than the limit together"
    STRANGER = "a row belongs to another account or conference"
    UNEVEN = "the pages, or two walks, do not fit together"
    BUSY = "Retry-After is beyond the limit"
    DEADLINE = "the walk's time is up"
    SHRUNK = "far fewer rows came, or can be used, than are stored"


@dataclass(frozen=True, slots=True)
class Treatment:
    """The error that a fault becomes, where to read on, and what a person can do (names in braces are filled in)."""

    family: type[FeedError]
    heading: Heading
    remedy: str


_LATER = "the feed is in trouble; the stored tables stay as they are, try again later"
_TROUBLE = Treatment(TransientFeedError, Heading.ANSWERED_5XX, _LATER)
_BROKEN = Treatment(TransientFeedError, Heading.BROKEN_ANSWER, _LATER)
_UNTRUE = Treatment(ContractError, Heading.OFF_CONTRACT, "nothing of it is stored, report it to Planstone")

# feed-facts.md, Access: what a token may read depends on the customer's contract, and 5xx come as HTML.
TREATMENTS: dict[int | Fault, Treatment] = {
    400: Treatment(PermanentFeedError, Heading.ANSWERED_400, "check the account and conference in the configuration"),
    401: Treatment(TokenRefusedError, Heading.ANSWERED_401,
        "the feed refused the token: check {token_source} and the setting `auth`"),
    403: Treatment(NotIncludedError, Heading.ANSWERED_403,
        "the token of {token_source} may not read this: ask Planstone what the contract includes"),
    404: Treatment(NotFoundError, Heading.ANSWERED_404,
        "nothing is served there: check `feed.url`, or ask Planstone what the contract includes"),
    410: Treatment(PermanentFeedError, Heading.ANSWERED_410, "the endpoint is gone for good: check `feed.url`"),
    429: Treatment(TransientFeedError, Heading.ANSWERED_429, "the feed asks for fewer requests; try again later"),
    **dict.fromkeys((408, 425, 500, 502, 503, 504), _TROUBLE),
    Fault.CONNECTION: Treatment(TransientFeedError, Heading.NO_CONNECTION,
        "check `feed.url` and the network, or try again later"),
    Fault.CERTIFICATE: Treatment(PermanentFeedError, Heading.CERTIFICATE,
        "where the network has a certificate authority of its own, name its file in REQUESTS_CA_BUNDLE"),
    Fault.PROXY: Treatment(TransientFeedError, Heading.PROXY, "check HTTPS_PROXY and NO_PROXY, or try again later"),
    **dict.fromkeys((Fault.CUT_SHORT, Fault.BAD_ENCODING, Fault.NOT_JSON), _BROKEN),
    Fault.WRONG_TYPE: Treatment(TransientFeedError, Heading.BROKEN_ANSWER,
        "the feed or a proxy before it is in trouble: try again later, check `feed.url`"),
    Fault.TOO_LARGE: Treatment(ContractError, Heading.TOO_LARGE, "raise `feed.max_page_mib` if that can be right"),
    **dict.fromkeys((Fault.TOO_DEEP, Fault.NOT_A_PAGE, Fault.WRONG_PAGE, Fault.REPEATED_PAGE, Fault.STRANGER), _UNTRUE),
    Fault.ENDLESS: Treatment(ContractError, Heading.TOO_LARGE,
        "raise `feed.max_pages` if a conference can be that large"),
    Fault.TOO_MUCH: Treatment(ContractError, Heading.TOO_LARGE,
        "raise `feed.max_walk_mib` if a conference can be that large"),
    Fault.UNEVEN: Treatment(UnevenWalkError, Heading.EDITED, "the stored tables stay as they are: try again later"),
    Fault.BUSY: Treatment(BusyError, Heading.ANSWERED_429,
        "that is longer than `feed.max_retry_after` of {limit:g} s: try again then"),
    Fault.DEADLINE: Treatment(DeadlineError, Heading.OUT_OF_TIME,
        "raise `feed.walk_timeout` or try again when the feed is faster"),
    Fault.SHRUNK: Treatment(ShrunkError, Heading.SHRUNK,
        "the stored tables stay as they are. If that is right, allow it once: planion refresh --allow-shrink {key}, or "
        "in Dagster {allowing_run}"),
}  # fmt: skip


def treatment_of(cause: int | Fault) -> Treatment:
    """The treatment of a fault, or of an HTTP status code other than 200."""
    if cause in TREATMENTS:
        return TREATMENTS[cause]
    status = int(cause)
    if 300 <= status < 400:
        return Treatment(
            PermanentFeedError,
            Heading.ANSWERED_3XX,
            "redirects are not followed, so that the token goes to the configured origin only: "
            "set `feed.url` to the address it points to if that is Planstone's",
        )
    if status >= 500:
        return _TROUBLE
    return Treatment(
        PermanentFeedError, Heading.OTHER_ANSWER, "the feed's contract names no such answer: ask Planstone"
    )


def failure(cause: int | Fault, what: str, **names: object) -> FeedError:
    """The error that a fault becomes: what happened, and what to do. `names` fill in the treatment's remedy."""
    treatment = treatment_of(cause)
    error = treatment.family(f"{what}; {treatment.remedy.format(**names)}")
    error.heading = treatment.heading
    return error
