"""What an object store refuses, in one line for a person: the table of reasons and their remedies.

Only the text of obstore's errors, with the status and code of the answer, says whether a bucket or an object is
missing, or whether a token is wrong or has expired. It is never passed on whole: an address may hold a signature.
"""

import contextlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from planion_assets.guide import Heading
from planion_assets.storage.errors import ObjectStoreError

_STATUS = re.compile(r"non-2xx status code: (\d{3})")
_CODE = re.compile(r"<Code>\s*(\w+)\s*</Code>|\(code: (\w+)\)|\"(?:reason|code)\": *\"(\w+)\"")
_QUERY_OR_MARKUP = re.compile(r"\?[^\s'\"]+|<[^<>]*>")
_WORDS = 200  # characters of a reason that this table does not know


class ConditionFailedError(Exception):
    """An object is not the one that a write was to replace, or is there already. Nothing was written."""


@dataclass(frozen=True, slots=True)
class _Reason:
    """How to know a reason by an answer's status, its code or its text, and what to say."""

    text: str
    remedy: str
    heading: Heading
    codes: Collection[str] = ()
    statuses: Collection[str] = ()
    words: tuple[str, ...] = ()

    def fits(self, status: str, code: str, words: str) -> bool:
        known = code in self.codes or any(one in words for one in self.words)
        return known or (not code and status in self.statuses)


_NO_BUCKET = _Reason(
    "there is no such bucket or container",
    "make it, or correct `data`",
    Heading.BUCKET_MISSING,
    {"NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted"},
    words=("The specified bucket does not exist",),
)
_REASONS = (
    _NO_BUCKET,
    _Reason(
        "no credentials were found",
        "give this process credentials (environment, profile or workload identity)",
        Heading.BUCKET_CREDENTIALS,
        words=("latest/api/token", "metadata/identity", "computeMetadata", "Missing credentials", "MissingAccount"),
    ),
    _Reason(
        "it asks for fewer requests, also after waiting and asking again",
        "let other programs that use it end",
        Heading.BUCKET_BUSY,
        {"SlowDown", "ServiceUnavailable", "ServerBusy", "TooManyRequests", "RequestLimitExceeded"},
        {"429", "503"},
    ),
    _Reason(
        "the credentials have expired",
        "renew them (a session token, a profile's log-in, a workload's identity)",
        Heading.BUCKET_REFUSED,
        {"ExpiredToken", "TokenRefreshRequired", "RequestExpired", "InvalidToken"},
    ),
    _Reason(
        "it does not accept the credentials",
        "correct the credentials of this process (environment, profile or workload identity)",
        Heading.BUCKET_REFUSED,
        {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthenticationFailed", "InvalidAuthenticationInfo"},
        {"401"},
        ("lacked valid authentication",),
    ),
    _Reason(
        "this machine's clock differs too much from its own",
        "set the clock",
        Heading.BUCKET_CLOCK,
        {"RequestTimeTooSkewed"},
    ),
    _Reason(
        "the credentials give no right to {verb} there",
        "give them the right to read, write, list and delete objects below that address",
        Heading.BUCKET_RIGHTS,
        {
            "AccessDenied",
            "AuthorizationPermissionMismatch",
            "AuthorizationFailure",
            "InsufficientAccountPermissions",
        },
        {"403"},
        ("lacked the necessary privileges",),
    ),
    _Reason(
        "there is no room",
        "make room in the object store",
        Heading.BUCKET_FULL,
        {"QuotaExceeded", "InsufficientStorage", "StorageFull", "XMinioStorageFull"},
        {"507"},
    ),
    _Reason(
        "the bucket is in another region",
        "correct its region in the settings",
        Heading.BUCKET_ADDRESS,
        {"PermanentRedirect", "AuthorizationHeaderMalformed"},
        words=("redirect without LOCATION",),
    ),
    _Reason(
        "its endpoint begins with http://, and what is sent there would not be encrypted",
        "write https://, or set storage.allow_http",
        Heading.BUCKET_ADDRESS,
        words=("HTTP error: builder error",),
    ),
    _Reason(
        "it cannot be reached",
        "look at the network and at the endpoint in the settings",
        Heading.BUCKET_UNREACHABLE,
        words=("error sending request", "error trying to connect", "dns error", "operation timed out", "timed out"),
    ),
    _Reason(
        "it does not do what is asked of it",
        "use a store that honours conditional writes (If-Match, If-None-Match)",
        Heading.BUCKET_UNFIT,
        {"NotImplemented"},
        {"501"},
    ),
    _Reason(
        "it has an error of its own",
        "look at its state",
        Heading.BUCKET_ERROR,
        {"InternalError"},
        {"500", "502", "504"},
    ),
)


@contextlib.contextmanager
def translated(address: str, verb: str) -> Iterator[None]:
    """Raise what obstore raises in the body as FileNotFoundError, `ObjectStoreError` or `ConditionFailedError`.

    `verb` says for the message what was to be done at the address: read, write, list, delete.
    """
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        words = str(error).partition("Debug source")[0]
        status, code = _status(words), _code(words)
        absent = isinstance(error, FileNotFoundError) and not _NO_BUCKET.fits("", code, words)
        if absent:
            raise FileNotFoundError(2, "no such object", address) from None
        conditional = isinstance(error, PreconditionError | AlreadyExistsError)
        if conditional and not _NO_BUCKET.fits("", code, words):
            raise ConditionFailedError(address) from None
        raise _refusal(address, verb, status, code, words) from None


def _refusal(address: str, verb: str, status: str, code: str, words: str) -> ObjectStoreError:
    said = f" ({' '.join(part for part in (status, code) if part)})" if status or code else ""
    for reason in _REASONS:
        if reason.fits(status, code, words):
            problem = f"the object store refused to {verb} {address}: {reason.text.format(verb=verb)}{said}"
            return ObjectStoreError(problem, reason.remedy, reason.heading)
    plain = " ".join(_QUERY_OR_MARKUP.sub(" ", words).split())[:_WORDS]
    return ObjectStoreError(f"the object store refused to {verb} {address}{said}: {plain}", "look at its state")


def _status(words: str) -> str:
    found = _STATUS.search(words)
    return found[1] if found else ""


def _code(words: str) -> str:
    found = _CODE.search(words)
    return next(filter(None, found.groups()), "") if found else ""
