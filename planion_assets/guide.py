"""The headings of docs/how-to/monday-morning.md, one for each kind of failure, and how a message names its heading.

`planion explain` prints what is below a heading. The words of a message are where the failure is found.
"""

from enum import StrEnum

_LEAD = "; see `planion explain "


class Heading(StrEnum):
    """A kind of failure: the anchor of its heading on the page."""

    ANSWERED_400 = "answered-400"
    ANSWERED_401 = "answered-401"
    ANSWERED_403 = "answered-403"
    ANSWERED_404 = "answered-404"
    ANSWERED_410 = "answered-410"
    ANSWERED_429 = "answered-429"
    ANSWERED_3XX = "answered-3xx"
    ANSWERED_5XX = "answered-5xx"
    OTHER_ANSWER = "any-other-answer"
    NO_CONNECTION = "no-connection"
    CERTIFICATE = "certificate-not-trusted"
    PROXY = "proxy"
    BROKEN_ANSWER = "broken-answer"
    TOO_LARGE = "too-large"
    OFF_CONTRACT = "off-contract"
    EDITED = "edited-while-read"
    OUT_OF_TIME = "out-of-time"
    SHRUNK = "refused-shrink"

    LOST_SETTINGS = "lost-planionyaml"
    BROKEN_SETTINGS = "broken-planionyaml"
    MISSING_TOKEN = "missing-token"  # noqa: S105 - a heading
    NOT_CONFIGURED = "not-configured"
    OTHER_FEED = "data-folder-of-another-feed"
    WEBHOOK = "webhook"
    ARGUMENTS = "arguments"

    DISK_FULL = "full-disk"
    FILE_SIZE = "file-too-large"
    NO_RIGHT = "no-right-to-write"
    READ_ONLY = "read-only-disk"
    DISK_ERROR = "disk-error"
    IN_THE_WAY = "something-in-the-way"
    NO_LOCKS = "no-locks"
    MISSING_FOLDER = "missing-folder"
    LONG_PATH = "path-too-long"
    OPEN_FILES = "too-many-open-files"
    OTHER_REFUSAL = "another-refusal-of-the-disk"

    BUCKET_MISSING = "no-such-bucket"
    BUCKET_CREDENTIALS = "bucket-without-credentials"
    BUCKET_BUSY = "busy-bucket"
    BUCKET_REFUSED = "credentials-refused"
    BUCKET_CLOCK = "clock-too-far-off"
    BUCKET_RIGHTS = "no-right-in-the-bucket"
    BUCKET_FULL = "full-bucket"
    BUCKET_ADDRESS = "address-of-the-bucket"
    BUCKET_UNREACHABLE = "bucket-not-reached"
    BUCKET_UNFIT = "store-without-conditions"
    BUCKET_ERROR = "error-of-the-bucket"

    TWO_REFRESHES = "two-refreshes"
    DAMAGED = "damaged-file"
    NOT_STORED = "nothing-stored"
    OTHER_CODE = "made-by-other-code"
    UNKNOWN_STATE = "no-state-as-of-that-day"

    STALE = "stale-content"
    IN_THE_FUTURE = "update-in-the-future"
    NO_TIMESTAMPS = "no-timestamps"
    NO_SESSIONS = "no-sessions"
    NOT_READ = "nothing-is-read"
    REJECTED = "rejected-or-unreadable"
    NO_SPEAKERS = "no-speakers"

    INSTANCE = "dagster-instance"
    DAGSTER_STORAGE = "dagster-storage"
    UNEXPECTED = "unexpected"


def see(text: str, heading: Heading) -> str:
    """A message that ends in where to read on; one that names a heading already stays as it is."""
    return text if _LEAD in text else f"{text}{_LEAD}{heading}`"


def without_see(text: str) -> str:
    """A message without that end, to be a part of another."""
    return text.partition(_LEAD)[0]


def unexpected(error: Exception) -> str:
    """The message of an error that no code expects; the caller logs the traceback."""
    said = f"unexpected {type(error).__name__}: {error}; the log has the traceback, report it"
    return see(said, Heading.UNEXPECTED)


class GuidedError(Exception):
    """An error whose text ends in where to read on; `message` is the text before that."""

    heading: Heading = Heading.UNEXPECTED

    @property
    def message(self) -> str:
        """What is wrong and what to do, in one line for a person."""
        return super().__str__()

    def __str__(self) -> str:
        return see(self.message, self.heading)
