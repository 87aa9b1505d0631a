"""The ways in which a table cannot be read or written. What a disk or an object store refuses is an OSError instead."""

from planion_assets.guide import GuidedError, Heading
from planion_assets.keys import ConferenceKey


class StoreError(GuidedError):
    """A table could not be read or written. The message is one line for a person, with the remedy."""

    heading = Heading.OTHER_CODE


class NotStoredError(StoreError):
    """Nothing is stored for that table and conference: not the same as an empty table."""

    heading = Heading.NOT_STORED


class OtherSchemaError(StoreError):
    """The stored table has other columns or types than are asked for."""


class ReplacedError(StoreError):
    """The stored table is not the one that is asked for: somebody has written another since."""

    heading = Heading.TWO_REFRESHES


class UnreadableFileError(StoreError):
    """There is a file, and it is not a readable Parquet file."""

    heading = Heading.DAMAGED


class LockedError(StoreError):
    """Another process writes the same tables of the same conference."""

    heading = Heading.TWO_REFRESHES


class SupersededError(StoreError):
    """Another writer of the same conference was faster: what this one read of the store is out of date."""

    heading = Heading.TWO_REFRESHES


def overtaken(key: ConferenceKey) -> SupersededError:
    """The error of a refresh that has begun again as often as it may."""
    return SupersededError(f"another refresh of {key} was faster each time; let it end, then refresh again")


class ObjectStoreError(OSError):
    """An object store refused a request: what and why, in one line for a person, and apart from it the `remedy`.

    `heading` is where to read on.
    """

    def __init__(self, problem: str, remedy: str, heading: Heading = Heading.BUCKET_ERROR) -> None:
        super().__init__(problem)
        self.remedy = remedy
        self.heading = heading
