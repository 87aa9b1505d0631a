"""The ways in which a table cannot be read or written. What the disk refuses is an OSError instead.

StoreError
+-- NotStoredError       nothing is stored
+-- OtherSchemaError     other columns or types than are asked for
+-- ReplacedError        another file than the one that is asked for
+-- UnreadableFileError  a file that is no readable Parquet file
+-- LockedError          another process writes the same tables
+-- SupersededError      another writer was faster

What an object store refuses is an ObjectStoreError, which is an OSError.
"""

from planion_assets.guide import GuidedError, Heading


class StoreError(GuidedError):
    """A table could not be read or written. The message is one line for a person, with the remedy."""

    topic = Heading.OTHER_CODE


class NotStoredError(StoreError):
    """Nothing is stored for that table and conference: not the same as an empty table."""

    topic = Heading.NOT_STORED


class OtherSchemaError(StoreError):
    """The stored table has other columns or types than are asked for."""


class ReplacedError(StoreError):
    """The stored table is not the one that is asked for: somebody has written another since."""

    topic = Heading.TWO_REFRESHES


class UnreadableFileError(StoreError):
    """There is a file, and it is not a readable Parquet file."""

    topic = Heading.DAMAGED


class LockedError(StoreError):
    """Another process writes the same tables of the same conference."""

    topic = Heading.TWO_REFRESHES


class SupersededError(StoreError):
    """Another writer of the same conference was faster: what this one read of the store is out of date."""

    topic = Heading.TWO_REFRESHES


class ObjectStoreError(OSError):
    """An object store refused a request: what and why, in one line for a person, and apart from it the `remedy`.

    `topic` is where to read on.
    """

    def __init__(self, problem: str, remedy: str, topic: Heading = Heading.BUCKET_ERROR) -> None:
        super().__init__(problem)
        self.remedy = remedy
        self.topic = topic
