"""The name of the table that is made of a method of the feed.

Belongs here: what the settings, which refuse two names for one table, and the tables must agree on. Which names a
method may have is the matter of the settings. Pure.
"""

import re

_BETWEEN = re.compile(r"[^a-z0-9]+")


def table_of_method(method: str) -> str:
    """The name of its table, folder and asset: lower-case letters, digits and single underscores.

    `ePosters` is `eposters`, `Session-Files` is `session_files`: Dagster, a disk, an address and SQL take it as it is,
    and those that ignore letter case see no two names in it.
    """
    return _BETWEEN.sub("_", method.lower())
