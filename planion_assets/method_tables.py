"""The name of the table of a method of the feed. The settings, which refuse two names for one table, use it too."""

import re

_BETWEEN = re.compile(r"[^a-z0-9]+")


def table_of_method(method: str) -> str:
    """The name of its table, folder and asset: lower-case letters, digits and single underscores.

    `ePosters` is `eposters`, `Session-Files` is `session_files`: Dagster, disks, addresses and SQL take such a name,
    also those that ignore letter case.
    """
    return _BETWEEN.sub("_", method.lower())
